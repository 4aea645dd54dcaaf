/** How sure a share is: exact bounds for verdicts, Wilson for display. */
import type { Interval } from './interval.js';
import { betaQuantile, normalQuantile } from './special-functions.js';

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
