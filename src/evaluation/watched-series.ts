/** What is watched over time, ready to be drawn: for each condition, dimension and the composite a value inside its interval at each look. */
import type { Instant } from '../domain/time.js';
import { goodStream, type ConditionCount, type Look } from './counts.js';
import { decimal, decimalAbove, decimalBelow } from './decimal.js';
import { watchedTogether } from './sequence.js';
import { confidenceSequence, type Stream } from './statistics/confidence-sequence.js';
import type { Interval } from './statistics/interval.js';

/** A type, so that it is JSON. Numbers are decimal text with six digits. */
export type SeriesPoint = {
  readonly at: Instant;
  /** Over everything since the reset, with an interval that holds at every look; null where nothing was counted. */
  readonly value: string | null;
  readonly low: string;
  readonly high: string;
  /** Cases since the reset: those of the dimension's smallest condition for a dimension. */
  readonly n: number;
  /** Of this run alone. */
  readonly run: string | null;
  /** Whether the series starts afresh here. */
  readonly reset: boolean;
};

export type WatchedSeries = {
  readonly kind: 'condition' | 'dimension' | 'composite';
  readonly id: string;
  /** What sets off an alarm, with its side; null for a dimension. */
  readonly threshold: string | null;
  readonly operator: '>=' | '<=' | null;
  readonly points: readonly SeriesPoint[];
};

/** Looks that are drawn: the newest. */
const DRAWN = 90;

interface Since {
  readonly key: string;
  readonly looks: number;
  readonly stream: Stream | undefined;
}

interface Drawn {
  readonly count: ConditionCount;
  readonly since: Since;
  /** In 0..1, more is better, for the dimension. */
  readonly good: Interval & { readonly value: number | null };
}

/** @param alpha chance that any interval ever misses its share. @param composite alert threshold */
export function watchedSeries(looks: readonly Look[], alpha: number, composite: string): readonly WatchedSeries[] {
  const series = new Map<string, WatchedSeries & { readonly points: SeriesPoint[] }>();
  const open = (one: Omit<WatchedSeries, 'points'>): SeriesPoint[] => {
    const key = `${one.kind} ${one.id}`;
    const points = series.get(key)?.points ?? [];
    series.set(key, { ...one, points });
    return points;
  };
  let state: ReadonlyMap<string, Since> = new Map();
  looks.forEach((look, index) => {
    state = new Map(look.counts.map((count) => [count.condition, grown(state.get(count.condition), count, look.build)]));
    if (index < looks.length - DRAWN || look.counts.length === 0) return;
    const level = alpha / watchedTogether(look);
    const drawn = look.counts.map((count) => drawnOf(count, state.get(count.condition), level));
    for (const one of drawn) open({ kind: 'condition', id: one.count.condition, threshold: one.count.threshold, operator: one.count.operator }).push(pointOf(look.at, one));
    const names = [...new Set(drawn.map((one) => one.count.dimension))].sort();
    const dimensions = names.map((name) => dimensionOf(drawn.filter((one) => one.count.dimension === name)));
    names.forEach((name, at) => open({ kind: 'dimension', id: name, threshold: null, operator: null }).push(scorePoint(look.at, dimensions.slice(at, at + 1), look.dimensions[name] ?? null)));
    open({ kind: 'composite', id: 'composite', threshold: composite, operator: '>=' }).push(scorePoint(look.at, dimensions, look.composite));
  });
  return [...series.values()];
}

function grown(before: Since | undefined, count: ConditionCount, build: string): Since {
  const key = `${build} ${count.measure}`;
  const same = before?.key === key ? before : undefined;
  const earlier = same === undefined ? { hits: 0, n: 0 } : same.stream;
  const stream = count.hits === null || earlier === undefined ? undefined : { hits: earlier.hits + Number(count.hits), n: earlier.n + count.n };
  return { key, looks: (same?.looks ?? 0) + 1, stream };
}

function drawnOf(count: ConditionCount, since: Since | undefined, level: number): Drawn {
  const known = since ?? { key: '', looks: 0, stream: undefined };
  const good = known.stream === undefined ? undefined : goodStream({ ...count, hits: String(known.stream.hits), n: known.stream.n });
  const interval = good === undefined ? { low: 0, high: 1 } : confidenceSequence(good, level);
  return { count, since: known, good: { ...interval, value: good === undefined || good.n === 0 ? null : good.hits / good.n } };
}

/** A condition is drawn as it is promised, so that its threshold can stand beside it. */
function pointOf(at: Instant, { count, since, good }: Drawn): SeriesPoint {
  const more = count.operator === '>=';
  const [low, high] = more ? [good.low, good.high] : [1 - good.high, 1 - good.low];
  const value = good.value === null ? null : more ? good.value : 1 - good.value;
  const run = count.hits === null || count.n === 0 ? null : decimal(Number(count.hits) / count.n);
  return { at, value: value === null ? null : decimal(value), low: decimalBelow(low), high: decimalAbove(high), n: since.stream?.n ?? 0, run, reset: since.looks === 1 };
}

interface Scored extends Interval {
  readonly value: number | null;
  readonly n: number;
  readonly reset: boolean;
}

/** The weighted mean, end by end: valid together, since every interval holds at once. Latency counts as the share of answers in time. */
function dimensionOf(parts: readonly Drawn[]): Scored {
  const total = parts.reduce((sum, one) => sum + one.count.weight, 0);
  const mean = (of: (one: Drawn) => number) => parts.reduce((sum, one) => sum + one.count.weight * of(one), 0) / total;
  return {
    value: parts.some((one) => one.good.value === null) ? null : mean((one) => one.good.value ?? 0),
    low: mean((one) => one.good.low), high: mean((one) => one.good.high),
    n: Math.min(...parts.map((one) => one.since.stream?.n ?? 0)), reset: parts.every((one) => one.since.looks === 1),
  };
}

function scorePoint(at: Instant, dimensions: readonly Scored[], run: string | null): SeriesPoint {
  const mean = (of: (one: Scored) => number) => dimensions.reduce((sum, one) => sum + of(one), 0) / dimensions.length;
  return {
    at, value: dimensions.some((one) => one.value === null) ? null : decimal(mean((one) => one.value ?? 0)), low: decimalBelow(mean((one) => one.low)), high: decimalAbove(mean((one) => one.high)),
    n: Math.min(...dimensions.map((one) => one.n)), run, reset: dimensions.every((one) => one.reset),
  };
}
