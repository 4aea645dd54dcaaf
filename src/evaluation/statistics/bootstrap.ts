/** An interval for a mean by drawing whole groups again and again; the seed is part of the result, so that anybody gets the same. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Cluster } from './clustered.js';
import type { Interval } from './interval.js';

export interface BootstrapOptions {
  /** Two-sided level, such as 0.95. */
  readonly level: number;
  /** Whole number of 32 bits. */
  readonly seed: number;
  readonly draws?: number;
}

/** Percentile interval of the mean over groups that err together (Efron 1979); undefined under two groups. */
export function bootstrapMean(groups: readonly Cluster[], { level, seed, draws = 2000 }: BootstrapOptions): Interval | undefined {
  const size = groups.length;
  if (size < 2) return undefined;
  const random = xoroshiro128plus(seed);
  const means = Array.from({ length: draws }, () => {
    let [n, sum] = [0, 0];
    for (let i = 0; i < size; i += 1) {
      const group = groups[uniformInt(random, 0, size - 1)];
      n += group?.n ?? 0;
      sum += group?.sum ?? 0;
    }
    return sum / n;
  }).sort((a, b) => a - b);
  const at = (share: number) => means[Math.min(draws - 1, Math.max(0, Math.floor(share * draws)))] ?? 0;
  return { low: at((1 - level) / 2), high: at(1 - (1 - level) / 2) };
}
