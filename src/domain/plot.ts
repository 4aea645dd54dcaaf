/** Plots as data: what a report would rather show than tell. Views draw them; every number also stands in a table. */
import type { Instant } from './time.js';

/** One condition: value and interval in the unit of the threshold. Rates run from 0 to 1; give `max` for anything else. */
export type IntervalRow = {
  readonly label: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly threshold: number;
  readonly operator: '>=' | '<=';
  readonly verdict: 'met' | 'not met' | 'insufficient evidence';
  readonly max?: number;
  readonly unit?: string;
};

/** One bin of a reliability diagram: mean predicted confidence, observed share of right answers, how many cases. */
export type CalibrationBin = {
  readonly predicted: number;
  readonly observed: number;
  readonly count: number;
  readonly low?: number;
  readonly high?: number;
};

export type ScorePoint = {
  readonly at: Instant;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly note?: string;
};

export type Bar = {
  readonly label: string;
  readonly value: number;
  readonly note?: string;
};

export type Plot =
  | { readonly is: 'intervals'; readonly title: string; readonly rows: readonly IntervalRow[] }
  | { readonly is: 'calibration'; readonly title: string; readonly bins: readonly CalibrationBin[] }
  | { readonly is: 'scores'; readonly title: string; readonly points: readonly ScorePoint[]; readonly threshold?: number }
  | { readonly is: 'bars'; readonly title: string; readonly bars: readonly Bar[]; readonly unit?: string }
  /** `counts[row][column]`; a cell where both names are the same is right. */
  | { readonly is: 'matrix'; readonly title: string; readonly rows: readonly string[]; readonly columns: readonly string[]; readonly counts: readonly (readonly number[])[] };
