/** The repeats of a case, put together: certification counts cases, not trials. */
import type { ResultRow } from './score.js';

type Place = Pick<ResultRow, 'capability' | 'dataset' | 'case'>;

/** Gathers the trials of one case after another; the trials of a case follow each other within their data set. */
export class TrialsOfCase {
  readonly #repeats: (row: Place) => number;
  readonly #open = new Map<string, ResultRow[]>();

  /** @param repeats how often the case of a row is asked */
  constructor(repeats: (row: Place) => number) {
    this.#repeats = repeats;
  }

  /** Every trial of the row's case, once it is the last of them. A case that was cut off never comes: it lacks trials, so it decides nothing. */
  add(row: ResultRow): readonly ResultRow[] | undefined {
    const wanted = this.#repeats(row);
    if (wanted === 1) return [row];
    const stream = `${row.capability}\u0000${row.dataset}`;
    const before = this.#open.get(stream);
    const trials = before?.[0]?.case === row.case ? [...before, row] : [row];
    if (trials.length < wanted) {
      this.#open.set(stream, trials);
      return undefined;
    }
    this.#open.delete(stream);
    return trials;
  }
}
