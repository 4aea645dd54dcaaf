/** Intervals of a share against R binom.confint and the tables of the engineering notes. */
import { describe, expect, test } from '@jest/globals';
import { exactBounds, exactInterval, wilsonInterval } from '../../../src/evaluation/statistics/proportion.js';

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
});
