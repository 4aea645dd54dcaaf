/** An interval for a share that holds however often one looks: the beta-binomial mixture of Howard, Ramdas, McAuliffe & Sekhon 2021. */
import { bisect } from './bisection.js';
import type { Interval } from './interval.js';
import { incompleteBeta, lnBeta } from './special-functions.js';

/** What is known of a stream: the sum of its values, each in 0..1 (for yes and no: the number of yes), and how many there were. */
export interface Stream {
  readonly hits: number;
  readonly n: number;
}

/** After how many values the interval is to be narrowest. It holds whatever is chosen. */
const OPTIMUM = 100;
/** The level that the mixture is shaped for, whatever level it is used at. */
const SHAPED_FOR = 0.05;

interface Mixture {
  readonly a: number;
  readonly b: number;
}

function mixtureAt(p: number, optimum: number): Mixture {
  const q = 1 - p;
  const level = 2 * Math.log(1 / SHAPED_FOR);
  const rho = (p * q * optimum) / (level + Math.log1p(level));
  const r = Math.max(rho - p * q, 0.001 * p * q);
  return { a: r / q, b: r / p };
}

/**
 * ln of the evidence against the share being `p`: at most 1 on average at any time while it is p, so that it ever reaches 1/α
 * has probability α or less. Values in 0..1 that are not all 0 or 1 only make it smaller. 0 < p < 1.
 */
export function logEvidence({ hits, n }: Stream, p: number, optimum = OPTIMUM): number {
  const { a, b } = mixtureAt(p, optimum);
  return lnBeta(a + hits, b + n - hits) - lnBeta(a, b) - hits * Math.log(p) - (n - hits) * Math.log1p(-p);
}

/** The same against the share being `p` or more: the mixture over smaller shares alone, so that a share above p does not count against it. */
export function logEvidenceBelow(p: number, optimum = OPTIMUM): (stream: Stream) => number {
  const { a, b } = mixtureAt(p, optimum);
  const [hit, miss, start] = [Math.log(p), Math.log1p(-p), lnBeta(a, b)];
  const share = Math.log(incompleteBeta(p, a, b, start));
  return ({ hits, n }) => {
    const ln = lnBeta(a + hits, b + n - hits);
    return ln - start - hits * hit - (n - hits) * miss + Math.log(incompleteBeta(p, a + hits, b + n - hits, ln)) - share;
  };
}

/** Every share that the stream does not speak against at the level α: it contains the true one at all times at once, with probability 1 - α. */
export function confidenceSequence(stream: Stream, alpha: number, optimum = OPTIMUM): Interval {
  const { hits, n } = stream;
  const limit = Math.log(1 / alpha);
  const refused = (p: number) => p <= 0 || p >= 1 || logEvidence(stream, p, optimum) >= limit;
  if (n === 0) return { low: 0, high: 1 };
  const share = Math.min(1 - EDGE, Math.max(EDGE, hits / n));
  return {
    low: hits === 0 || !refused(EDGE) ? 0 : bisect(0, share, refused),
    high: hits === n || !refused(1 - EDGE) ? 1 : bisect(share, 1, (p) => !refused(p)),
  };
}

/** The outermost share that is asked about. */
const EDGE = 1e-9;

/** Two versions watched on the same cases: the discordant ones against a fair coin, at every look (sequential McNemar); ln of the evidence that they differ. */
export function logEvidenceOfDifference({ onlyBefore, onlyAfter }: { readonly onlyBefore: number; readonly onlyAfter: number }): number {
  return logEvidence({ hits: onlyAfter, n: onlyBefore + onlyAfter }, 0.5);
}
