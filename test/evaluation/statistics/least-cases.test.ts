/** How many cases a verdict needs: the table of the engineering notes. */
import { describe, expect, test } from '@jest/globals';
import { leastCases } from '../../../src/evaluation/statistics/least-cases.js';

describe('least cases', () => {
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
