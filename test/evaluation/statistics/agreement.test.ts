/** Agreement against SAS PROC FREQ and the rater tests of statsmodels. */
import { expect, test } from '@jest/globals';
import { fleissKappa, kappaOf, weightedKappa } from '../../../src/evaluation/statistics/agreement.js';
import { normalQuantile } from '../../../src/evaluation/statistics/special-functions.js';

const SAS = [[0, 4, 1], [0, 8, 0], [0, 1, 5]];

test('3.4 kappa, its error, its interval and the weighted kappa of SAS', () => {
  const found = kappaOf(SAS);
  const half = normalQuantile(0.975) * (found?.standardError ?? NaN);
  const kappa = found?.kappa ?? NaN;
  expect([kappa, found?.standardError, kappa - half, kappa + half, weightedKappa(SAS)]).toEqual([0.4842, 0.138, 0.2137, 0.7547, 0.4701].map((value) => expect.closeTo(value, 4)));
});
test.each([[[[7, 1], [3, 5]], 0.161905, 0.214286], [[[6, 1, 0], [0, 7, 0]], 0.708333, 0.785714]])('3.4 several raters: %j', (table, fleiss, randolph) => {
  expect([fleissKappa(table), fleissKappa(table, true)]).toEqual([expect.closeTo(fleiss, 6), expect.closeTo(randolph, 6)]);
});
test('3.4 where nothing can be told there is no number', () => {
  expect([kappaOf([]), kappaOf([[0, 0], [0, 0]]), kappaOf([[9, 0], [0, 0]]), weightedKappa([[9, 0], [0, 0]]), fleissKappa([]), fleissKappa([[1, 0]]), fleissKappa([[2, 0], [1, 0]])]).toEqual(new Array(7).fill(undefined));
});
