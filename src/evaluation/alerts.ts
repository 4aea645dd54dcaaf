/** When a measured run has to wake somebody. Every rule keeps its rate of false alarms however often one looks. */
import type { Scores } from './composite.js';
import { scoresOf } from './composite.js';
import type { Look } from './counts.js';
import { decimal, decimalAbove, decimalBelow } from './decimal.js';
import { verdictOf, type ConditionResult } from './judge.js';
import { spend, looksSinceReset, watchedAt, watchedTogether, type Watched } from './sequence.js';

export interface AlertThresholds {
  /** By condition id; the pact's own threshold where there is none. */
  readonly conditions?: { readonly [id: string]: string };
  readonly composite: string;
}

/** `sequence`: everything since the reset speaks against it. `condition`: this run alone does, for a metric that has no sequence. */
export interface Breach {
  readonly kind: 'sequence' | 'condition' | 'composite';
  /** Null for the composite. */
  readonly condition: string | null;
  readonly value: string;
  readonly threshold: string;
  /** Where the value lies, at the strictness of the alarm; null for an end that is not told. */
  readonly low: string | null;
  readonly high: string | null;
}

export interface Noticed {
  readonly breaches: readonly Breach[];
  /** Conditions for which the data set has no case, so that nobody watches them. */
  readonly unmeasured: readonly string[];
  /** Scores over the measured conditions. */
  readonly scores: Scores;
  readonly watched: readonly Watched[];
}

export interface Watch {
  /** At the confidence of the pact, for display. */
  readonly results: readonly ConditionResult[];
  /** The same run at the confidence of {@link strictness}. */
  readonly strict: readonly ConditionResult[];
  /** All looks, this run the last. */
  readonly looks: readonly Look[];
  readonly thresholds: AlertThresholds;
  /** Chance of any false alarm, ever. */
  readonly alpha: number;
}

/** Confidence at which one run alone may ring: its share of the chance, split over all that is watched and over the conditions of a composite. */
export function strictness(looks: readonly Look[], alpha: number): number {
  const newest = looks.at(-1) ?? { counts: [] };
  return 1 - (alpha * spend(looksSinceReset(looks))) / watchedTogether(newest) / Math.max(1, newest.counts.length);
}

export function watch({ results, strict, looks, thresholds, alpha }: Watch): Noticed {
  const thresholdOf = (one: ConditionResult) => thresholds.conditions?.[one.id] ?? one.threshold;
  const measured = results.filter((one) => one.value !== null);
  const scores = scoresOf(measured);
  const watched = watchedAt(looks, alpha);
  const breaches = measured.flatMap((one): readonly Breach[] => {
    const sequence = watched.find((state) => state.condition === one.id);
    if (sequence?.interval) return sequence.alarm ? [bySequence(one, thresholdOf(one), sequence)] : [];
    const alone = strict.find((other) => other.id === one.id);
    const broken = alone !== undefined && verdictOf({ operator: one.operator, threshold: thresholdOf(one) }, alone) === 'not-met';
    return broken ? [{ kind: 'condition', condition: one.id, value: one.value ?? '', threshold: thresholdOf(one), low: alone.lower, high: alone.upper }] : [];
  });
  const unmeasured = results.filter((one) => one.value === null).map((one) => one.id);
  return { breaches: [...breaches, ...compositeBreach(scores, strict, thresholds.composite)], unmeasured, scores, watched };
}

/** Latency is told in the milliseconds of the run, its interval is about the share of answers that arrive in time. */
function bySequence(one: ConditionResult, threshold: string, { interval, value }: Watched): Breach {
  const latency = one.metric.startsWith('latency-');
  return {
    kind: 'sequence', condition: one.id, value: latency || value === null ? (one.value ?? '') : decimal(value), threshold,
    low: interval ? decimalBelow(interval.low) : null, high: interval ? decimalAbove(interval.high) : null,
  };
}

/** The composite is below its threshold, and stays there when every condition is taken at the best that its bounds allow. */
function compositeBreach({ composite }: Scores, strict: readonly ConditionResult[], threshold: string): readonly Breach[] {
  const best = strict.filter((one) => one.value !== null).map((one) => ({ ...one, value: one.operator === '>=' ? (one.upper ?? '1') : (one.lower ?? '0') }));
  const high = scoresOf(best).composite;
  if (composite === null || high === null || Number(high) >= Number(threshold) || Number(composite) >= Number(threshold)) return [];
  return [{ kind: 'composite', condition: null, value: composite, threshold, low: null, high }];
}
