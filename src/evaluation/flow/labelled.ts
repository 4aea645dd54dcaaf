/** Answers that people have labelled, for the calibration of a judge: JSON Lines of `{ id, input, output, expected?, label }`. */
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { isObject, parseJson, type Json } from '../../domain/json.js';
import type { Files } from '../../domain/ports.js';
import { linesOf, MAX_LINE, type Case } from '../dataset.js';
import type { ScorerSpec } from '../scorers/spec.js';
import { ruleOf } from '../scorers/voting-rule.js';

export interface Labelled {
  readonly case: Case;
  readonly output: Json;
  /** On the scale of the judge. */
  readonly label: string;
}

const KEYS: ReadonlySet<string> = new Set(['id', 'input', 'output', 'expected', 'label']);

/**
 * The labelled answers that a judge or jury declares.
 * @param folder of agent.yaml
 * @throws {Fault} IO for a file that is not there, DIGEST_MISMATCH for another one, DATASET_INVALID at `file:line`
 */
export async function readDeclaredLabels({ files, folder }: { readonly files: Pick<Files, 'read'>; readonly folder: string }, spec: ScorerSpec): Promise<readonly Labelled[]> {
  const { file = '', sha256 = '' } = spec.calibration ?? {};
  const bytes = await files.read(`${folder}/${file}`);
  const found = digestBytes(bytes);
  if (found !== sha256) throw new Fault('DIGEST_MISMATCH', `the labelled answers of scorer ${spec.id} are not the declared ones`, { at: file, hint: `write "${found}" if ${file} is the one you mean` });
  return [...readLabelled(linesOf(bytes), file, ruleOf(spec).scale)];
}

/** @throws {Fault} DATASET_INVALID at `file:line` */
export function* readLabelled(lines: Iterable<Uint8Array>, file: string, scale: readonly string[]): Generator<Labelled> {
  const seen = new Set<string>();
  let number = 0;
  for (const line of lines) {
    number += 1;
    const one = labelledOf(line, `${file}:${number}`, scale);
    if (seen.has(one.case.id)) throw invalid(`the id ${JSON.stringify(one.case.id)} stands in an earlier line already`, `${file}:${number}`);
    seen.add(one.case.id);
    yield one;
  }
}

function labelledOf(line: Uint8Array, at: string, scale: readonly string[]): Labelled {
  if (line.length > MAX_LINE) throw invalid(`the line has ${line.length} bytes, more than ${MAX_LINE}`, at);
  const value = read(line, at);
  if (!isObject(value)) throw invalid('a labelled answer must be a JSON object', at);
  const unknown = Object.keys(value).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw invalid(`unknown key ${JSON.stringify(unknown)}: a labelled answer has ${[...KEYS].join(', ')}`, at);
  const { id, input = null, output, expected = {}, label } = value;
  if (typeof id !== 'string' || id === '') throw invalid('"id" must be a text', at);
  if (output === undefined) throw invalid('"output" is missing', at);
  if (!isObject(expected)) throw invalid('"expected" must be an object', at);
  if (typeof label !== 'string' || !scale.includes(label)) throw invalid(`"label" must be one of ${scale.join(', ')}`, at);
  return { case: { id, input, expected, tags: [] }, output, label };
}

function read(line: Uint8Array, at: string): Json {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line), at);
  } catch (cause) {
    throw new Fault('DATASET_INVALID', `the line is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { at, cause });
  }
}

function invalid(message: string, at: string): Fault {
  return new Fault('DATASET_INVALID', message, { at });
}
