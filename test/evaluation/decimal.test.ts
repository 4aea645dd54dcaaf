/** Decimal text of measured numbers. */
import { expect, test } from '@jest/globals';
import { confidenceText, decimalAbove, decimalBelow } from '../../src/evaluation/decimal.js';

test('bounds are rounded outwards, confidences to six digits', () => {
  expect([decimalBelow(0.8499999), decimalAbove(0.8499991), decimalBelow(0.57), decimalAbove(0.57), decimalBelow(1), decimalAbove(0)]).toEqual(['0.849999', '0.850000', '0.570000', '0.570000', '1.000000', '0.000000']);
  expect([0.93, '0.93', 1, 0, '1.0', 0.30000000000000004].map(confidenceText)).toEqual(['0.93', '0.93', '1', '0', '1', '0.3']);
  expect([1.01, -0.1, NaN, '1e-1', '', ' 0.5', true, {}].map(confidenceText)).toEqual(new Array(8).fill(undefined));
});
