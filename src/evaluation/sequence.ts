/** Watching without crying wolf: evidence that may be looked at after every run, for as long as the agent lives. */
import type { Instant } from '../domain/time.js';
import { goodStream, type ConditionCount, type Look } from './counts.js';
import { confidenceSequence, logEvidenceBelow, type Stream } from './statistics/confidence-sequence.js';
import type { Interval } from './statistics/interval.js';

/** One condition as watched since it was last reset: by another build, data set, scorer or judge, or wording of what is counted. */
export interface Watched {
  readonly condition: string;
  readonly dimension: string;
  readonly operator: ConditionCount['operator'];
  readonly threshold: string;
  readonly since: Instant;
  readonly looks: number;
  readonly n: number;
  /** Share over everything since then; null where nothing was counted. */
  readonly value: number | null;
  /** Holds at every look, for all that is watched at once. Null where the metric is no mean of values in 0..1. */
  readonly interval: Interval | null;
  /** ln of the evidence that the promise is broken, and the least that rings. */
  readonly evidence: number | null;
  readonly limit: number;
  readonly alarm: boolean;
}

/** How many things are watched together: conditions, dimensions (for drift) and the composite. A false alarm of any counts once. */
export function watchedTogether({ counts }: Pick<Look, 'counts'>): number {
  return counts.length + new Set(counts.map((one) => one.dimension)).size + 1;
}

/**
 * The conditions of the newest look. `alpha` is the chance that any of them ever rings although its promise is kept, over all
 * looks: each gets an equal part. What the numbers are about is the agent's rate on the cases of this data set, asked again and
 * again; answers to separate askings are taken as independent, and a full pass over unequal cases spreads less than equal ones.
 */
export function watchedAt(looks: readonly Look[], alpha: number): readonly Watched[] {
  const newest = looks.at(-1);
  if (!newest) return [];
  const level = alpha / watchedTogether(newest);
  return newest.counts.map((count) => watchedOne(count, seriesOf(looks, count.condition), level));
}

interface Counted {
  readonly at: Instant;
  readonly count: ConditionCount;
}

/** Looks at the condition since its reset, oldest first. */
export function seriesOf(looks: readonly Look[], condition: string): readonly Counted[] {
  const series: Counted[] = [];
  const newest = looks.at(-1);
  for (const look of [...looks].reverse()) {
    const count = look.counts.find((one) => one.condition === condition);
    if (!count || look.build !== newest?.build || count.measure !== (series[0]?.count ?? count).measure) break;
    series.unshift({ at: look.at, count });
  }
  return series;
}

function watchedOne(count: ConditionCount, series: readonly Counted[], level: number): Watched {
  const { condition, dimension, operator, threshold } = count;
  const limit = Math.log(1 / level);
  const n = series.reduce((sum, one) => sum + one.count.n, 0);
  const base = { condition, dimension, operator, threshold, since: series[0]?.at ?? '', looks: series.length, n, limit };
  const streams = series.flatMap((one) => goodStream({ ...one.count, threshold }) ?? []);
  const [first] = streams;
  if (first === undefined || streams.length < series.length) return { ...base, value: null, interval: null, evidence: null, alarm: false };
  const hits = series.reduce((sum, one) => sum + Number(one.count.hits), 0);
  const evidence = breachEvidence(streams, first.least);
  return { ...base, value: n === 0 ? null : hits / n, interval: confidenceSequence({ hits, n }, level), evidence, alarm: evidence >= limit };
}

/** Starts that are tried, newest first, beside the first look: leaving others out only makes the evidence smaller. */
const STARTS = 90;

/**
 * ln of the evidence that the share lies below `least` since the first look or since a later one: half of the stake is on the
 * first, the rest falls off with the number of the look, so that at most 1 is expected at any time while the promise is kept,
 * and a change after a long good time still shows.
 */
export function breachEvidence(looks: readonly Stream[], least: number): number {
  const against = evidenceAgainst(least);
  let evidence = -Infinity;
  let after: Stream = { hits: 0, n: 0 };
  for (let start = looks.length - 1; start >= 0; start -= 1) {
    const look = looks[start] ?? after;
    after = { hits: after.hits + look.hits, n: after.n + look.n };
    const stake = start === 0 ? 1 / 2 : 1 / (2 * start * (start + 1));
    if (start === 0 || looks.length - start <= STARTS) evidence = logSum(evidence, Math.log(stake) + against(after));
  }
  return evidence;
}

/** No share lies below 0; and a promise of certainty breaks with the first miss. */
function evidenceAgainst(least: number): (stream: Stream) => number {
  if (least <= 0) return () => 0;
  if (least >= 1) return ({ hits, n }) => (hits < n ? Infinity : 0);
  const below = logEvidenceBelow(least);
  return (stream) => (stream.n === 0 ? 0 : below(stream));
}

function logSum(a: number, b: number): number {
  const [more, less] = a > b ? [a, b] : [b, a];
  return less === -Infinity || more === Infinity ? more : more + Math.log1p(Math.exp(less - more));
}

/** Looks since anything that is counted was reset: the number of the newest, from 1. */
export function looksSinceReset(looks: readonly Look[]): number {
  const lengths = (looks.at(-1)?.counts ?? []).map((count) => seriesOf(looks, count.condition).length);
  return Math.max(1, ...lengths);
}

/** Share of the chance of a false alarm that look number `look` may use: all of them together use it up once. */
export function spend(look: number): number {
  return 1 / (look * (look + 1));
}
