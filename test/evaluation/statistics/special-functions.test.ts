/** Special functions against tabulated values and closed forms. */
import { describe, expect, test } from '@jest/globals';
import { binomialCdf, chiSquaredTail, lgamma, normalCdf, normalQuantile, studentQuantile, upperGamma } from '../../../src/evaluation/statistics/special-functions.js';

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
  test('3.3 normal and chi-squared distributions', () => {
    expect([1.959963984540054, 1.644853626951472, -6.361340902404056, 0].map(normalCdf)).toEqual([0.975, 0.95, 1e-10, 0.5].map((value) => expect.closeTo(value, 14)));
    // 5 % points of the tables.
    expect([chiSquaredTail(3.841459, 1), chiSquaredTail(5.991465, 2), chiSquaredTail(18.307038, 10)]).toEqual(new Array(3).fill(expect.closeTo(0.05, 7)));
    expect([upperGamma(1, 2.5), upperGamma(1, 0.2), upperGamma(3, 0)]).toEqual([Math.exp(-2.5), Math.exp(-0.2), 1].map((value) => expect.closeTo(value, 14)));
  });
});
