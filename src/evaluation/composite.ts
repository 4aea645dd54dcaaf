/** One number to look at, and one for each dimension. It is shown and watched for drift; it never decides. */
import type { Dimension, Metric, Severity } from './condition.js';
import { decimal } from './decimal.js';
import type { ConditionResult } from './judge.js';

/** How scores are made; a new profile gets a new id, so that old scores keep their meaning. */
export interface ScoreProfile {
  readonly id: string;
  readonly weights: Readonly<Record<Severity, number>>;
}

/** What scores that name none were made by. */
export const FIRST_PROFILE = 'agentctl-score/1';
export const DEFAULT_PROFILE: ScoreProfile = { id: FIRST_PROFILE, weights: { critical: 3, major: 2, minor: 1 } };

export interface Scores {
  readonly profile: string;
  /** Plain mean of the dimensions, 0..1; null when nothing was measured. */
  readonly composite: string | null;
  /** Mean of the goodness of each condition, weighted by severity. */
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>;
}

export function scoresOf(results: readonly ConditionResult[], profile: ScoreProfile = DEFAULT_PROFILE): Scores {
  const names = [...new Set(results.map((result) => result.dimension))].sort();
  const means = names.map((name) => [name, weightedMean(results.filter((result) => result.dimension === name), profile)] as const);
  return {
    profile: profile.id,
    composite: means.length === 0 ? null : decimal(means.reduce((sum, [, mean]) => sum + mean, 0) / means.length),
    dimensions: Object.fromEntries(means.map(([name, mean]) => [name, decimal(mean)])),
  };
}

/** Between which two numbers of 0..1 something lies. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Each dimension of which anything was measured, at the worst (what {@link scoresOf} says) and at the best that its unmeasured conditions could be. */
export function goodnessSpans(results: readonly ConditionResult[], profile: ScoreProfile = DEFAULT_PROFILE): ReadonlyMap<Dimension, Span> {
  const names = new Set(results.filter(({ value }) => value !== null).map((result) => result.dimension));
  return new Map([...names].map((name) => {
    const of = results.filter((result) => result.dimension === name);
    const measured = of.filter(({ value }) => value !== null);
    const weightOf = (some: readonly ConditionResult[]) => some.reduce((sum, { severity }) => sum + profile.weights[severity], 0);
    const low = weightedMean(of, profile);
    return [name, { low, high: measured.length === of.length ? low : low + 1 - weightOf(measured) / weightOf(of) }];
  }));
}

function weightedMean(results: readonly ConditionResult[], { weights }: ScoreProfile): number {
  const total = results.reduce((sum, { severity }) => sum + weights[severity], 0);
  return results.reduce((sum, result) => sum + weights[result.severity] * goodness(result), 0) / total;
}

/** Milliseconds, money and tokens, of which less is better and which know no worst: at the threshold they are half good. */
const UNBOUNDED: ReadonlySet<Metric> = new Set<Metric>(['latency-p50', 'latency-p95', 'latency-p99', 'cost-mean', 'tokens-mean']);

/** A condition's value as 0 (worst) to 1 (best). What was not measured counts as 0, or a score could rise by measuring less. */
export function goodness({ metric, operator, threshold, value }: Pick<ConditionResult, 'metric' | 'operator' | 'threshold' | 'value'>): number {
  if (value === null) return 0;
  const measured = Number(value);
  if (UNBOUNDED.has(metric)) return measured === 0 ? 1 : Number(threshold) / (Number(threshold) + measured);
  return operator === '>=' ? measured : 1 - measured;
}
