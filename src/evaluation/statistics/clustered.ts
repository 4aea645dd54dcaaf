/** How sure a mean is when cases come in groups that err together. */
import type { Interval } from './interval.js';
import { exactBounds } from './proportion.js';
import { studentQuantile } from './special-functions.js';

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

/**
 * Mean with its cluster-robust standard error (Miller 2024, finite-cluster correction); undefined under two clusters: no evidence, not an error of 0.
 * @param clusters gone through twice
 */
export function clusteredMean(clusters: Iterable<Cluster>): ClusteredMean | undefined {
  let [groups, n, total, spread] = [0, 0, 0, 0];
  for (const cluster of clusters) {
    groups += 1;
    n += cluster.n;
    total += cluster.sum;
  }
  if (groups < 2) return undefined;
  const mean = total / n;
  for (const cluster of clusters) spread += (cluster.sum - cluster.n * mean) ** 2;
  return { mean, error: Math.sqrt((groups / (groups - 1)) * spread) / n, degrees: groups - 1 };
}

/** One-sided bounds of a clustered mean, by Student's t. */
export function clusteredBounds({ mean, error, degrees }: ClusteredMean, confidence: number): Interval {
  const half = studentQuantile(confidence, degrees) * error;
  return { low: mean - half, high: mean + half };
}

/**
 * The same for values in 0..1: clipped to it. Where all groups are alike, the estimated error of 0 would claim certainty, so
 * exact bounds of as many yes-or-no answers as there are groups stand in: no variable in 0..1 spreads wider.
 */
export function clusteredUnitBounds(mean: ClusteredMean, confidence: number): Interval {
  const groups = mean.degrees + 1;
  if (mean.error < ALIKE) return exactBounds(Math.min(1, Math.max(0, mean.mean)) * groups, groups, confidence);
  const { low, high } = clusteredBounds(mean, confidence);
  return { low: Math.max(0, low), high: Math.min(1, high) };
}

/** Below this, an error is rounding noise. */
const ALIKE = 1e-12;

/** Gathers values into the clusters of their groups. Memory grows with the groups, not with the values. */
export function clustersOf(values: Iterable<{ readonly group: string; readonly value: number }>): readonly Cluster[] {
  const clusters = new Map<string, Cluster>();
  for (const { group, value } of values) {
    const { n, sum } = clusters.get(group) ?? { n: 0, sum: 0 };
    clusters.set(group, { n: n + 1, sum: sum + value });
  }
  return [...clusters.values()];
}
