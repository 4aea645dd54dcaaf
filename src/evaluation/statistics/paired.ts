/** Two versions on the same cases: how far apart they are, and whether chance alone could do that. */
import { clusteredMean, clustersOf, type ClusteredMean } from './clustered.js';
import { binomialCdf, chiSquaredTail } from './special-functions.js';

/** Cases of `n` on which the two disagree: passed only before, passed only after. */
export interface Discordance {
  readonly onlyBefore: number;
  readonly onlyAfter: number;
  readonly n: number;
}

export interface PairedDifference {
  /** Share after minus share before, and its standard error. */
  readonly difference: number;
  readonly error: number;
  /** Exact two-sided McNemar p: the discordant cases against a fair coin. */
  readonly p: number;
}

/** McNemar's test, exact, with the difference of the two shares. No case at all: undefined. */
export function pairedShares({ onlyBefore, onlyAfter, n }: Discordance): PairedDifference | undefined {
  if (n === 0) return undefined;
  const discordant = onlyBefore + onlyAfter;
  const net = onlyAfter - onlyBefore;
  return {
    difference: net / n,
    error: Math.sqrt(Math.max(0, discordant - (net * net) / n)) / n,
    p: Math.min(1, 2 * binomialCdf(Math.min(onlyBefore, onlyAfter), discordant, 0.5)),
  };
}

/** McNemar's test by chi-squared with one degree of freedom, with Edwards' correction or without; for comparison with other tools. */
export function mcNemarChiSquared({ onlyBefore, onlyAfter }: Discordance, corrected: boolean): { readonly statistic: number; readonly p: number } {
  const discordant = onlyBefore + onlyAfter;
  if (discordant === 0) return { statistic: 0, p: 1 };
  const gap = Math.max(0, Math.abs(onlyBefore - onlyAfter) - (corrected ? 1 : 0));
  const statistic = (gap * gap) / discordant;
  return { statistic, p: chiSquaredTail(statistic, 1) };
}

/** One case under both versions, with the group that it errs with. */
export interface PairedScore {
  readonly group: string;
  readonly before: number;
  readonly after: number;
}

/** Mean of after minus before, with its clustered error; undefined under two groups. */
export function pairedMean(pairs: Iterable<PairedScore>): ClusteredMean | undefined {
  return clusteredMean(clustersOf(differences(pairs)));
}

function* differences(pairs: Iterable<PairedScore>): Generator<{ readonly group: string; readonly value: number }> {
  for (const { group, before, after } of pairs) yield { group, value: after - before };
}
