/** Reads results in our own simple shape: one JSON object a line, or comma-separated with a line of names. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { countOf, decimalText, idIn, numberOf, textIn, usageOf } from './fields.js';
import { clipped, IMPORTED_OUTCOMES, RowCollector, runOf, type ImportedRow, type ImportedRun, type NewRow, type RunOrigin } from './imported-run.js';
import { outcomeNamed } from './own-marks.js';
import type { CsvRecord } from './csv-records.js';

/** What the first line may say about all the others, under this name. */
export const PLAIN_FORMAT = 'agentctl-results/1';
/** Columns of scores begin so. */
export const SCORE_COLUMN = 'score:';

/** @throws {Fault} INPUT_INVALID at `file:line` */
export async function readPlainLines(lines: AsyncIterable<{ readonly value: JsonObject; readonly at: string; readonly number: number }>, file: string): Promise<ImportedRun> {
  const collector = new RowCollector({ mustNumber: true });
  let head: JsonObject = {};
  for await (const { value, at, number } of lines) {
    if (value['results'] !== undefined && collector.rows.length === 0 && head['results'] === undefined) {
      if (value['results'] !== PLAIN_FORMAT) throw new Fault('INPUT_INVALID', `results in the form ${JSON.stringify(value['results'])}; ${PLAIN_FORMAT} is read`, { at });
      head = value;
    } else collector.add(rowOf(value, at, number), at);
  }
  return planned(collector.rows, head, file);
}

/** @throws {Fault} INPUT_INVALID at `file:line` */
export async function readPlainRecords(records: AsyncIterable<CsvRecord>, file: string): Promise<ImportedRun> {
  const collector = new RowCollector({ mustNumber: true });
  for await (const { cells, at, line } of records) {
    const scores = [...cells].filter(([name]) => name.startsWith(SCORE_COLUMN)).map(([name, cell]) => [name.slice(SCORE_COLUMN.length), cell === '' ? null : cell] as const);
    const given = [...cells].filter(([name, cell]) => cell !== '' && !name.startsWith(SCORE_COLUMN));
    const value: JsonObject = { ...Object.fromEntries(given), scores: Object.fromEntries(scores) };
    collector.add(rowOf({ ...value, usage: { tokens: value['tokens'] ?? null, cost: value['cost'] ?? null } }, at, line), at);
  }
  return planned(collector.rows, {}, file);
}

/** The head may say how many rows were meant to be there, so that a file that was cut off shows. */
function planned(rows: readonly ImportedRow[], head: JsonObject, file: string): ImportedRun {
  const said = countOf(asNumber(head['rows']));
  const stated = typeof head['complete'] === 'boolean' ? head['complete'] : null;
  const doubts = said === null || said === rows.length ? [] : [`it says ${said} rows, and holds ${rows.length}`];
  const origin: RunOrigin = {
    tool: clipped(textIn(head, 'tool') ?? 'not stated'), version: textIn(head, 'version'), run: textIn(head, 'run'), created: textIn(head, 'created'),
    model: textIn(head, 'model'), dataset: textIn(head, 'dataset'), complete: doubts.length > 0 ? false : (stated ?? (said === null ? null : true)),
  };
  return runOf(origin, rows, file, doubts);
}

function rowOf(value: JsonObject, at: string, line: number): NewRow {
  const name = idIn(value, 'case');
  const outcome = outcomeNamed(value['outcome']);
  if (name === null) throw new Fault('INPUT_INVALID', '"case" is missing: the name of the case', { at });
  if (outcome === undefined) throw new Fault('INPUT_INVALID', `"outcome" ${JSON.stringify(value['outcome'] ?? null)} is not one of ${IMPORTED_OUTCOMES.join(', ')}`, { at });
  const parts = [textIn(value, 'capability'), textIn(value, 'dataset')].filter((one) => one !== null);
  const usage = isObject(value['usage']) ? value['usage'] : {};
  return {
    part: textIn(value, 'part') ?? (parts.length === 0 ? null : parts.join(' on ')),
    case: clipped(name), outcome, cause: textIn(value, 'cause'),
    repeat: given(value, 'repeat', at) ?? undefined,
    scores: scoresOf(value['scores'], at),
    milliseconds: given(value, 'milliseconds', at),
    usage: usageOf(asNumber(usage['tokens']), asNumber(usage['cost'])),
    transcript: textIn(value, 'transcript') ?? `line ${line}`,
  };
}

/** A whole number from 0 on, if it is there at all. */
function given(value: JsonObject, name: string, at: string): number | null {
  if (value[name] === undefined || value[name] === null) return null;
  const number = countOf(asNumber(value[name]));
  if (number === null) throw new Fault('INPUT_INVALID', `"${name}" ${JSON.stringify(value[name])} is no whole number from 0 on`, { at });
  return number;
}

function asNumber(value: Json | undefined): number | null {
  return typeof value === 'number' ? value : typeof value === 'string' ? numberOf(value) : null;
}

/** A score is a number, its text, or what one of our scorers found. */
function scoresOf(value: Json | undefined, at: string): Record<string, string | null> {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw new Fault('INPUT_INVALID', '"scores" is no object', { at });
  return Object.fromEntries(Object.entries(value).map(([name, score]) => {
    const bare = isObject(score) ? (score['score'] ?? null) : score;
    const number = asNumber(bare);
    // NaN is how Python says that there is none.
    if (number === null && bare !== null && !(typeof bare === 'string' && /^nan$/i.test(bare))) throw new Fault('INPUT_INVALID', `the score ${JSON.stringify(clipped(name))} is no number`, { at });
    return [clipped(name), number === null ? null : decimalText(number)];
  }));
}
