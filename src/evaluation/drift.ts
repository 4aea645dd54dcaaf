/** Drift: how far a dimension has fallen within a window of daily scores, and whether chance could do that. */
import { millisecondsOf, toInstant, type Instant } from '../domain/time.js';
import { goodStream, type ConditionCount, type Look } from './counts.js';
import { decimal } from './decimal.js';
import { spend, watchedTogether } from './sequence.js';
import type { Stream } from './statistics/confidence-sequence.js';
import type { Interval } from './statistics/interval.js';
import { exactBounds } from './statistics/proportion.js';

export interface DimensionDrift {
  readonly dimension: string;
  /** Score of the newest day, and the best day before it within the window. */
  readonly newest: string;
  readonly best: string;
  /** How far the newest day lies below that best day, in percent of it; 0 when it does not. A dimension that is no longer measured fell by 100. */
  readonly percent: string;
  /** Where its fall against all the days before lies, as a decimal of the score; null where no count tells. */
  readonly low: string | null;
  readonly high: string | null;
  /** Whether chance alone is ruled out. */
  readonly proven: boolean;
}

export type Drift =
  | { readonly state: 'armed'; readonly because: string; readonly days: number; readonly of: number }
  | { readonly state: 'watching'; readonly because: string; readonly days: number; readonly of: number; readonly dimensions: readonly DimensionDrift[] };

export const DRIFT_DAYS = 7;
const DAY = 86_400_000;

/**
 * Compares the newest day with the days before it, inside a window of {@link DRIFT_DAYS} UTC days that ends with `now`.
 * Several runs of one day count as their mean. Runs after `now` are left out. It says nothing until there are enough days.
 * @param alpha chance of any false alarm of all that is watched, ever
 */
export function driftOf(runs: readonly Look[], now: Instant, alpha: number): Drift {
  const past = runs.filter((run) => run.at <= now);
  const days = daysOf(past);
  if (days.length < DRIFT_DAYS) return { state: 'armed', because: `armed: ${days.length} of ${DRIFT_DAYS} days`, days: days.length, of: DRIFT_DAYS };
  const first = toInstant(millisecondsOf(now) - (DRIFT_DAYS - 1) * DAY).slice(0, 10);
  const window = days.filter((day) => day.day >= first);
  const armed = days[DRIFT_DAYS - 1]?.day ?? first;
  const level = (alpha * spend(past.filter((run) => run.at.slice(0, 10) >= armed).length)) / watchedTogether(past.at(-1) ?? { counts: [] });
  const names = [...new Set(window.flatMap(({ runs: of }) => of.flatMap((run) => Object.keys(run.dimensions))))].sort();
  const dimensions = names.map((name) => fall(name, window.at(-1), window.slice(0, -1), level));
  return { state: 'watching', because: `${window.length} days with scores since ${first}`, days: days.length, of: DRIFT_DAYS, dimensions };
}

/** Dimensions that fell by more than `percent`, such as "5", and not by chance. */
export function drifted(drift: Drift, percent: string): readonly DimensionDrift[] {
  return beyond(drift, percent).filter((one) => one.proven);
}

/** Dimensions that fell by more than `percent`, though chance could do that. */
export function suspected(drift: Drift, percent: string): readonly DimensionDrift[] {
  return beyond(drift, percent).filter((one) => !one.proven);
}

function beyond(drift: Drift, percent: string): readonly DimensionDrift[] {
  return drift.state === 'armed' ? [] : drift.dimensions.filter((one) => Number(one.percent) > Number(percent));
}

interface Day {
  readonly day: string;
  readonly runs: readonly Look[];
}

function daysOf(runs: readonly Look[]): readonly Day[] {
  const days = new Map<string, Look[]>();
  for (const run of runs) days.set(run.at.slice(0, 10), [...(days.get(run.at.slice(0, 10)) ?? []), run]);
  return [...days].map(([day, of]) => ({ day, runs: of })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

function fall(dimension: string, today: Day | undefined, earlier: readonly Day[], level: number): DimensionDrift {
  const measured = meanOf(dimension, today?.runs ?? []);
  const before = earlier.map((day) => meanOf(dimension, day.runs)).filter((mean) => mean !== undefined);
  const newest = measured ?? 0;
  const best = before.length === 0 ? newest : Math.max(...before);
  const base = { dimension, newest: decimal(newest), best: decimal(best), percent: decimal(best > newest ? ((best - newest) / best) * 100 : 0) };
  const drop = dropOf(dimension, today?.runs ?? [], earlier.flatMap((day) => day.runs), level);
  // That nobody measures it any more is no accident of the cases.
  const proven = (measured === undefined && best > 0) || (drop !== undefined && drop.low > 0);
  return { ...base, low: drop ? decimal(drop.low) : null, high: drop ? decimal(drop.high) : null, proven };
}

function meanOf(dimension: string, runs: readonly Look[]): number | undefined {
  const scores = runs.flatMap((run) => run.dimensions[dimension] ?? []).map(Number);
  return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/**
 * The weighted fall of the dimension's conditions, each against its own days before: Newcombe's way (1998), from exact bounds, since
 * Wilson's are too narrow this far out.
 * Their intervals are added end to end, as if all conditions erred together: the same answers may count towards several.
 */
function dropOf(dimension: string, today: readonly Look[], earlier: readonly Look[], level: number): Interval | undefined {
  const named = new Map(today.flatMap((run) => run.counts).filter((count) => count.dimension === dimension).map((count) => [count.condition, count]));
  const parts = [...named.values()].flatMap((count) => {
    const [after, before] = [pooled(today, count), pooled(earlier, count)];
    return after.n > 0 && before.n > 0 ? [{ weight: count.weight, ...differenceOf(before, after, level) }] : [];
  });
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  if (total === 0) return undefined;
  const weighted = (end: 'low' | 'high') => parts.reduce((sum, part) => sum + part.weight * part[end], 0) / total;
  return { low: weighted('low'), high: weighted('high') };
}

function pooled(runs: readonly Look[], { condition, measure }: ConditionCount): Stream {
  const streams = runs.flatMap((run) => run.counts.filter((one) => one.condition === condition && one.measure === measure)).flatMap((one) => goodStream(one) ?? []);
  return { hits: streams.reduce((sum, one) => sum + one.hits, 0), n: streams.reduce((sum, one) => sum + one.n, 0) };
}

function differenceOf(before: Stream, after: Stream, level: number): Interval {
  const [p, q] = [before.hits / before.n, after.hits / after.n];
  const [was, is] = [exactBounds(before.hits, before.n, 1 - level), exactBounds(after.hits, after.n, 1 - level)];
  return { low: p - q - Math.hypot(p - was.low, is.high - q), high: p - q + Math.hypot(was.high - p, q - is.low) };
}
