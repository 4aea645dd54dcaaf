/** Time of the ledger: it never runs backwards, and a wall clock that jumps leaves a trace. */
import { millisecondsOf, toInstant, type Instant } from '../domain/time.js';

/** A wall clock further away than this from where it should be has jumped. */
export const JUMP = 5 * 60_000;

/** One look at both clocks: wall time, and milliseconds that only grow. */
export interface Reading {
  readonly wall: Instant;
  readonly monotonic: number;
}

export interface Jump {
  /** Where the clock should have been. */
  readonly from: Instant;
  /** Where it was found. */
  readonly to: Instant;
}

/** Gate time: the wall clock, but never before the newest entry, so that turning the clock back revives nothing. */
export function gateTime(wall: Instant, newest: Instant | null): Instant {
  return newest !== null && newest > wall ? newest : wall;
}

/** Whether the wall clock stands well before the newest entry. */
export function jumpedBack(wall: Instant, newest: Instant | null): Jump | null {
  // Instants of one form are in the order of their texts, which are quicker to compare.
  return newest !== null && newest > wall && millisecondsOf(newest) - millisecondsOf(wall) > JUMP ? { from: newest, to: wall } : null;
}

/** Whether the wall clock ran well ahead of this process's own stopwatch since the previous reading. */
export function jumpedAhead(now: Reading, previous: Reading | null): Jump | null {
  if (previous === null) return null;
  const expected = millisecondsOf(previous.wall) + (now.monotonic - previous.monotonic);
  return millisecondsOf(now.wall) - expected > JUMP ? { from: toInstant(Math.round(expected)), to: now.wall } : null;
}

/** While the clock stays behind, ledger time stands still: a jump recorded at this very time, to no later a clock, is the same jump. */
export function alreadyRecorded(jump: Jump, newest: Instant | null, recorded: { readonly ts: Instant; readonly to: Instant } | null): boolean {
  return recorded !== null && recorded.ts === newest && millisecondsOf(recorded.to) - millisecondsOf(jump.to) <= JUMP;
}
