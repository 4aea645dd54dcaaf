/** Results that another harness made, in one neutral shape: what it says it measured, row by row, and what in it does not add up. */
import { Fault } from '../../domain/fault.js';
import { OUTCOMES } from '../score.js';

export const EXCHANGE_FORMATS = ['promptfoo', 'inspect', 'junit', 'otel', 'tau-bench', 'tau2', 'jsonl', 'csv'] as const;
export type ExchangeFormat = (typeof EXCHANGE_FORMATS)[number];

/** Ours, and `unscored`: the scorer declined, which is neither a pass nor a fail. */
export const IMPORTED_OUTCOMES = [...OUTCOMES, 'unscored'] as const;
export type ImportedOutcome = (typeof IMPORTED_OUTCOMES)[number];

/** Answer to one asking of one case. A type, so that it is JSON. */
export type ImportedRow = {
  /** What tells two answers to one case apart that are no repeats: prompt and provider, suite, capability and data set; null where there is one part. */
  readonly part: string | null;
  /** The other harness's name of the case. */
  readonly case: string;
  /** Which asking of the case this is, from 0. */
  readonly repeat: number;
  readonly outcome: ImportedOutcome;
  /** Why it is no plain pass or fail, in one word. */
  readonly cause: string | null;
  /** Decimals by name of the scorer; null where it declined. */
  readonly scores: { readonly [name: string]: string | null };
  readonly milliseconds: number | null;
  readonly usage: { readonly tokens: number | null; readonly cost: string | null } | null;
  /** Where the file tells more about it. */
  readonly transcript: string | null;
};

/** What the file says about itself: a claim, which nobody signed. */
export interface RunOrigin {
  readonly tool: string;
  readonly version: string | null;
  readonly run: string | null;
  readonly created: string | null;
  readonly model: string | null;
  readonly dataset: string | null;
  /** Whether all was run that was meant to be; null where the format cannot tell. */
  readonly complete: boolean | null;
}

export interface ImportedRun {
  readonly origin: RunOrigin;
  readonly rows: readonly ImportedRow[];
  /** Sentences on where the file contradicts itself, or may look better than it is. */
  readonly doubts: readonly string[];
}

/** Most rows of one file. */
export const MOST_ROWS = 500_000;
const LONGEST_NAME = 200;

/** Names from outside, cut so that a row stays small. */
export function clipped(text: string): string {
  return text.slice(0, LONGEST_NAME).toWellFormed();
}

/** A row before it is known which asking of its case it is; `repeat` only where the file numbers them. */
export type NewRow = Omit<ImportedRow, 'repeat'> & { readonly repeat?: number | undefined };

/** Gathers rows: equal keys are repeats of one case, in the order of the file unless it numbers them. */
export class RowCollector {
  readonly rows: ImportedRow[] = [];
  readonly #mustNumber: boolean;
  /** Where each repeat of each case stands. */
  readonly #taken = new Map<string, Map<number, string>>();

  /** @param mustNumber whether a case that stands there again must say which repeat it is: a file pasted together would pass for repeats else */
  constructor({ mustNumber = false } = {}) {
    this.#mustNumber = mustNumber;
  }

  /**
   * @param key what makes two rows the same case
   * @throws {Fault} INPUT_INVALID when the file has one repeat twice, a further one without its number where it must have one, or too many rows
   */
  add(row: NewRow, at: string, key = JSON.stringify([row.part, row.case])): void {
    if (this.rows.length >= MOST_ROWS) throw new Fault('INPUT_INVALID', `it has more than ${MOST_ROWS} results`, { at });
    const taken = this.#taken.get(key) ?? new Map<number, string>();
    const repeat = row.repeat ?? taken.size;
    const [before] = taken.values();
    if (this.#mustNumber && row.repeat === undefined && before !== undefined) {
      throw new Fault('INPUT_INVALID', `case ${JSON.stringify(row.case)} stands at ${before} already`, { at, hint: 'delete one of the two, or number them as repeats of the case: "repeat" 0, 1 …' });
    }
    const same = taken.get(repeat);
    if (same !== undefined) throw new Fault('INPUT_INVALID', `case ${JSON.stringify(row.case)} has its repeat ${repeat} twice, first at ${same}`, { at });
    this.#taken.set(key, taken.set(repeat, at));
    this.rows.push({ ...row, repeat });
  }
}

/** @throws {Fault} INPUT_INVALID: a file without a single result says nothing */
export function runOf(origin: RunOrigin, rows: readonly ImportedRow[], at: string, doubts: readonly string[] = []): ImportedRun {
  if (rows.length === 0) throw new Fault('INPUT_INVALID', `it holds no result of a single case`, { at, hint: 'let the other harness write its results case by case' });
  return { origin, rows, doubts };
}
