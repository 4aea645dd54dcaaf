/** Control charts against the run lengths of Montgomery and of the exact chain. */
import { describe, expect, test } from '@jest/globals';
import { bernoulliCusum, bernoulliRunLength, bernoulliStep, cusum, QUIET } from '../../../src/evaluation/statistics/cusum.js';
import { normalQuantile } from '../../../src/evaluation/statistics/special-functions.js';
import { seeded } from './seeded.js';

describe('of measured values', () => {
  test.each([[4, 0, 167.7], [4, 1, 8.38], [5, 0, 465.4], [5, 1, 10.4], [5, 2, 4.01]])('5.4 limit %d, shift %d: rings after %d values on average', (limit, shift, expected) => {
    const random = seeded(limit * 10 + shift);
    const runs = 150;
    let values = 0;
    for (let run = 0; run < runs; run += 1) {
      let chart = QUIET;
      while (!chart.alarm) {
        chart = cusum(chart, 3 + 2 * (normalQuantile(random()) + shift), { mean: 3, deviation: 2, limit });
        values += 1;
      }
    }
    expect(Math.abs(values / runs / expected - 1)).toBeLessThan(0.15);
  });
  test('5.4 it starts afresh after an alarm', () => {
    const options = { mean: 0, deviation: 1 };
    expect(cusum({ up: 9, down: 0, alarm: true }, 0, options)).toEqual(QUIET);
    expect(cusum({ up: 9, down: 0, alarm: false }, 0, options).alarm).toBe(true);
  });
});

describe('of passes and failures', () => {
  test.each([[0.02, 0.05, 30, 78, 1028.1, 115.2], [0.05, 0.1, 13, 46, 1028.3, 102.9], [0.1, 0.2, 6, 22, 1025.5, 64.5]])('5.4 from %d to %d', (normal, worse, step, limit, before, after) => {
    const chart = bernoulliCusum({ normal, worse }, limit);
    expect(chart.step).toBe(step);
    expect(bernoulliRunLength(chart, normal)).toBeCloseTo(before, 1);
    expect(bernoulliRunLength(chart, worse)).toBeCloseTo(after, 1);
  });
  test('5.4 a failure adds, a pass takes one, never below nothing', () => {
    const chart = { step: 6, limit: 10 };
    expect([bernoulliStep(chart, 0, false), bernoulliStep(chart, 3, true), bernoulliStep(chart, 5, true)]).toEqual([{ sum: 0, alarm: false }, { sum: 8, alarm: false }, { sum: 10, alarm: true }]);
  });
});
