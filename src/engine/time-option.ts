/** A time as it is typed behind a flag. */
import { Fault } from '../domain/fault.js';
import { readInstant, type Instant } from '../domain/time.js';

/** @throws {Fault} USAGE: a time without a zone would mean another one on the next machine */
export function instantFrom(text: string, flag: string): Instant {
  const instant = readInstant(text);
  if (instant === undefined) throw new Fault('USAGE', `${flag} "${text}" is no time`, { at: flag, hint: `${flag} 2026-11-22T12:00:00Z` });
  return instant;
}
