/** Cron expressions read in UTC: five fields, no seconds, no "now" inside the expression. */
import { Cron } from 'croner';
import { Fault } from '../domain/fault.js';
import type { Schedule } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';

export function schedule(): Schedule {
  return {
    due(cron, from, until, most) {
      const job = read(cron);
      const times: Instant[] = [];
      for (let at = after(job, from); at !== undefined && at <= until && times.length < most; at = after(job, at)) times.push(at);
      return times;
    },
    next: (cron, from) => after(read(cron), from),
  };
}

function after(job: Cron, from: Instant): Instant | undefined {
  return job.nextRun(from)?.toISOString();
}

/** `?` stands for the start of the process and would make the due times depend on who asks; nicknames and seconds are not cron. */
function read(expression: string): Cron {
  const fault = (cause?: unknown) =>
    new Fault('INPUT_INVALID', `"${expression}" is not a cron expression`, { hint: 'write five fields in UTC, for example "17 3 * * *"', ...(cause instanceof Error && { cause }) });
  if (expression.trim().split(/\s+/).length !== 5 || expression.includes('?')) throw fault();
  try {
    return new Cron(expression, { timezone: 'UTC', mode: '5-part', paused: true });
  } catch (cause) {
    throw fault(cause);
  }
}
