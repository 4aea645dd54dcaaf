/** Calibration against Hanley and McNeil 1982 and DeLong's definition. */
import { describe, expect, test } from '@jest/globals';
import { brierBounds, ranking, rankingBounds, type ConfidenceLevel } from '../../src/evaluation/calibration.js';

describe('calibration', () => {
  test('3.3 one cluster is no evidence, not an error of 0', () => {
    expect(brierBounds([{ n: 20, sum: 3 }], 0.95)).toBeUndefined();
  });
  test('3.3 Brier keeps its bounds inside 0..1', () => {
    const bounds = brierBounds([{ n: 1, sum: 0 }, { n: 1, sum: 1 }], 0.95);
    expect(bounds).toEqual({ mean: 0.5, low: 0, high: 1 });
  });

  // Hanley & McNeil 1982, table I: 58 normal and 51 abnormal CT images in five ratings; area 0.893, standard error 0.032.
  const images: readonly ConfidenceLevel[] = [[33, 3], [6, 2], [6, 2], [11, 11], [2, 33]].map(([wrong = 0, right = 0], rating) => ({ confidence: rating / 4, right, wrong }));
  test('3.3 AUROC of Hanley and McNeil, and its error pair by pair', () => {
    const ranked = ranking(images);
    expect(ranked?.auroc).toBeCloseTo(0.893, 3);
    expect(Math.sqrt(ranked?.variance ?? 0)).toBeCloseTo(0.032, 2);
    expect(ranked?.variance).toBeCloseTo(pairwiseVariance(images), 14);
  });
  test('3.3 constant confidence ranks at 0.5 and the bounds stay honest', () => {
    const ranked = ranking([{ confidence: 0.9, right: 500, wrong: 60 }]);
    expect(ranked?.auroc).toBe(0.5);
    const bounds = ranked && rankingBounds(ranked, 0.95);
    expect(bounds?.low).toBeLessThan(0.45);
    expect(bounds?.high).toBeLessThan(0.65);
  });
  test('3.3 a perfect ranking of few is not certain', () => {
    const ranked = ranking([{ confidence: 0.9, right: 500, wrong: 0 }, { confidence: 0.1, right: 0, wrong: 10 }]);
    expect(ranked?.auroc).toBe(1);
    expect(ranked && rankingBounds(ranked, 0.95).low).toBeCloseTo(0.05 ** (1 / 10), 8);
  });
  test('ranking needs two right and two wrong answers', () => {
    expect(ranking([{ confidence: 0.5, right: 100, wrong: 1 }])).toBeUndefined();
  });
});

/** DeLong's variance from its definition, over all pairs. */
function pairwiseVariance(levels: readonly ConfidenceLevel[]): number {
  const right = levels.flatMap((level) => new Array<number>(level.right).fill(level.confidence));
  const wrong = levels.flatMap((level) => new Array<number>(level.wrong).fill(level.confidence));
  const wins = (a: number, b: number) => (a > b ? 1 : a === b ? 0.5 : 0);
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const spread = (list: readonly number[]) => list.reduce((sum, x) => sum + (x - mean(list)) ** 2, 0) / (list.length - 1) / list.length;
  return spread(right.map((a) => mean(wrong.map((b) => wins(a, b))))) + spread(wrong.map((b) => mean(right.map((a) => wins(a, b)))));
}
