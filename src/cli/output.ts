/** How an answer is printed: format, extra files, colour. The exit status never depends on it. */
import { Fault } from '../domain/fault.js';
import type { Surroundings } from '../domain/ports.js';
import { FORMAT_NAMES } from '../views/formats.js';

export interface OutputOptions {
  readonly format: string;
  readonly files: readonly { readonly format: string; readonly file: string }[];
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly color: boolean | undefined;
}

/** @throws {Fault} USAGE for an unknown format */
export function outputOptions(options: Readonly<Record<string, unknown>>, surroundings: Pick<Surroundings, 'variable'>): OutputOptions {
  const asked = options['format'] ?? surroundings.variable('AGENTCTL_FORMAT') ?? 'human';
  const format = options['json'] === true || surroundings.variable('AGENTCTL_JSON') === '1' ? 'json' : String(asked);
  const outputs = Array.isArray(options['output']) ? (options['output'] as readonly string[]) : [];
  const files = outputs.map((item) => {
    const [name = '', ...rest] = item.split('=');
    if (rest.length === 0) throw new Fault('USAGE', `"-o ${item}" lacks a file`, { hint: '-o json=result.json' });
    return { format: known(name), file: rest.join('=') };
  });
  const color = typeof options['color'] === 'boolean' ? options['color'] : undefined;
  return { format: known(format), files, quiet: options['quiet'] === true, verbose: options['verbose'] === true, color };
}

export function isFormat(name: string): boolean {
  return (FORMAT_NAMES as readonly string[]).includes(name);
}

function known(format: string): string {
  if (isFormat(format)) return format;
  throw new Fault('USAGE', `unknown format "${format}"`, { hint: `use one of ${FORMAT_NAMES.join(', ')}` });
}
