/** Expected calibration error: a hand-made value, bins at their edges, and how often the bounds hold. */
import { describe, expect, test } from '@jest/globals';
import { calibrationBin, calibrationError, eceBounds, EMPTY_CALIBRATION_GROUP, withAnswer, type CalibrationGroup } from '../../../src/evaluation/statistics/calibration-error.js';
import { seeded } from './seeded.js';

const groupOf = (...answers: readonly (readonly [confidence: number, right: boolean])[]): CalibrationGroup =>
  answers.reduce((group, [confidence, right]) => withAnswer(group, confidence, right), EMPTY_CALIBRATION_GROUP);

describe('the estimate', () => {
  test('3.3 ten bins of equal width', () => {
    expect([0, 0.05, 0.1, 0.3, 0.7, 0.99, 1].map(calibrationBin)).toEqual([0, 0, 1, 3, 7, 9, 9]);
  });
  test('3.3 by hand: two bins, one too sure and one not sure enough', () => {
    // Bin 9: stated 0.9 four times, right twice: gap 0.4. Bin 2: stated 0.25 twice, right both times: gap 0.75.
    const groups = [groupOf([0.9, true], [0.9, true], [0.9, false]), groupOf([0.9, false], [0.25, true], [0.25, true])];
    expect(calibrationError(groups)).toBeCloseTo((4 * 0.4 + 2 * 0.75) / 6, 12);
    expect(calibrationError([])).toBeUndefined();
  });
  test('3.3 fewer than four groups give no bounds, and agents that are always right none of certainty', () => {
    const one = groupOf([1, true]);
    expect(eceBounds([one, one, one], 0.95)).toBeUndefined();
    expect(eceBounds(new Array<CalibrationGroup>(59).fill(one), 0.95)).toEqual({ low: 0, high: expect.closeTo(1 - 0.05 ** (1 / 59), 10) });
  });
});

/** Right with probability confidence + shift, in groups of two that are right or wrong together. */
function simulate(random: () => number, shift: number, groups: number): readonly CalibrationGroup[] {
  return Array.from({ length: groups }, () => {
    const draw = random();
    const stated = 0.1 + 0.7 * random();
    const right = draw < stated + shift;
    return groupOf([stated, right], [stated, right]);
  });
}

describe('the bounds', () => {
  test.each([[0, 0], [0.1, 0.1]])('3.3 with a shift of %d each holds at least as often as it says', (shift, truth) => {
    const random = seeded(23);
    const trials = 150;
    let [over, under] = [0, 0];
    for (let trial = 0; trial < trials; trial += 1) {
      const bounds = eceBounds(simulate(random, shift, 200), 0.95);
      if (bounds && bounds.low > truth + 1e-12) over += 1;
      if (bounds && bounds.high < truth) under += 1;
    }
    expect(over / trials).toBeLessThan(0.07);
    expect(under / trials).toBeLessThan(0.07);
  });
  test('3.3 and they are of use: an honest agent is shown honest, a boaster a boaster', () => {
    const random = seeded(29);
    expect(eceBounds(simulate(random, 0, 2000), 0.95)?.high).toBeLessThan(0.06);
    expect(eceBounds(simulate(random, 0.15, 2000), 0.95)?.low).toBeGreaterThan(0.1);
  });
});
