/** Reads logs of Inspect (version 2): the header and its samples, whether they come as one JSON text or out of an archive. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { countOf, idIn, listIn, millisecondsOf, numberIn, numberOf, objectIn, textIn, usageOf } from './fields.js';
import { clipped, MOST_ROWS, runOf, type ImportedRun } from './imported-run.js';
import { decided, type Mark, type MarkedRow, type MarkRule } from './marks.js';

/** The version of its logs that is read. */
export const INSPECT_VERSION = 2;

/** Takes samples one by one, keeping of each what a row needs; the header may come last, as it does in an archive. */
export class InspectReader {
  readonly #marked: MarkedRow[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param transcript where in the file the sample stands @throws {Fault} INPUT_INVALID */
  sample(value: Json, transcript: string): void {
    const at = `${this.#file}: ${transcript}`;
    if (!isObject(value)) throw new Fault('INPUT_INVALID', 'a sample must be a JSON object', { at });
    if (this.#marked.length >= MOST_ROWS) throw new Fault('INPUT_INVALID', `it has more than ${MOST_ROWS} samples`, { at });
    const id = idIn(value, 'id');
    const epoch = numberIn(value, 'epoch') ?? 1;
    if (id === null) throw new Fault('INPUT_INVALID', 'the sample has no id', { at });
    if (!Number.isSafeInteger(epoch) || epoch < 1) throw new Fault('INPUT_INVALID', `the epoch ${epoch} is no number from 1 on`, { at });
    const seconds = numberIn(value, 'total_time');
    this.#marked.push({
      at,
      row: { part: null, case: clipped(id), repeat: epoch - 1, milliseconds: millisecondsOf(seconds === null ? null : seconds * 1000), usage: usageIn(value), transcript },
      marks: new Map(Object.entries(objectIn(value, 'scores')).map(([name, score]) => [clipped(name), markOf(score)])),
      error: value['error'] === undefined || value['error'] === null ? null : 'sample-error',
    });
  }

  /** @throws {Fault} INPUT_INVALID for another version, a log without samples, or a sample that is there twice */
  run(header: JsonObject, rule: MarkRule): ImportedRun {
    if (header['version'] !== INSPECT_VERSION) throw new Fault('INPUT_INVALID', `the version of the log is ${JSON.stringify(header['version'] ?? null)}; ${INSPECT_VERSION} is read`, { at: this.#file, hint: 'inspect log convert --to json' });
    const run = objectIn(header, 'eval');
    const doubts = this.#shortcomings(header);
    const dataset = objectIn(run, 'dataset');
    const task = [textIn(run, 'task'), idIn(run, 'task_version')].filter((one) => one !== null).join(' ');
    return runOf({
      tool: 'inspect', version: textIn(objectIn(run, 'packages'), 'inspect_ai'), run: textIn(run, 'eval_id') ?? textIn(run, 'run_id'),
      created: textIn(run, 'created'), model: textIn(run, 'model'), dataset: textIn(dataset, 'name') ?? (task === '' ? null : task), complete: doubts.length === 0,
    }, decided(this.#marked, rule), this.#file, doubts);
  }

  /** Why this is not the whole of a good run. */
  #shortcomings(header: JsonObject): readonly string[] {
    const status = textIn(header, 'status') ?? 'not stated';
    const results = objectIn(header, 'results');
    const planned = countOf(numberIn(results, 'total_samples'));
    const completed = countOf(numberIn(results, 'completed_samples'));
    return [
      ...(status === 'success' ? [] : [`the status of the run is ${clipped(status)}`]),
      ...(header['invalidated'] === true ? ['the log was marked as invalid'] : []),
      ...(planned === null || planned === this.#marked.length ? [] : [`it says ${planned} samples, and holds ${this.#marked.length}`]),
      ...(planned === null || completed === null || planned === completed ? [] : [`${completed} of ${planned} samples were completed`]),
    ];
  }
}

/** @throws {Fault} INPUT_INVALID */
export function readInspect(log: JsonObject, file: string, rule: MarkRule): ImportedRun {
  const reader = new InspectReader(file);
  listIn(log, 'samples').forEach((sample, index) => reader.sample(sample, `samples[${index}]`));
  return reader.run(log, rule);
}

/** `P` is half right: a number, so that only a declared cut-off makes it a pass. */
const GRADES: Readonly<Record<string, Mark>> = {
  C: { is: 'pass', value: 1 }, I: { is: 'fail', value: 0 }, N: { is: 'fail', value: 0 }, P: { is: 'number', value: 0.5 },
  yes: { is: 'pass', value: 1 }, true: { is: 'pass', value: 1 }, no: { is: 'fail', value: 0 }, false: { is: 'fail', value: 0 },
};
const NAN: ReadonlySet<string> = new Set(['nan', 'infinity', '-infinity']);

/** A list or an object is several numbers at once, of which nobody said which one decides. */
function markOf(score: Json): Mark {
  const value = isObject(score) ? score['value'] : score;
  if (value === null || value === undefined) return { is: 'unscored', value: null };
  if (typeof value === 'boolean') return { is: value ? 'pass' : 'fail', value: value ? 1 : 0 };
  if (typeof value === 'number') return { is: 'number', value };
  if (typeof value !== 'string') return { is: 'not-evaluable', value: null };
  const grade = Object.hasOwn(GRADES, value) ? GRADES[value] : Object.hasOwn(GRADES, value.toLowerCase()) ? GRADES[value.toLowerCase()] : undefined;
  if (grade) return grade;
  if (NAN.has(value.toLowerCase())) return { is: 'unscored', value: null };
  const number = numberOf(value);
  return number === null ? { is: 'not-evaluable', value: null } : { is: 'number', value: number };
}

function usageIn(sample: JsonObject): ReturnType<typeof usageOf> {
  const totals = Object.values(objectIn(sample, 'model_usage')).map((usage) => numberIn(usage, 'total_tokens'));
  return usageOf(totals.length === 0 || totals.includes(null) ? null : totals.reduce<number>((sum, one) => sum + Number(one), 0), null);
}
