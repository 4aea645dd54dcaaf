/** Expected calibration error: how far stated confidence and the share that is right lie apart, over ten bins; with bounds. */
import { clusteredMean, clusteredUnitBounds, type Cluster } from './clustered.js';
import type { Interval } from './interval.js';

export const CALIBRATION_BINS = 10;

/** Answers of one group: how many, and for each bin the sum of right (1 or 0) minus stated confidence. */
export interface CalibrationGroup {
  readonly n: number;
  readonly gaps: readonly number[];
}

export const EMPTY_CALIBRATION_GROUP: CalibrationGroup = { n: 0, gaps: new Array<number>(CALIBRATION_BINS).fill(0) };

/** Bin of a confidence in 0..1: equal widths, the upper edge of the last one included. */
export function calibrationBin(confidence: number): number {
  // Decimal text such as 0.3 lies a hair off its edge once it is a number.
  return Math.min(CALIBRATION_BINS - 1, Math.floor(confidence * CALIBRATION_BINS + 1e-9));
}

/** The group with one more answer. */
export function withAnswer(group: CalibrationGroup, confidence: number, right: boolean): CalibrationGroup {
  const bin = calibrationBin(confidence);
  return { n: group.n + 1, gaps: group.gaps.map((gap, index) => (index === bin ? gap + (right ? 1 : 0) - confidence : gap)) };
}

/** The plug-in estimate, 0..1; undefined without answers. */
export function calibrationError(groups: readonly CalibrationGroup[]): number | undefined {
  const n = groups.reduce((sum, group) => sum + group.n, 0);
  return n === 0 ? undefined : totalGaps(groups).reduce((sum, gap) => sum + Math.abs(gap), 0) / n;
}

/**
 * One-sided bounds, undefined under four groups. The plug-in estimate lies above the truth on average (a mean of absolute
 * values), so its own upper bound is one of the truth. For the lower bound every second group says on which side each bin lies,
 * and the others are measured against those sides: whatever sides are chosen beforehand, their mean lies below the truth.
 *
 * @param groups in an order that has nothing to do with their answers
 */
export function eceBounds(groups: readonly CalibrationGroup[], confidence: number): Interval | undefined {
  const chosen = groups.filter((_, index) => index % 2 === 0);
  const measured = groups.filter((_, index) => index % 2 === 1);
  const above = clusteredMean(towards(groups, sidesOf(groups)));
  const below = clusteredMean(towards(measured, sidesOf(chosen)));
  if (!above || !below) return undefined;
  return { low: clusteredUnitBounds(below, confidence).low, high: clusteredUnitBounds(above, confidence).high };
}

function totalGaps(groups: readonly CalibrationGroup[]): readonly number[] {
  return Array.from({ length: CALIBRATION_BINS }, (_, bin) => groups.reduce((sum, group) => sum + (group.gaps[bin] ?? 0), 0));
}

/** Whether answers of each bin are right more often than stated (1) or not (-1). */
function sidesOf(groups: readonly CalibrationGroup[]): readonly number[] {
  return totalGaps(groups).map((gap) => (gap >= 0 ? 1 : -1));
}

function towards(groups: readonly CalibrationGroup[], sides: readonly number[]): readonly Cluster[] {
  return groups.map(({ n, gaps }) => ({ n, sum: gaps.reduce((sum, gap, bin) => sum + gap * (sides[bin] ?? 0), 0) }));
}
