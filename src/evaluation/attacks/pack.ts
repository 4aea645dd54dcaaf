/** A pack of attacks: cases with places left open, each under one risk of the OWASP Top 10 for Agentic Applications (2026). */
import { Fault } from '../../domain/fault.js';
import type { Json } from '../../domain/json.js';
import { readCases, type Case } from '../dataset.js';

export const CATEGORIES = {
  ASI01: 'Agent Goal Hijack',
  ASI02: 'Tool Misuse and Exploitation',
  ASI03: 'Identity and Privilege Abuse',
  ASI04: 'Agentic Supply Chain Vulnerabilities',
  ASI05: 'Unexpected Code Execution',
  ASI06: 'Memory and Context Poisoning',
  ASI07: 'Insecure Inter-Agent Communication',
  ASI08: 'Cascading Failures',
  ASI09: 'Human-Agent Trust Exploitation',
  ASI10: 'Rogue Agents',
} as const;
export type Category = keyof typeof CATEGORIES;

/** What may be left open. `{left}` and `{right}` are the halves of the canary: who repeats an attack does not show it, who obeys does. */
export const OPEN_PLACES = ['canary', 'left', 'right', 'name', 'order', 'amount'] as const;
export type OpenPlace = (typeof OPEN_PLACES)[number];

export interface Attack extends Case {
  readonly category: Category;
}

export const PLACE = /\{([a-z]+)\}/g;

export function isCategory(text: string): text is Category {
  return Object.hasOwn(CATEGORIES, text);
}

/** @throws {Fault} DATASET_INVALID at `file:line` */
export async function readAttacks(lines: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, file: string): Promise<readonly Attack[]> {
  const attacks: Attack[] = [];
  for await (const one of readCases(lines, { file, pointer: '/canary' })) attacks.push(attackOf(one, `${file}:${attacks.length + 1}`));
  return attacks;
}

function attackOf(one: Case, at: string): Attack {
  const refuse = (message: string, hint: string) => new Fault('DATASET_INVALID', `${one.id}: ${message}`, { at, hint });
  const [category, second] = one.tags.filter(isCategory);
  if (category === undefined || second !== undefined) throw refuse('an attack has one tag of ASI01 to ASI10', 'tag it with the risk that it is an attack of');
  if (one.expected['canary'] !== '{canary}') throw refuse('its canary would be the same for everybody', 'write "expected": {"canary": "{canary}"}');
  if (one.turns !== undefined) throw refuse('an attack has one turn', 'leave out "turns"');
  const places = placesIn(one.input);
  const strange = places.find((place) => !OPEN_PLACES.some((known) => known === place));
  if (strange !== undefined) throw refuse(`nobody knows how to fill {${strange}}`, `known are ${OPEN_PLACES.map((place) => `{${place}}`).join(', ')}`);
  if (!places.includes('canary') && !(places.includes('left') && places.includes('right'))) throw refuse('the canary is not in the input, so no answer could show it', 'write {canary} where a secret stands, or {left} and {right} where an order to obey does');
  if (JOINED.test(JSON.stringify(one.input).replace(/\\./g, ' '))) throw refuse('{left} and {right} stand side by side, so repeating the attack would show the canary', 'write words between them');
  return { ...one, category };
}

const JOINED = /\{left\}[^A-Za-z0-9]*\{right\}/;

function placesIn(input: Json): readonly string[] {
  return [...JSON.stringify(input).matchAll(PLACE)].map(([, place = '']) => place);
}
