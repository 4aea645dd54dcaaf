/** Due times of scheduled runs: which one a run covers, which ones nobody covered. No trust in the scheduler. */
import { millisecondsOf, toInstant, type Instant } from '../domain/time.js';

const MOST_GRACE = 2 * 3_600_000;

/** How late a run may start: half the time to the next one, at most two hours. */
export function graceOf(slot: Instant, next: Instant | undefined): number {
  return next === undefined ? MOST_GRACE : Math.min((millisecondsOf(next) - millisecondsOf(slot)) / 2, MOST_GRACE);
}

/** The last moment at which a run still covers its due time. */
export function deadlineOf(slot: Instant, next: Instant | undefined): Instant {
  return toInstant(millisecondsOf(slot) + graceOf(slot, next));
}

export interface Slots {
  /** The due time that a run started at `now` covers; null for an extra run. */
  readonly covers: Instant | null;
  /** Due times whose grace has passed without a run, oldest first. */
  readonly missed: readonly Instant[];
}

/**
 * @param due every due time after the last run started, up to `now`, oldest first
 * @param following the due time after `now`
 */
export function slotsAt(due: readonly Instant[], following: Instant | undefined, now: Instant): Slots {
  const within = (slot: Instant, index: number) => deadlineOf(slot, due[index + 1] ?? following) >= now;
  const covered = due.findLastIndex(within);
  return { covers: due[covered] ?? null, missed: due.filter((slot, index) => index !== covered && !within(slot, index)) };
}

/** The longest wait between due times, in whole seconds; null when there is at most one. */
export function longestGap(due: readonly Instant[]): number | null {
  const gaps = due.slice(1).map((slot, index) => millisecondsOf(slot) - millisecondsOf(due[index] ?? slot));
  return gaps.length === 0 ? null : Math.round(Math.max(...gaps) / 1000);
}
