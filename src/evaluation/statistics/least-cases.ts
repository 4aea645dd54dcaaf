/** How many cases a verdict on a share needs. */
import { leastWhere } from './bisection.js';
import { binomialCdf } from './special-functions.js';

/** Fewest cases with `failures` misses whose one-sided lower bound reaches `threshold`; Infinity when sampling can never show it. */
export function leastCases(threshold: number, confidence: number, failures: number): number {
  if (threshold >= 1) return Infinity;
  if (threshold <= 0) return Math.max(1, failures);
  // The bound reaches the threshold exactly when so few misses would be this unlikely at the threshold itself.
  const decides = (n: number) => binomialCdf(failures, n, 1 - threshold) <= 1 - confidence;
  return leastWhere(failures + 1, decides);
}
