/** How sure an F1 score is. */
import type { Interval } from './interval.js';
import { exactBounds } from './proportion.js';

/** How often a label was given and right, given and wrong, and missed. */
export interface LabelCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

/** F1 = 2TP / (2TP + FP + FN); undefined where the label was neither given nor due. */
export function f1Of({ truePositives, falsePositives, falseNegatives }: LabelCounts): number | undefined {
  const all = 2 * truePositives + falsePositives + falseNegatives;
  return all === 0 ? undefined : (2 * truePositives) / all;
}

/**
 * One-sided bounds of F1 = 2J / (1 + J), where J = TP / (TP + FP + FN) is the Jaccard index: a share of cases, given those that
 * carry the label on either side, so its exact bounds hold, and F1 grows with it.
 */
export function f1Bounds({ truePositives, falsePositives, falseNegatives }: LabelCounts, confidence: number): Interval {
  const { low, high } = exactBounds(truePositives, truePositives + falsePositives + falseNegatives, confidence);
  return { low: (2 * low) / (1 + low), high: (2 * high) / (1 + high) };
}
