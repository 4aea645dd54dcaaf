/** Corrections for many tests against R multtest. */
import { expect, test } from '@jest/globals';
import { benjaminiHochberg, holm } from '../../../src/evaluation/statistics/multiplicity.js';

const P = [5.23656777208e-5, 2.8140506198e-4, 0.0149877310796, 0.0202732688798, 0.177096952723, 0.642193923795, 0.680845947633, 0.71626938238, 0.838541367553, 0.967833824309];
const BH = [5.23656777208e-4, 1.40702530991e-3, 0.0499591035987, 0.0506831721995, 0.354193905446, 0.895336727975, 0.895336727975, 0.895336727975, 0.931712630614, 0.967833824309];
const HOLM = [5.23656777208e-4, 2.53264555782e-3, 0.119901848637, 0.141912882159, 1, 1, 1, 1, 1, 1];
const near = (list: readonly number[]) => list.map((value) => expect.closeTo(value, 11));

test('3.3 Benjamini-Hochberg and Holm as multtest has them', () => {
  expect(benjaminiHochberg(P)).toEqual(near(BH));
  expect(holm(P)).toEqual(near(HOLM));
});

test('3.3 whatever the order of the tests', () => {
  const shuffled = [7, 2, 9, 0, 5, 1, 8, 3, 6, 4];
  const of = (list: readonly number[]) => shuffled.map((place) => list[place] ?? NaN);
  expect(benjaminiHochberg(of(P))).toEqual(near(of(BH)));
  expect(holm(of(P))).toEqual(near(of(HOLM)));
  expect([benjaminiHochberg([]), holm([])]).toEqual([[], []]);
});
