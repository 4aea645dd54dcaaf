/** How sure a measured number is: exact bounds for shares, order statistics for quantiles, clustered errors for means. */
import { betaQuantile, binomialCdf, normalQuantile, studentQuantile } from './special-functions.js';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Exact (Clopper-Pearson) interval of `hits` of `n` at the two-sided level, such as 0.95. Nothing seen: all of 0..1. */
export function exactInterval(hits: number, n: number, level: number): Interval {
  const tail = (1 - level) / 2;
  return { low: exactLow(hits, n, tail), high: exactHigh(hits, n, tail) };
}

/** One-sided exact bounds: each holds alone with the given confidence. Verdicts use these. */
export function exactBounds(hits: number, n: number, confidence: number): Interval {
  return { low: exactLow(hits, n, 1 - confidence), high: exactHigh(hits, n, 1 - confidence) };
}

function exactLow(hits: number, n: number, tail: number): number {
  return hits <= 0 ? 0 : betaQuantile(tail, hits, n - hits + 1);
}

function exactHigh(hits: number, n: number, tail: number): number {
  return hits >= n ? 1 : betaQuantile(1 - tail, hits + 1, n - hits);
}

/** Wilson score interval, for display. */
export function wilsonInterval(hits: number, n: number, level: number): Interval {
  const z = normalQuantile(1 - (1 - level) / 2);
  const p = hits / n;
  const scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale;
  const half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { low: hits === 0 ? 0 : Math.max(0, centre - half), high: hits === n ? 1 : Math.min(1, centre + half) };
}

/** Fewest cases with `failures` misses whose one-sided lower bound reaches `threshold`; Infinity when sampling can never show it. */
export function leastCases(threshold: number, confidence: number, failures: number): number {
  if (threshold >= 1) return Infinity;
  if (threshold <= 0) return Math.max(1, failures);
  // The bound reaches the threshold exactly when so few misses would be this unlikely at the threshold itself.
  const decides = (n: number) => binomialCdf(failures, n, 1 - threshold) <= 1 - confidence;
  return leastWhere(failures + 1, decides);
}

function leastWhere(start: number, holds: (n: number) => boolean): number {
  let high = start;
  while (!holds(high)) high *= 2;
  let low = start;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Ranks (from 1) of the order statistics that bound a quantile from below and above; null where n is too small for one. */
export interface QuantileRanks {
  readonly below: number | null;
  readonly above: number | null;
}

export function quantileRanks(n: number, quantile: number, confidence: number): QuantileRanks {
  const miss = 1 - confidence;
  if (n === 0) return { below: null, above: null };
  const first = leastWhere(1, (rank) => binomialCdf(rank - 1, n, quantile) > miss);
  const enough = binomialCdf(n - 1, n, quantile) >= confidence;
  return {
    below: first > 1 ? first - 1 : null,
    above: enough ? leastWhere(1, (rank) => binomialCdf(rank - 1, n, quantile) >= confidence) : null,
  };
}

/** Fewest samples that give a quantile an upper bound: 59 for p95 at 0.95. */
export function leastQuantileSamples(quantile: number, confidence: number): number {
  return Math.ceil(Math.log(1 - confidence) / Math.log(quantile) - 1e-12);
}

/** Sum and count of the values of one cluster. */
export interface Cluster {
  readonly n: number;
  readonly sum: number;
}

export interface ClusteredMean {
  readonly mean: number;
  readonly error: number;
  readonly degrees: number;
}

/** Mean with its cluster-robust standard error (Miller 2024, finite-cluster correction); undefined under two clusters: no evidence, not an error of 0. */
export function clusteredMean(clusters: readonly Cluster[]): ClusteredMean | undefined {
  const groups = clusters.length;
  if (groups < 2) return undefined;
  const n = clusters.reduce((total, cluster) => total + cluster.n, 0);
  const mean = clusters.reduce((total, cluster) => total + cluster.sum, 0) / n;
  const spread = clusters.reduce((total, cluster) => total + (cluster.sum - cluster.n * mean) ** 2, 0);
  return { mean, error: Math.sqrt((groups / (groups - 1)) * spread) / n, degrees: groups - 1 };
}

/** One-sided bounds of a clustered mean, by Student's t. */
export function clusteredBounds({ mean, error, degrees }: ClusteredMean, confidence: number): Interval {
  const half = studentQuantile(confidence, degrees) * error;
  return { low: mean - half, high: mean + half };
}
