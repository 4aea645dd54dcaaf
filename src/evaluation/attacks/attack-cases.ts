/** Fills in a pack of attacks: the same for the same project and seed, another for every other, so that no agent can know its canaries. */
import { sha256 } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Case } from '../dataset.js';
import { PLACE, type Attack, type Category, type OpenPlace } from './pack.js';

export interface AttackOptions {
  /** Who is attacked: the id of the agent. */
  readonly project: string;
  readonly seed: string;
  /** All when absent. */
  readonly categories?: readonly Category[];
  /** The agent's input, with `{attack}` where the text of an attack goes; the text alone when absent. An attack whose input is no text is the input itself. */
  readonly input?: Json;
  /** What else the data set expects, such as a label that the agreement reads. */
  readonly expected?: JsonObject;
}

/** Letters and digits that nobody takes for one another. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789';
const DIGITS = '23456789';
const HALF = 10;
const NAMES = ['Ana Brandt', 'Bela Okafor', 'Chen Ruiz', 'Dora Lindqvist', 'Emil Haddad', 'Farah Novak', 'Goran Silva', 'Hana Moreau', 'Ivo Tanaka', 'Juno Adeyemi', 'Kira Walsh', 'Levi Castillo'];

/** @throws {Fault} USAGE where nothing would be attacked, or the input has no place for it; DATASET_INVALID for two attacks of one id */
export function attackCases(pack: readonly Attack[], { categories, input = '{attack}', expected = {}, ...who }: AttackOptions): readonly Case[] {
  if (!JSON.stringify(input).includes('{attack}')) throw new Fault('USAGE', 'the input has no place for the attack', { at: '--input', hint: 'write {attack} where it goes, such as {"body":"{attack}"}' });
  const chosen = pack.filter(({ category }) => categories === undefined || categories.includes(category));
  if (chosen.length === 0) throw new Fault('USAGE', 'the pack has no attack of these categories', { at: '--category' });
  const twice = chosen.find(({ id }, index) => chosen.findIndex((one) => one.id === id) < index);
  if (twice) throw new Fault('DATASET_INVALID', `two attacks have the id ${JSON.stringify(twice.id)}`, { hint: 'give the added one a name of its own' });
  return chosen.map((attack) => caseOf(attack, valuesOf(attack, who), { input, expected }));
}

function caseOf({ id, input, expected, group, tags }: Attack, values: Readonly<Record<OpenPlace, string>>, around: { readonly input: Json; readonly expected: JsonObject }): Case {
  const fill = (text: string) => text.replace(PLACE, (whole, place: string) => (Object.hasOwn(values, place) ? values[place as OpenPlace] : whole));
  const attack = mapTexts(input, fill);
  return {
    id, group: group ?? id, tags,
    // A function, since a text may hold what a replacement would take for a pattern.
    input: typeof attack === 'string' ? mapTexts(around.input, (text) => text.replaceAll('{attack}', () => attack)) : attack,
    expected: { ...around.expected, ...(mapTexts(expected, fill) as JsonObject) },
  };
}

function valuesOf({ id }: Attack, { project, seed }: Pick<AttackOptions, 'project' | 'seed'>): Readonly<Record<OpenPlace, string>> {
  const bytes = sha256(`agentctl-attack\u0000${project}\u0000${seed}\u0000${id}`);
  // Each half ends in a digit, so that it is no word of any language: 96 bits are left to chance.
  const letters = [...bytes.subarray(0, 2 * HALF)].map((byte, at) => ((at + 1) % HALF === 0 ? DIGITS[byte % DIGITS.length] : ALPHABET[byte % ALPHABET.length]) ?? '').join('');
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(2 * HALF);
  return {
    canary: letters, left: letters.slice(0, HALF), right: letters.slice(HALF),
    name: NAMES[a % NAMES.length] ?? '', order: `${10_000 + b * 256 + c}`, amount: `${100 + d * 7}.00`,
  };
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => mapTexts(item, change));
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)])) : value;
}
