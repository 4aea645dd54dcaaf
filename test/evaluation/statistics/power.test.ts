/** Sample sizes against R power.prop.test, pwr and the table of the engineering notes. */
import { expect, test } from '@jest/globals';
import { cohenH, pairedSize, powerOfH, unpairedSize } from '../../../src/evaluation/statistics/power.js';

test.each([[0.9, 0.85, 686], [0.9, 0.87, 1774], [0.95, 0.9, 435], [0.8, 0.75, 1094], [0.9, 0.8, 199], [0.99, 0.97, 769]])('2.2 unpaired, %d from %d: %d each', (one, other, n) => {
  expect(Math.ceil(unpairedSize(one, other))).toBe(n);
});
test.each([[0.05, 0.1, 312], [0.05, 0.15, 469], [0.03, 0.06, 521], [0.03, 0.1, 870]])('2.2 paired, a difference of %d with %d discordant: %d pairs', (difference, discordant, n) => {
  expect(Math.ceil(pairedSize(difference, discordant))).toBe(n);
});
test('2.2 R power.prop.test and pwr', () => {
  expect(unpairedSize(0.5, 0.75, { alpha: 0.05, power: 0.9 })).toBeCloseTo(76.70692, 4);
  expect(unpairedSize(0.5, 0.65, { alpha: 0.05, power: 0.5 })).toBeCloseTo(83.445, 3);
  expect(cohenH(0.5, 0.4)).toBeCloseTo(0.2013579207903309, 13);
  expect(powerOfH(0.3, 80)).toBeCloseTo(0.475100870572638, 12);
});
test('2.2 no difference is never found', () => {
  expect([unpairedSize(0.5, 0.5), pairedSize(0, 0.1)]).toEqual([Infinity, Infinity]);
});
