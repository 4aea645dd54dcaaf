/** What one case contributes to a condition, so that two versions can be compared case by case. */
import type { Condition, Metric } from './condition.js';
import { meanValue } from './meters/mean.js';
import { foldedHit } from './meters/proportion.js';
import { isScored, type ResultRow } from './score.js';

/** `shares`: each case is good (1) or bad (0). `means`: more or less of something, of which `good` says whether more is better. Undefined: the metric is about all cases together. */
export function pairingOf({ metric, operator }: Pick<Condition, 'metric' | 'operator'>): { readonly kind: 'shares' | 'means'; readonly more: 'better' | 'worse' } | undefined {
  const more = operator === '>=' ? 'better' : 'worse';
  if (TOGETHER.has(metric)) return undefined;
  return { kind: MEANS.has(metric) ? 'means' : 'shares', more };
}

const TOGETHER: ReadonlySet<Metric> = new Set(['f1', 'confidence-auroc', 'ece']);
const MEANS: ReadonlySet<Metric> = new Set(['brier', 'score-mean', 'cost-mean', 'tokens-mean', 'latency-p50', 'latency-p95', 'latency-p99']);

/** The case's value over its repeats; undefined where it is not in the denominator. */
export function caseValue(condition: Condition, trials: readonly ResultRow[]): number | undefined {
  if (TOGETHER.has(condition.metric)) return undefined;
  if (condition.metric.startsWith('latency')) return slowest(trials);
  if (MEANS.has(condition.metric)) return mean(trials.map((row) => meanValue(condition, row)).filter((value) => value !== undefined));
  const hit = foldedHit(condition, trials);
  return hit === undefined ? undefined : Number(hit);
}

function slowest(trials: readonly ResultRow[]): number | undefined {
  const times = trials.filter(isScored).map(({ milliseconds }) => milliseconds);
  return times.length === 0 ? undefined : Math.max(...times);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
