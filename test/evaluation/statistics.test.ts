/** Published reference values of the statistics (R binom.confint, Inspect, tau-bench era papers) and the tables of the engineering notes. */
import { describe, expect, test } from '@jest/globals';
import { binomialCdf, lgamma, normalQuantile, studentQuantile } from '../../src/evaluation/special-functions.js';
import { clusteredBounds, clusteredMean, exactBounds, exactInterval, leastCases, leastQuantileSamples, quantileRanks, wilsonInterval } from '../../src/evaluation/statistics.js';
import { brierBounds, ranking, rankingBounds, type ConfidenceLevel } from '../../src/evaluation/calibration.js';
import { confidenceText, decimalAbove, decimalBelow } from '../../src/evaluation/decimal.js';

describe('special functions', () => {
  test.each([[0.975, 1.959963984540054], [0.95, 1.644853626951472], [0.8, 0.841621233572914], [0.025, -1.959963984540054], [1e-10, -6.361340902404056]])('3.3 normal quantile of %d', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 12);
  });
  test.each([[1, 12.706205], [3, 3.182446], [9, 2.262157], [29, 2.04523], [49, 2.009575]])('3.3 Student quantile with %d degrees', (degrees, t) => {
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(t, 5);
  });
  test('log-gamma and the binomial distribution in closed form', () => {
    expect(lgamma(1)).toBeCloseTo(0, 12);
    expect(lgamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
    expect(lgamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(binomialCdf(1, 3, 0.5)).toBeCloseTo(0.5, 14);
    expect(binomialCdf(59, 180, 0.5) * 2).toBeCloseTo(0.000004, 6);
    expect(binomialCdf(-1, 3, 0.5)).toBe(0);
    expect(binomialCdf(3, 3, 0.5)).toBe(1);
  });
});

describe('one proportion', () => {
  test.each([
    [18, 20, 0.6989663547715128, 0.972133518786232, 0.6830172859809176, 0.9876514728297052],
    [4, 20, 0.0806576625797981, 0.4160174322518935, 0.05733399705003284, 0.436614002996668],
    [4, 200, 0.00780442641634947, 0.05028708690582643, 0.005475565879556443, 0.05041360908989634],
    [190, 200, 0.910421851861224, 0.972617354399236, 0.9099724622986486, 0.975765834527891],
  ])('3.3 %d of %d as R binom.confint says', (hits, n, wilsonLow, wilsonHigh, exactLow, exactHigh) => {
    const wilson = wilsonInterval(hits, n, 0.95);
    const exact = exactInterval(hits, n, 0.95);
    expect(wilson.low).toBeCloseTo(wilsonLow, 12);
    expect(wilson.high).toBeCloseTo(wilsonHigh, 12);
    expect(exact.low).toBeCloseTo(exactLow, 11);
    expect(exact.high).toBeCloseTo(exactHigh, 11);
  });
  test('3.3 nothing and everything', () => {
    expect(exactInterval(0, 30, 0.95).low).toBe(0);
    expect(exactInterval(0, 30, 0.95).high).toBeCloseTo(0.1157033, 7);
    expect(exactInterval(30, 30, 0.95).low).toBeCloseTo(0.8842967, 7);
    expect(wilsonInterval(0, 30, 0.95).high).toBeCloseTo(0.1135134, 7);
    expect(wilsonInterval(30, 30, 0.95).low).toBeCloseTo(0.8864866, 7);
  });
  test.each([[59, 59, 0.950492, 1], [58, 59, 0.922102, 0.999131], [94, 100, 0.885015, 0.97355], [90, 100, 0.836282, 0.944737], [1368, 1396, 0.9726, 0.9857], [1230, 1400, 0.8633, 0.8927]])('3.3 one-sided bounds of %d of %d', (hits, n, low, high) => {
    const digits = n > 100 ? 4 : 6;
    expect(exactBounds(hits, n, 0.95).low).toBeCloseTo(low, digits);
    expect(exactBounds(hits, n, 0.95).high).toBeCloseTo(high, digits);
  });
  test.each([
    [0.8, [14, 22, 30, 37, 50, 82]], [0.9, [29, 46, 61, 76, 103, 167]], [0.95, [59, 93, 124, 153, 208, 336]],
    [0.98, [149, 236, 313, 386, 523, 845]], [0.99, [299, 473, 628, 773, 1049, 1693]],
  ])('2.2 least cases for %d with 0, 1, 2, 3, 5, 10 failures', (threshold, expected) => {
    expect([0, 1, 2, 3, 5, 10].map((failures) => leastCases(threshold, 0.95, failures))).toEqual(expected);
  });
  test('2.2 certainty cannot be sampled', () => {
    expect(leastCases(1, 0.95, 0)).toBe(Infinity);
    expect(leastCases(0, 0.95, 0)).toBe(1);
  });
});

describe('quantiles', () => {
  test.each([[0.95, 59, 59, 53], [0.95, 100, 99, 91], [0.95, 200, 196, 185], [0.95, 500, 484, 467], [0.95, 1000, 962, 938], [0.99, 299, 299, 293], [0.99, 500, 499, 491], [0.99, 1000, 996, 985]])('3.3 ranks that bound quantile %d of %d samples', (quantile, n, above, below) => {
    expect(quantileRanks(n, quantile, 0.95)).toEqual({ above, below });
  });
  test('3.3 too few samples give no upper bound', () => {
    expect(quantileRanks(58, 0.95, 0.95).above).toBeNull();
    expect(quantileRanks(0, 0.95, 0.95)).toEqual({ above: null, below: null });
    expect(leastQuantileSamples(0.95, 0.95)).toBe(59);
    expect(leastQuantileSamples(0.99, 0.95)).toBe(299);
  });
});

describe('means and calibration', () => {
  const fourClusters = [0, 1, 2, 3].map((k) => ({ n: 5, sum: 5 * k + 40 }));
  test('3.3 clustered error of the Inspect test suite', () => {
    const mean = clusteredMean(fourClusters);
    expect(mean?.mean).toBe(9.5);
    expect(mean?.error).toBeCloseTo(0.645, 3);
    expect(mean?.degrees).toBe(3);
    const bounds = mean && clusteredBounds(mean, 0.975);
    expect(bounds?.low).toBeCloseTo(7.44574, 4);
    expect(bounds?.high).toBeCloseTo(11.55426, 4);
  });
  test('3.3 one cluster is no evidence, not an error of 0', () => {
    expect(clusteredMean([{ n: 20, sum: 3 }])).toBeUndefined();
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

test('bounds are rounded outwards, confidences to six digits', () => {
  expect([decimalBelow(0.8499999), decimalAbove(0.8499991), decimalBelow(0.57), decimalAbove(0.57), decimalBelow(1), decimalAbove(0)]).toEqual(['0.849999', '0.850000', '0.570000', '0.570000', '1.000000', '0.000000']);
  expect([0.93, '0.93', 1, 0, '1.0', 0.30000000000000004].map(confidenceText)).toEqual(['0.93', '0.93', '1', '0', '1', '0.3']);
  expect([1.01, -0.1, NaN, '1e-1', '', ' 0.5', true, {}].map(confidenceText)).toEqual(new Array(8).fill(undefined));
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
