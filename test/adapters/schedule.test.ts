import { describe, expect, test } from '@jest/globals';
import { schedule } from '../../src/adapters/schedule.js';
import { surroundings } from '../../src/adapters/surroundings.js';

const cron = schedule();

describe('5.1 schedule', () => {
  test('due times lie after `from`, up to and with `until`, oldest first, at most so many', () => {
    const due = (from: string, until: string, most: number) => cron.due('17 3 * * *', from, until, most);
    expect(due('2026-11-20T03:17:00.000Z', '2026-11-22T03:17:00.000Z', 10)).toEqual(['2026-11-21T03:17:00.000Z', '2026-11-22T03:17:00.000Z']);
    expect(due('2026-11-20T00:00:00.000Z', '2026-12-20T00:00:00.000Z', 2)).toEqual(['2026-11-20T03:17:00.000Z', '2026-11-21T03:17:00.000Z']);
    expect(due('2026-11-20T04:00:00.000Z', '2026-11-20T05:00:00.000Z', 5)).toEqual([]);
  });

  test('times are UTC: no hour is doubled or lost when clocks change', () => {
    expect(cron.due('30 2 * * *', '2026-03-28T00:00:00.000Z', '2026-03-31T00:00:00.000Z', 9)).toHaveLength(3);
    expect(cron.due('30 1 * * *', '2026-10-24T00:00:00.000Z', '2026-10-27T00:00:00.000Z', 9)).toHaveLength(3);
  });

  test('next: month ends, leap days, and never', () => {
    expect(cron.next('0 0 31 * *', '2026-01-31T00:00:00.000Z')).toBe('2026-03-31T00:00:00.000Z');
    expect(cron.next('0 0 29 2 *', '2026-03-01T00:00:00.000Z')).toBe('2028-02-29T00:00:00.000Z');
    expect(cron.next('0 0 30 2 *', '2026-03-01T00:00:00.000Z')).toBeUndefined();
  });

  test.each(['', 'daily', '@daily', '60 * * * *', '* * * *', '0 17 3 * * *', '? * * * *', '2026-11-22T00:00:00Z'])('"%s" is refused', (text) => {
    expect(() => cron.next(text, '2026-01-01T00:00:00.000Z')).toThrow(expect.objectContaining({ code: 'INPUT_INVALID', hint: expect.stringContaining('17 3 * * *') }));
  });
});

test('surroundings know the package, and an empty variable is none', () => {
  const here = surroundings();
  expect(here.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(here.home).toBe(process.cwd());
  process.env['AGENTCTL_EMPTY'] = '';
  expect(here.variable('AGENTCTL_EMPTY')).toBeUndefined();
  delete process.env['AGENTCTL_EMPTY'];
});
