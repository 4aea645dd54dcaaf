/** Drift: how far a dimension has fallen within a window of daily scores. It says nothing until there are enough days. */
import { millisecondsOf, toInstant, type Instant } from '../domain/time.js';
import { decimal } from './decimal.js';

/** Scores of one evaluation run: dimension → decimal in 0..1. */
export interface DatedScores {
  readonly at: Instant;
  readonly dimensions: Readonly<Partial<Record<string, string>>>;
}

export interface DimensionDrift {
  readonly dimension: string;
  /** Score of the newest day, and the best day before it within the window. */
  readonly newest: string;
  readonly best: string;
  /** How far the newest day lies below that best day, in percent of it; 0 when it does not. A dimension that is no longer measured fell by 100. */
  readonly percent: string;
}

export type Drift =
  | { readonly state: 'armed'; readonly because: string; readonly days: number; readonly of: number }
  | { readonly state: 'watching'; readonly because: string; readonly days: number; readonly of: number; readonly dimensions: readonly DimensionDrift[] };

export const DRIFT_DAYS = 7;
const DAY = 86_400_000;

/**
 * Compares the newest day with the days before it, inside a window of `days` UTC days that ends with `now`.
 * Several runs of one day count as their mean. Runs after `now` are left out.
 */
export function driftOf(runs: readonly DatedScores[], now: Instant, days = DRIFT_DAYS): Drift {
  const byDay = dailyMeans(runs.filter((run) => run.at <= now));
  const seen = byDay.size;
  if (seen < days) return { state: 'armed', because: `armed: ${seen} of ${days} days`, days: seen, of: days };
  const first = toInstant(millisecondsOf(now) - (days - 1) * DAY).slice(0, 10);
  const window = [...byDay].filter(([day]) => day >= first).sort(([a], [b]) => (a < b ? -1 : 1)).map(([, means]) => means);
  const newest = window.at(-1) ?? new Map<string, number>();
  const earlier = window.slice(0, -1);
  const names = [...new Set(window.flatMap((means) => [...means.keys()]))].sort();
  const dimensions = names.map((name) => fall(name, newest.get(name) ?? 0, earlier.map((means) => means.get(name)).filter((mean) => mean !== undefined)));
  return { state: 'watching', because: `${window.length} days with scores since ${first}`, days: seen, of: days, dimensions };
}

/** Dimensions that fell by more than `percent`, such as "5". */
export function drifted(drift: Drift, percent: string): readonly DimensionDrift[] {
  return drift.state === 'armed' ? [] : drift.dimensions.filter((one) => Number(one.percent) > Number(percent));
}

function fall(dimension: string, newest: number, earlier: readonly number[]): DimensionDrift {
  const best = earlier.length === 0 ? newest : Math.max(...earlier);
  const percent = best > newest ? ((best - newest) / best) * 100 : 0;
  return { dimension, newest: decimal(newest), best: decimal(best), percent: decimal(percent) };
}

type Means = ReadonlyMap<string, number>;

function dailyMeans(runs: readonly DatedScores[]): ReadonlyMap<string, Means> {
  const values = new Map<string, Map<string, number[]>>();
  for (const { at, dimensions } of runs) {
    const day = values.get(at.slice(0, 10)) ?? new Map<string, number[]>();
    values.set(at.slice(0, 10), day);
    for (const [name, score] of Object.entries(dimensions)) {
      if (score !== undefined) day.set(name, [...(day.get(name) ?? []), Number(score)]);
    }
  }
  return new Map([...values].map(([day, scores]) => [day, new Map([...scores].map(([name, list]) => [name, mean(list)]))]));
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}
