/** A meter reads the result rows of one case after another and ends in a value with one-sided bounds; its memory does not grow with the run. */
import type { ResultRow } from '../score.js';

/** What was measured. Bounds hold one at a time; null where the cases do not give one. */
export interface Measurement {
  readonly n: number;
  readonly value: string | null;
  readonly lower: string | null;
  readonly upper: string | null;
  /** What the value is made of, such as `512 of 560`. */
  readonly made: string;
  /** How many further cases without a miss would decide it; absent when that is not computable. */
  readonly more?: number;
}

export interface Meter {
  /** @param trials every repeat of one case, in order */
  add(trials: readonly ResultRow[]): void;
  measure(confidence: number): Measurement;
}
