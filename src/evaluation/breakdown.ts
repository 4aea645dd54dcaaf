/** What a run looks like beyond its conditions: who is taken for whom, whether confidence means anything, what was slow, what went wrong. */
import { TrialsOfCase } from './repeats.js';
import { isRightOrWrong, isScored, type ResultRow } from './score.js';
import { statedConfidence } from './meters/stated.js';
import { CALIBRATION_BINS, calibrationBin } from './statistics/calibration-error.js';
import { exactInterval } from './statistics/proportion.js';
import { passAll, passAny, type Tries } from './statistics/repeats.js';

/** Labels that a matrix shows; the rest is too much to look at. */
const MOST_LABELS = 60;
/** Cases that are named. */
const SHOWN = 10;

export interface Confusion {
  /** References in rows, answers in columns; the last column counts what had no label. */
  readonly expected: readonly string[];
  readonly given: readonly (string | null)[];
  readonly counts: readonly (readonly number[])[];
}

export interface CalibrationPoint {
  /** Mean stated confidence of the bin, share that was right with its 95 % interval, and answers. */
  readonly predicted: number;
  readonly observed: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** How reliable repeats are: the chance that k of them all pass (pass^k), and that any does (pass@k). */
export interface Reliability {
  readonly k: number;
  readonly all: number;
  readonly any: number;
}

/** Cases that are named for a human to look at. */
const QUEUED = 50;

/** An answer on which a jury was divided. */
export interface Divided {
  readonly case: string;
  readonly scorer: string;
  readonly because: string;
}

export interface Breakdown {
  readonly confusion: Confusion | undefined;
  readonly calibration: readonly CalibrationPoint[];
  readonly slowest: readonly ResultRow[];
  /** Wrong answers, the surest first, then what failed otherwise. */
  readonly worst: readonly ResultRow[];
  readonly reliability: readonly Reliability[];
  readonly outcomes: Readonly<Record<ResultRow['outcome'], number>>;
  /** The first of the answers on which a jury was divided, and how many there are. */
  readonly forHuman: readonly Divided[];
  readonly divided: number;
}

/** Reads the rows of one data set one by one; memory does not grow with them. */
export class BreakdownOf {
  readonly #confusion = new Map<string, Map<string | null, number>>();
  readonly #bins = Array.from({ length: CALIBRATION_BINS }, () => ({ n: 0, right: 0, stated: 0 }));
  readonly #outcomes = { pass: 0, fail: 0, abstain: 0, infrastructure: 0, 'not-evaluable': 0 };
  readonly #repeats: number;
  readonly #trials: TrialsOfCase;
  /** By number of passes. */
  readonly #histogram = new Map<number, number>();
  readonly #forHuman: Divided[] = [];
  #divided = 0;
  #slowest: readonly ResultRow[] = [];
  #worst: readonly ResultRow[] = [];

  constructor(repeats: number) {
    this.#repeats = repeats;
    this.#trials = new TrialsOfCase(() => repeats);
  }

  add(row: ResultRow): void {
    this.#outcomes[row.outcome] += 1;
    this.#count(row);
    this.#bin(row);
    this.#queue(row);
    if (isScored(row)) this.#slowest = foremost(this.#slowest, row, (one) => one.milliseconds);
    if (row.outcome === 'fail') this.#worst = foremost(this.#worst, row, sureness);
    const trials = this.#trials.add(row);
    if (trials && trials.every(isScored)) {
      const passes = trials.filter(({ outcome }) => outcome === 'pass').length;
      this.#histogram.set(passes, (this.#histogram.get(passes) ?? 0) + 1);
    }
  }

  breakdown(): Breakdown {
    return { confusion: this.#matrix(), calibration: this.#points(), slowest: this.#slowest, worst: this.#worst, reliability: this.#reliability(), outcomes: this.#outcomes, forHuman: this.#forHuman, divided: this.#divided };
  }

  #count({ expected, output, outcome }: ResultRow): void {
    if (expected === null || outcome === 'infrastructure') return;
    const row = this.#confusion.get(expected) ?? new Map<string | null, number>();
    this.#confusion.set(expected, row);
    const given = row.has(output) || row.size < MOST_LABELS ? output : null;
    row.set(given, (row.get(given) ?? 0) + 1);
  }

  #queue(row: ResultRow): void {
    for (const [scorer, { divided, because }] of Object.entries(row.scores)) {
      if (divided !== true) continue;
      this.#divided += 1;
      if (this.#forHuman.length < QUEUED) this.#forHuman.push({ case: row.case, scorer, because });
    }
  }

  #bin(row: ResultRow): void {
    const stated = row.confidence === null ? undefined : statedConfidence(row);
    const bin = stated === undefined ? undefined : this.#bins[calibrationBin(stated)];
    if (!bin || stated === undefined || !isRightOrWrong(row)) return;
    bin.n += 1;
    bin.stated += stated;
    if (row.outcome === 'pass') bin.right += 1;
  }

  #matrix(): Confusion | undefined {
    const expected = [...this.#confusion.keys()].sort();
    if (expected.length === 0 || expected.length > MOST_LABELS) return undefined;
    const labels = new Set([...expected, ...[...this.#confusion.values()].flatMap((row) => [...row.keys()])]);
    const given = [...[...labels].filter((label) => label !== null).sort(), ...(labels.has(null) ? [null] : [])];
    return { expected, given, counts: expected.map((label) => given.map((one) => this.#confusion.get(label)?.get(one) ?? 0)) };
  }

  #points(): readonly CalibrationPoint[] {
    return this.#bins.filter(({ n }) => n > 0).map(({ n, right, stated }) => ({ predicted: stated / n, observed: right / n, count: n, ...exactInterval(right, n, 0.95) }));
  }

  #reliability(): readonly Reliability[] {
    if (this.#repeats === 1) return [];
    const cases: readonly Tries[] = [...this.#histogram].flatMap(([passed, count]) => Array.from({ length: count }, () => ({ n: this.#repeats, passed })));
    return Array.from({ length: this.#repeats }, (_, at) => at + 1).flatMap((k) => {
      const [all, any] = [passAll(cases, k), passAny(cases, k)];
      return all === undefined || any === undefined ? [] : [{ k, all, any }];
    });
  }
}

/** A wrong answer that was sure of itself does the most harm. */
function sureness(row: ResultRow): number {
  return row.confidence === null ? -1 : Number(row.confidence);
}

/** The list with the row in its place, the greatest first, and no longer than is shown. */
function foremost(list: readonly ResultRow[], row: ResultRow, key: (row: ResultRow) => number): readonly ResultRow[] {
  const last = list.at(-1);
  if (list.length === SHOWN && last && key(row) <= key(last)) return list;
  return [...list, row].sort((a, b) => key(b) - key(a)).slice(0, SHOWN);
}
