/** Kappa by its published values; and the gate that no judge passes by always saying the same. */
import { describe, expect, test } from '@jest/globals';
import { calibrationOf, correctedRate, type Decision } from '../../../src/evaluation/scorers/calibration-of-judge.js';
import { kappaOf } from '../../../src/evaluation/statistics/agreement.js';

test('3.1 kappa and its error are those of SAS PROC FREQ', () => {
  const { kappa, standardError } = kappaOf([[0, 4, 1], [0, 8, 0], [0, 1, 5]]) ?? { kappa: NaN, standardError: NaN };
  expect(kappa).toBeCloseTo(0.4842, 4);
  expect(standardError).toBeCloseTo(0.138, 4);
  expect(kappa - 1.959963984540054 * standardError).toBeCloseTo(0.2137, 4);
  expect(kappa + 1.959963984540054 * standardError).toBeCloseTo(0.7547, 4);
});

const decisions = (tp: number, fn: number, fp: number, tn: number): readonly Decision[] => [
  ...Array.from({ length: tp }, () => ({ human: true, judge: true })), ...Array.from({ length: fn }, () => ({ human: true, judge: false })),
  ...Array.from({ length: fp }, () => ({ human: false, judge: true })), ...Array.from({ length: tn }, () => ({ human: false, judge: false })),
];

describe('3.1 the gate', () => {
  test.each<[string, readonly Decision[], boolean, string]>([
    ['agrees on enough', decisions(12, 1, 1, 10), true, 'agrees with people'],
    ['agrees on too few', decisions(9, 0, 0, 10), false, 'only 19'],
    ['always says yes where most is good', decisions(95, 0, 5, 0), false, 'kappa'],
    ['always says yes where all is good', decisions(50, 0, 0, 0), false, 'same label'],
    ['kappa of 0.6 is not above it', decisions(8, 2, 2, 8), false, 'kappa 0.600000'],
    ['says the opposite', decisions(0, 20, 20, 0), false, 'kappa -1'],
    ['nobody was asked', [], false, 'only 0'],
  ])('%s', (_name, list, certifying, why) => {
    const found = calibrationOf(list, kappaOf);
    expect(found.certifying).toBe(certifying);
    expect(found.because).toContain(why);
  });
  test('prints what a constant would reach', () => {
    expect(calibrationOf(decisions(90, 0, 5, 5), kappaOf)).toMatchObject({ n: 100, baseRate: '0.900000', constantAccuracy: '0.900000', sensitivity: '1.000000', specificity: '0.500000' });
  });
});

test.each([
  // By hand: (0.8 + 0.9 - 1) / (0.95 + 0.9 - 1) = 0.7 / 0.85; and both ends.
  [0.8, '0.95', '0.9', 0.823529], [0.02, '0.95', '0.9', 0], [1, '0.95', '0.9', 1], [0.5, '1', '1', 0.5],
])('3.1 an observed rate of %s with sensitivity %s and specificity %s is %s', (observed, sensitivity, specificity, rate) => {
  expect(correctedRate(observed, { sensitivity, specificity })).toBeCloseTo(rate, 6);
});
test('3.1 a judge that tells too little corrects nothing', () => {
  expect(correctedRate(0.8, { sensitivity: '0.7', specificity: '0.79' })).toBeUndefined();
  expect(correctedRate(0.8, { sensitivity: null, specificity: '0.9' })).toBeUndefined();
});
