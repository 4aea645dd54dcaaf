/** pass^k and pass@k against the published table of tau-bench (gpt-4o, airline, 50 tasks by 4 tries). */
import { expect, test } from '@jest/globals';
import { clusteredMean } from '../../../src/evaluation/statistics/clustered.js';
import { passAll, passAny, type Tries } from '../../../src/evaluation/statistics/repeats.js';

const airline: readonly Tries[] = [14, 12, 10, 4, 10].flatMap((count, passed) => new Array<Tries>(count).fill({ n: 4, passed }));

test.each([[1, 0.42, 0.42], [2, 0.273, 0.5667], [3, 0.22, 0.66], [4, 0.2, 0.72]])('3.3 of %d tries: all and any', (k, all, any) => {
  expect(passAll(airline, k)).toBeCloseTo(all, 3);
  expect(passAny(airline, k)).toBeCloseTo(any, 4);
});

test('3.3 too few tries, or none, are no number', () => {
  expect(passAll(airline, 5)).toBeUndefined();
  expect(passAny([], 1)).toBeUndefined();
});

test('3.3 tries at one task err together: the error of the mean is half as large again', () => {
  const together = clusteredMean(airline.map(({ n, passed }) => ({ n, sum: passed })));
  const apart = clusteredMean(airline.flatMap(({ n, passed }) => Array.from({ length: n }, (_, i) => ({ n: 1, sum: i < passed ? 1 : 0 }))));
  expect([together?.error, apart?.error]).toEqual([expect.closeTo(0.0522, 4), expect.closeTo(0.035, 4)]);
});
