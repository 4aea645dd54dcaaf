/** `monitor schedule`: when the evaluation is due, what was missed, and lines to paste into a scheduler; or a file for one alone. */
import { EXIT, Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { monitoringSectionOf, timingOf } from './declared.js';
import { emit, FORMATS } from './emit.js';
import { cronInWords, crontabLine, isPortable, workflow } from './words.js';

export const run: Verb = async ({ world, store, chain, manifest, folder }, input) => {
  const { schedule } = monitoringSectionOf({ manifest });
  const now = world.clock.now();
  const last = await store.latest(chain, 'monitor.ran');
  const { missed, next, interval } = timingOf({ world }, { schedule }, last, now);
  const asked = textOption(input, 'format');
  if (asked !== undefined) {
    const format = FORMATS.find((one) => one === asked);
    if (format === undefined) throw new Fault('USAGE', `"${asked}" is no format`, { at: '--format', hint: `agentctl monitor schedule --format ${FORMATS[0]}; one of ${FORMATS.join(', ')}` });
    return { kind: 'text', exit: EXIT.yes, data: { text: emit(format, { cron: schedule, folder, name: manifest.metadata.name, interval }) } };
  }
  const second = world.schedule.next(schedule, next);
  const due = [next, second, second === undefined ? undefined : world.schedule.next(schedule, second)].filter((one) => one !== undefined);
  const portable = isPortable(schedule);
  return outcome({
    step: 'monitor', verb: 'schedule', headline: cronInWords(schedule),
    facts: [
      { label: 'next three', value: due.map(readable).join(', ') },
      { label: 'last run', value: last ? readable(last.ts) : 'none yet' },
      { label: 'missed since', value: missed.length === 0 ? 'none' : `${missed.length}: ${missed.slice(-3).map(readable).join(', ')}` },
      { label: 'longest wait', value: `${Math.ceil(interval / 360) / 10} h` },
    ],
    notes: portable
      ? [
          `crontab, on a machine whose clock is set to UTC:\n  ${crontabLine(schedule, folder)}`,
          `GitHub Actions, in UTC; runs may be late or dropped, and the store has to be kept between runs:\n${workflow(schedule)}`,
          'A run that starts within half the interval, at most two hours late, still counts; what nobody ran is noticed by the next run and by monitor status.',
        ]
      : ['crontab and GitHub Actions do not understand this expression (L, W or #): write it with plain numbers, or use another scheduler.'],
    next: last === undefined || missed.length > 0 ? 'agentctl monitor run' : null,
    data: { schedule, due: [...due], missed: [...missed], interval, crontab: portable ? crontabLine(schedule, folder) : null, workflow: portable ? workflow(schedule) : null },
  });
};
