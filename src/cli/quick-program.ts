/** Reads `agentctl status` with its everyday flags, without the command tree: that, and every step behind it, would take longer to load than the answer to find. */
import type { World } from '../domain/ports.js';
import { keptStatus } from '../engine/kept-status.js';
import { askedOf, type Asked } from './ask.js';

/** Words as the command tree reads them: the option that each one sets, and to what. */
const SWITCHES: Readonly<Record<string, readonly [option: string, value: boolean]>> = {
  '--json': ['json', true],
  '-y': ['yes', true], '--yes': ['yes', true],
  '--no-input': ['input', false],
  '-q': ['quiet', true], '--quiet': ['quiet', true],
  '-v': ['verbose', true], '--verbose': ['verbose', true],
  '--color': ['color', true], '--no-color': ['color', false],
};
const VALUES: Readonly<Record<string, string>> = { '--format': 'format', '--manifest': 'manifest', '--store': 'store' };

/** @returns undefined when the command tree has to read it: another command, a question for help, an unusual spelling, or a mistake to be told */
export function parseQuick(argv: readonly string[], { surroundings }: Pick<World, 'surroundings'>): Asked | undefined {
  const options = argv[0] === 'status' ? optionsOf(argv.slice(1)) : undefined;
  return options && askedOf(options, surroundings, async (world, flags) => (await import('./program.js')).status(world, flags), keptStatus);
}

function optionsOf(words: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  const options: Record<string, string | boolean> = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [option, value] = SWITCHES[word] ?? [VALUES[word], words[(index += 1)]];
    if (option === undefined || value === undefined || (typeof value === 'string' && value.startsWith('-'))) return undefined;
    options[option] = value;
  }
  return options;
}
