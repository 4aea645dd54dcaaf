/** Whether stated confidence means anything: does it rank right answers above wrong ones (AUROC), and is it close to the truth (Brier)? */
import { clusteredMean, clusteredUnitBounds, type Cluster } from './statistics/clustered.js';
import type { Interval } from './statistics/interval.js';
import { exactBounds } from './statistics/proportion.js';
import { normalQuantile } from './statistics/special-functions.js';

/** How many right and wrong answers were given at one stated confidence. */
export interface ConfidenceLevel {
  readonly confidence: number;
  readonly right: number;
  readonly wrong: number;
}

export interface Ranking {
  /** Probability that a right answer is stated with more confidence than a wrong one; ties count half, so a constant gives 0.5. */
  readonly auroc: number;
  readonly variance: number;
  readonly right: number;
  readonly wrong: number;
}

/** AUROC with its variance (DeLong, DeLong & Clarke-Pearson 1988); undefined unless there are two right and two wrong answers. */
export function ranking(levels: readonly ConfidenceLevel[]): Ranking | undefined {
  const right = levels.reduce((sum, level) => sum + level.right, 0);
  const wrong = levels.reduce((sum, level) => sum + level.wrong, 0);
  if (right < 2 || wrong < 2) return undefined;
  const placed = placements(levels, right, wrong);
  const auroc = placed.reduce((sum, { level, ofRight }) => sum + level.right * ofRight, 0) / right;
  const spreadRight = placed.reduce((sum, { level, ofRight }) => sum + level.right * (ofRight - auroc) ** 2, 0) / (right - 1);
  const spreadWrong = placed.reduce((sum, { level, ofWrong }) => sum + level.wrong * (ofWrong - auroc) ** 2, 0) / (wrong - 1);
  return { auroc, variance: spreadRight / right + spreadWrong / wrong, right, wrong };
}

/** For each level: the share of wrong answers ranked below it, and the share of right answers ranked above it. */
function placements(levels: readonly ConfidenceLevel[], right: number, wrong: number) {
  let rightBelow = 0;
  let wrongBelow = 0;
  return [...levels].sort((a, b) => a.confidence - b.confidence).map((level) => {
    const ofRight = (wrongBelow + level.wrong / 2) / wrong;
    const ofWrong = (right - rightBelow - level.right / 2) / right;
    rightBelow += level.right;
    wrongBelow += level.wrong;
    return { level, ofRight, ofWrong };
  });
}

/**
 * One-sided bounds of an AUROC: normal on the logit scale. Where the estimated variance is 0 (constant or perfect
 * confidence) that would claim certainty, so the distribution-free variance limit A(1-A)/min(right, wrong) stands in
 * (Birnbaum & Klose 1957), as an exact interval over the smaller class.
 */
export function rankingBounds({ auroc, variance, right, wrong }: Ranking, confidence: number): Interval {
  const fewer = Math.min(right, wrong);
  if (variance <= 1e-15 || auroc <= 0 || auroc >= 1) return exactBounds(auroc * fewer, fewer, confidence);
  const centre = Math.log(auroc / (1 - auroc));
  const half = (normalQuantile(confidence) * Math.sqrt(variance)) / (auroc * (1 - auroc));
  return { low: logistic(centre - half), high: logistic(centre + half) };
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Squared distance between stated confidence and what happened: 0 is best, a constant 0.5 scores 0.25. */
export function brierOf(confidence: number, right: boolean): number {
  return (confidence - (right ? 1 : 0)) ** 2;
}

/** Mean Brier score over clusters with its one-sided bounds; undefined under two clusters. */
export function brierBounds(clusters: readonly Cluster[], confidence: number): (Interval & { readonly mean: number }) | undefined {
  const mean = clusteredMean(clusters);
  if (!mean) return undefined;
  return { mean: mean.mean, ...clusteredUnitBounds(mean, confidence) };
}
