/** Fills a manifest template with the answers, value by value, so that its comments stay. */
import { Fault } from '../../domain/fault.js';
import type { Json } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { SCHEMA_FILE } from '../manifest.js';
import type { Answers } from './questions.js';

export const MODELINE = `# yaml-language-server: $schema=./${SCHEMA_FILE}`;

export interface Filling {
  readonly answers: Answers;
  readonly organisationDid: string;
  readonly operatorDid: string;
  readonly build: { readonly files: readonly string[]; readonly prompts: readonly string[] };
  readonly alreadyInProduction: boolean;
}

export async function fillTemplate(world: Pick<World, 'files' | 'yaml' | 'random' | 'surroundings'>, filling: Filling): Promise<string> {
  const { answers, build } = filling;
  let text = await world.files.readText(`${world.surroundings.home}/templates/agent.${answers.stakes}.yaml`);
  const edits: readonly (readonly [pointer: string, value: Json])[] = [
    ['/metadata/id', uuid(world.random.bytes(16))],
    ['/metadata/name', answers.name],
    ['/metadata/description', answers.description],
    ['/path', filling.alreadyInProduction ? 'already-in-production' : 'standard'],
    ['/owner/organisation/name', answers.organisation],
    ['/owner/organisation/did', filling.organisationDid],
    ['/owner/operators/0/id', answers.operator],
    ['/owner/operators/0/name', answers.operatorName],
    ['/owner/operators/0/did', filling.operatorDid],
    ['/owner/operators/0/roles', answers.roles],
    ['/build/files', build.files],
    ...(build.prompts.length > 0 ? [['/build/prompts', build.prompts] as const] : []),
    ['/target/command', commandWords(answers.command)],
    ...(answers.stakes === 'low' ? [] : [['/trust/card/provider/organisation', answers.organisation] as const]),
    ...moneyEdits(answers),
  ];
  for (const [pointer, value] of edits) text = await world.yaml.edit(text, pointer, value);
  // The blank line keeps the modeline apart from the first key, or deleting that key would delete it too.
  return `${MODELINE}\n\n${text}`;
}

/** The template for high stakes can pay, the others cannot: only a different answer needs an edit. */
function moneyEdits({ stakes, money }: Answers): readonly (readonly [string, Json])[] {
  if (money === (stakes === 'high')) return [];
  return money
    ? [
        ['/capabilities/0/permissions', ['task:read', 'task:write', 'payments:create']],
        ['/capabilities/0/amounts', [{ tool: 'submit_result', path: '/amount', currency: 'USD' }]],
        ['/limits/perTransaction', '100.00'],
        ['/limits/perDay', '500.00'],
        ['/triggers/materiality', { above: '50.00' }],
      ]
    : [
        ['/capabilities/0/permissions', ['task:read', 'task:write']],
        ['/capabilities/0/amounts', []],
        ['/limits/perTransaction', '0'],
        ['/limits/perDay', '0'],
      ];
}

const WORD = /(?:"[^"]*"|'[^']*'|[^\s"'])+/g;
const QUOTED = /"([^"]*)"|'([^']*)'/g;

/**
 * Splits a command at spaces; quotes keep words together. No shell: nothing is expanded.
 * @throws {Fault} INPUT_INVALID for a quote that is never closed
 */
export function commandWords(command: string): readonly string[] {
  const words = command.match(WORD) ?? [];
  if (words.length === 0 || /["']/.test(command.replace(QUOTED, ''))) {
    throw new Fault('INPUT_INVALID', `cannot read the command ${JSON.stringify(command)}`, { at: 'command', hint: 'write it as in a shell, such as node agent.js --config "my file.json"' });
  }
  return words.map((word) => word.replace(QUOTED, (_all, double: string | undefined, single: string | undefined) => double ?? single ?? ''));
}

/** A random UUID (RFC 9562, version 4). */
function uuid(bytes: Uint8Array): string {
  const fixed = bytes.map((byte, index) => (index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte));
  const hex = Array.from(fixed, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
