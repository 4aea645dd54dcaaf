/** When a checkpoint is due, and how long the log was silent. */
import { expect, test } from '@jest/globals';
import { spanOf } from '../../src/domain/time.js';
import { isDue, POLICY } from '../../src/ledger/checkpoint-policy.js';
import { longestSpan } from '../../src/ledger/silence.js';

test.each([
  [{ entries: 0, milliseconds: 10 ** 9 }, false],
  [{ entries: 1, milliseconds: 0 }, false],
  [{ entries: POLICY.entries - 1, milliseconds: POLICY.milliseconds - 1 }, false],
  [{ entries: POLICY.entries, milliseconds: 0 }, true],
  [{ entries: 1, milliseconds: POLICY.milliseconds }, true],
])('8.2 a checkpoint by count or by time: %j is due: %s', (uncovered, due) => expect(isDue(uncovered)).toBe(due));

test('8.2 the longest span between neighbours', () => {
  const at = (hour: number) => `2026-11-22T${String(hour).padStart(2, '0')}:00:00.000Z`;
  expect([longestSpan([]), longestSpan([at(1)])]).toEqual([null, null]);
  expect(longestSpan([at(1), at(2), at(7), at(9)])).toEqual({ from: at(2), to: at(7), milliseconds: 5 * 3_600_000 });
  expect(longestSpan([at(3), at(3)])?.milliseconds).toBe(0);
});

test.each([[0, '0 minutes'], [59_999, '0 minutes'], [60_000, '1 minute'], [3_600_000 * 25, '1 day 1 hour'], [86_400_000 * 3 + 60_000, '3 days 1 minute'], [86_400_000 * 2 + 3_600_000 * 3 + 60_000 * 4, '2 days 3 hours']])('%d ms are %s', (milliseconds, text) => {
  expect(spanOf(milliseconds)).toBe(text);
});
