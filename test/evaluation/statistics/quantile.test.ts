/** Order statistics that bound a quantile: the table of the engineering notes. */
import { describe, expect, test } from '@jest/globals';
import { leastQuantileSamples, quantileRanks } from '../../../src/evaluation/statistics/quantile.js';

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
