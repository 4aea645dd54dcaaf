/** Paired comparison against R mcnemar.test and the Vassar calculator. */
import { describe, expect, test } from '@jest/globals';
import { mcNemarChiSquared, pairedMean, pairedShares } from '../../../src/evaluation/statistics/paired.js';

const n = 1000;

describe('McNemar', () => {
  test.each([[121, 59, 0.000004], [70, 59, 0.378688], [80, 59, 0.089452], [30, 60, 0.00206], [10, 30, 0.002221], [10, 10, 1], [0, 0, 1]])('3.3 exact p of %d against %d is %d', (onlyBefore, onlyAfter, p) => {
    expect(pairedShares({ onlyBefore, onlyAfter, n })?.p).toBeCloseTo(p, 5);
  });
  test.each([
    [121, 59, 20.67222, 5.450095e-6, 21.35556, 3.815136e-6],
    [70, 59, 0.7751938, 0.3786151, 0.9379845, 0.3327967],
    [80, 59, 2.87769784, 0.08981434, 3.17266187, 0.07488031],
  ])('3.3 chi-squared of %d against %d', (onlyBefore, onlyAfter, corrected, pCorrected, plain, pPlain) => {
    const [one, other] = [true, false].map((edwards) => mcNemarChiSquared({ onlyBefore, onlyAfter, n }, edwards));
    expect([one?.statistic, other?.statistic]).toEqual([expect.closeTo(corrected, 4), expect.closeTo(plain, 4)]);
    expect((one?.p ?? 0) / pCorrected).toBeCloseTo(1, 6);
    expect((other?.p ?? 0) / pPlain).toBeCloseTo(1, 6);
  });
  test('3.3 the difference has the error of its definition', () => {
    const [onlyBefore, onlyAfter, all] = [12, 30, 200];
    const values = [...new Array<number>(onlyBefore).fill(-1), ...new Array<number>(onlyAfter).fill(1), ...new Array<number>(all - onlyBefore - onlyAfter).fill(0)];
    const mean = values.reduce((sum, value) => sum + value, 0) / all;
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / all;
    const found = pairedShares({ onlyBefore, onlyAfter, n: all });
    expect([found?.difference, found?.error]).toEqual([expect.closeTo(mean, 12), expect.closeTo(error, 12)]);
    expect(pairedShares({ onlyBefore: 0, onlyAfter: 0, n: 0 })).toBeUndefined();
  });
});

describe('paired scores', () => {
  const pairs = Array.from({ length: 20 }, (_, i) => ({ group: String(i % 4), before: 0.25, after: i + 0.25 }));
  test('3.3 the mean difference has the clustered error of the Inspect test suite', () => {
    expect(pairedMean(pairs)).toEqual({ mean: 9.5, error: expect.closeTo(0.6454972, 6), degrees: 3 });
  });
  test('3.3 twin: taken as twenty groups of one, the same differences have another error', () => {
    expect(pairedMean(pairs.map((pair, i) => ({ ...pair, group: String(i) })))?.error).toBeCloseTo(1.322876, 5);
  });
  test('3.3 one group is no evidence', () => {
    expect(pairedMean(pairs.map((pair) => ({ ...pair, group: 'same' })))).toBeUndefined();
  });
});
