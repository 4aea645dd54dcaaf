/** How sure a mean is when cases come in groups that err together. */
import type { Interval } from './interval.js';
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
