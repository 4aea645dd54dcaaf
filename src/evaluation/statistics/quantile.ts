/** How sure a quantile is, such as the 95th percentile of the answer time: order statistics, whatever the distribution. */
import { leastWhere } from './bisection.js';
import { binomialCdf } from './special-functions.js';

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
