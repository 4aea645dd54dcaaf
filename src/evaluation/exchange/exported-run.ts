/** A recorded run on its way out: what every form says about it, and the pieces that several forms share. */
import { IMPORTED_OUTCOMES, type ImportedOutcome } from './imported-run.js';
import { partOf } from './own-marks.js';
import type { ResultRow } from '../score.js';

export interface ExportedRun {
  readonly run: string;
  /** When it came to its end. */
  readonly created: string;
  readonly purpose: string;
  /** Version of agentctl that writes this. */
  readonly version: string;
  readonly agent: string;
  readonly build: string;
  readonly harness: string;
  readonly dataset: string;
  readonly scorer: string;
  readonly tally: RunTally;
}

type Counts = { [outcome in ImportedOutcome]: number };

/** What has to be known of a run before its first row is written. */
export class RunTally {
  readonly parts = new Map<string, Counts>();
  readonly scores = new Set<string>();
  rows = 0;

  add(row: ResultRow): void {
    const part = partOf(row);
    const counts = this.parts.get(part) ?? (Object.fromEntries(IMPORTED_OUTCOMES.map((one) => [one, 0])) as Counts);
    counts[row.outcome] += 1;
    this.parts.set(part, counts);
    for (const name of Object.keys(row.scores)) this.scores.add(name);
    this.rows += 1;
  }

  /** @param which outcomes to count @param part of one part; of all of them when absent */
  count(which: (outcome: ImportedOutcome) => boolean, part?: string): number {
    const counted = part === undefined ? [...this.parts.values()] : [this.parts.get(part)].filter((one) => one !== undefined);
    return counted.reduce((sum, counts) => sum + IMPORTED_OUTCOMES.filter(which).reduce((total, outcome) => total + counts[outcome], 0), 0);
  }
}

/** Writes a run in one form, in pieces. */
export type RunWriter = (run: ExportedRun, rows: () => AsyncIterable<ResultRow>) => AsyncGenerator<string>;

/** Scores of a row that are numbers, by scorer. */
export function numbersOf({ scores }: ResultRow): readonly (readonly [name: string, value: number])[] {
  return Object.entries(scores).flatMap(([name, { score }]) => (score === null ? [] : [[name, Number(score)] as const]));
}
