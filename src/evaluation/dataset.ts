/** Cases of a data set: the strict JSON Lines reader, the order they are asked in, and requests that give nothing away. */
import { canonical } from '../domain/canonical.js';
import { sha256Hex } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import { atPointer } from '../domain/pointer.js';
import type { TargetRequest } from '../domain/ports.js';
import { takesTurns, type TargetKind } from '../domain/target.js';

/** One question with its reference answer. `id` is the SHA-256 of the canonical JSON (RFC 8785) of input, reference and turns, in hex, where the line names none. `group` is a family of near duplicates: split key and cluster at once. */
export interface Case {
  readonly id: string;
  readonly input: Json;
  /** What the user says next, one turn each time that the agent asks back. */
  readonly turns?: readonly Json[];
  readonly expected: JsonObject;
  readonly group?: string;
  readonly tags: readonly string[];
}

/** Longest line that is read, in bytes. */
export const MAX_LINE = 1024 * 1024;
/** More turns than any conversation that is still about one question. */
const MOST_TURNS = 100;

/** Members of a case: what each holds, and one that is right. */
export const CASE_MEMBERS = {
  id: { holds: 'name of the case, unique in the data set; made from what it asks and expects unless given', example: '1' },
  input: { holds: 'what is asked, any JSON', example: 'book a table' },
  turns: { holds: 'what is said next, one each time that the agent asks back; one that it never asks for is not said', example: ['for two', 'at noon'] },
  expected: { holds: 'the reference, an object', example: { decision: 'keep' } },
  group: { holds: 'family of near duplicates, which stay together and count as one cluster', example: 'g-1' },
  tags: { holds: 'list of texts by which results are broken down', example: ['hard'] },
} as const satisfies Readonly<Record<string, { readonly holds: string; readonly example: Json }>>;

export interface CaseSource {
  /** What to call the file in an error. */
  readonly file: string;
  /** JSON Pointer into `expected` that must lead to the reference label. */
  readonly pointer?: string;
  /** Kind of the target that is to be asked: one that cannot be given further turns is given none of such a case. */
  readonly kind?: TargetKind;
}

/** Lines of a file, without their line feeds; the line feed at the end of the file opens no further line. */
export function* linesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}

/**
 * Reads cases line by line, holding one line and the ids seen.
 * @throws {Fault} DATASET_INVALID at `file:line`: broken JSON, invalid UTF-8, over-long line, unknown key, duplicate id, missing reference, no case
 */
export async function* readCases(lines: AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>, source: CaseSource): AsyncGenerator<Case> {
  const seen = new Map<string, number>();
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const at = `${source.file}:${number}`;
    const one = readCase(line, at, source);
    const earlier = seen.get(one.id);
    if (earlier !== undefined) throw invalid(`the case id ${JSON.stringify(one.id)} stands on line ${earlier} already`, at);
    seen.set(one.id, number);
    yield one;
  }
  if (number === 0) throw invalid('the data set has no case', source.file);
}

/**
 * One line of a data set as a case.
 * @param at what to call the line in an error, such as `held-out.jsonl:12`
 * @throws {Fault} DATASET_INVALID
 */
export function readCase(line: string | Uint8Array, at: string, { pointer, kind }: Omit<CaseSource, 'file'> = {}): Case {
  const one = caseOf(parsed(textOf(line, at), at), at, pointer);
  if (one.turns === undefined || kind === undefined || takesTurns(kind)) return one;
  throw new Fault('DATASET_INVALID', `the case has further turns, and an agent of kind ${kind} can be given none`, { at, hint: 'leave out "turns", or see which agents can: agentctl explain target' });
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(line: string | Uint8Array, at: string): string {
  const size = typeof line === 'string' ? Buffer.byteLength(line) : line.length;
  if (size > MAX_LINE) throw invalid(`the line has ${size} bytes, more than ${MAX_LINE}`, at);
  if (typeof line === 'string') return line;
  try {
    return UTF8.decode(line);
  } catch (cause) {
    throw new Fault('DATASET_INVALID', 'the line is not UTF-8', { at, cause });
  }
}

function parsed(text: string, at: string): JsonObject {
  if (text.startsWith('\ufeff')) throw invalid('the file begins with a byte order mark: save it as UTF-8 without one', at);
  if (text.trim() === '') throw invalid('the line is empty', at);
  try {
    const value = parseJson(text, at);
    if (isObject(value)) return value;
  } catch (cause) {
    throw new Fault('DATASET_INVALID', `the line is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { at, cause });
  }
  throw invalid('a case must be a JSON object', at);
}

function caseOf(raw: JsonObject, at: string, pointer: string | undefined): Case {
  const { input, turns, expected, group, tags } = raw;
  const unknown = Object.keys(raw).find((key) => !Object.hasOwn(CASE_MEMBERS, key));
  if (unknown !== undefined) throw invalid(`unknown key ${JSON.stringify(unknown)}: a case has ${Object.keys(CASE_MEMBERS).join(', ')}`, at);
  if (input === undefined) throw invalid('"input" is missing', at);
  if (!isObject(expected)) throw invalid('the reference "expected" is missing or no object', at);
  if (turns !== undefined && !areTurns(turns)) throw invalid(`"turns" must be a list of 1 to ${MOST_TURNS} values`, at);
  const further = turns === undefined ? {} : { turns };
  const { id = sha256Hex(canonical({ expected, input, ...further })) } = raw;
  if (typeof id !== 'string' || id === '' || id.length > 200) throw invalid('"id" must be a text of 1 to 200 characters', at);
  if (pointer !== undefined && labelAt(expected, pointer) === undefined) throw invalid(`the reference has no label at ${pointer}`, at);
  if (group !== undefined && (typeof group !== 'string' || group === '')) throw invalid('"group" must be a text', at);
  if (tags !== undefined && !isTexts(tags)) throw invalid('"tags" must be a list of texts', at);
  return { id, input, ...further, expected, tags: tags ?? [], ...(group === undefined ? {} : { group }) };
}

function areTurns(value: Json): value is readonly Json[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= MOST_TURNS;
}

function isTexts(value: Json): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function invalid(message: string, at: string): Fault {
  return new Fault('DATASET_INVALID', message, { at });
}

/** The label at the pointer: text as it is, a number or boolean as JSON writes it; anything else is no label. */
export function labelAt(value: Json, pointer: string): string | undefined {
  const found = atPointer(value, pointer);
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'boolean' ? JSON.stringify(found) : undefined;
}

/** Place of a case in the order in which `run` asks: fixed for the run, and unrelated to the order of the file, which often follows the labels. 48 bits. */
export function placeInRun(id: string, run: string): number {
  return Number.parseInt(sha256Hex(`${run}\u0000order\u0000${id}`).slice(0, 12), 16);
}

/**
 * The request for one asking of a case: an opaque id, the input and the further turns. Never the case's own id, group, tags, path or reference,
 * which could tell the answer.
 * @param repeat from 0; every repeat has an id of its own, so that no cache takes it for the same question
 */
export function requestOf(one: Case, run: string, repeat = 0): TargetRequest {
  const suffix = repeat === 0 ? '' : `\u0000${repeat}`;
  return { id: `case-${sha256Hex(`${run}\u0000request\u0000${one.id}${suffix}`).slice(0, 16)}`, input: one.input, ...(one.turns === undefined ? {} : { turns: one.turns }) };
}
