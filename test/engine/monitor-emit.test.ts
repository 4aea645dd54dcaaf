/** The schedule as each scheduler writes it. */
import { expect, test } from '@jest/globals';
import { emit, FORMATS } from '../../src/engine/monitor/emit.js';

const what = (cron: string) => ({ cron, folder: '/srv/tiny', name: 'tiny', interval: 86_400 });

test.each([
  ['17 3 * * *', '*-*-* 03:17:00 UTC'], ['5 4 * * 1', 'Mon *-*-* 04:05:00 UTC'], ['0 6,18 * * 1-5', 'Mon..Fri *-*-* 06,18:00:00 UTC'], ['*/15 * * * *', '*-*-* *:00/15:00 UTC'],
  ['30 */6 1 7 *', '*-07-01 00/6:30:00 UTC'], ['0 9-17 * * SUN', 'Sun *-*-* 09..17:00:00 UTC'],
])('5.1 %s on a timer is %s', (cron, calendar) => {
  const text = emit('systemd', what(cron));
  expect(text).toContain(`OnCalendar=${calendar}\nPersistent=true`);
  expect(text).toContain('WorkingDirectory=/srv/tiny\nExecStart=/usr/bin/env agentctl monitor run --no-input --quiet\n');
});

test('5.1 Kubernetes keeps the grace of the ledger, never runs two at once and repeats nothing', () => {
  const text = emit('kubernetes', what('17 3 * * *'));
  for (const line of ['schedule: "17 3 * * *"', 'timeZone: Etc/UTC', 'concurrencyPolicy: Forbid', 'startingDeadlineSeconds: 7200', 'backoffLimit: 0']) expect(text).toContain(line);
  expect(emit('kubernetes', { ...what('0 * * * *'), interval: 3600 })).toContain('startingDeadlineSeconds: 1800');
});

test('5.1 crontab and GitHub Actions', () => {
  expect(emit('cron', what('17 3 * * *'))).toContain("\n17 3 * * * cd '/srv/tiny' && agentctl monitor run");
  expect(emit('github', what('17 3 * * *'))).toMatch(/- cron: "17 3 \* \* \*"\n\s+workflow_dispatch: \{\}/);
});

test.each([...FORMATS.map((format) => [format, '0 6 L * *'] as const), ['systemd', '0 6 1 * 1'], ['systemd', '0 6 * JUL *']] as const)('5.1 %s refuses %s, which it cannot say', (format, cron) => {
  expect(() => emit(format, what(cron))).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID', hint: expect.stringContaining('17 3') }));
});
