/** Time as text: RFC 3339 instants in UTC with milliseconds, and ISO 8601 durations. No clock here. */
import { counted } from './counted.js';
import { Fault } from './fault.js';

/** `2026-11-22T12:00:00.000Z`: compares as text. */
export type Instant = string;

export const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const DURATION = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const SECOND = 1000;
const DAY = 86_400 * SECOND;

export function isInstant(text: unknown): text is Instant {
  return typeof text === 'string' && INSTANT.test(text) && !Number.isNaN(Date.parse(text));
}

const RFC_3339 = /^(\d{4}-\d{2}-\d{2})(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?$/i;

/** The instant that somebody wrote as RFC 3339 has it, whatever its zone and precision; a day alone is its first moment in UTC. Undefined for anything else, a time without a zone among it. */
export function readInstant(text: string): Instant | undefined {
  const day = RFC_3339.exec(text)?.[1];
  if (day === undefined || !isDay(day)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : toInstant(milliseconds);
}

/** `Date.parse` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && toInstant(midnight).startsWith(day);
}

export function toInstant(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString();
}

export function millisecondsOf(instant: Instant): number {
  return Date.parse(instant);
}

/**
 * Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds. Months and years are refused: they have no fixed length.
 * @throws {Fault} INPUT_INVALID
 */
export function parseDuration(text: string): number {
  const match = DURATION.exec(text);
  if (!match || !match.slice(1).some((part) => part !== undefined)) {
    throw new Fault('INPUT_INVALID', `"${text}" is not a duration`, { hint: 'write ISO 8601, for example P90D or PT15M' });
  }
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return weeks * 7 * DAY + days * DAY + hours * 3600 * SECOND + minutes * 60 * SECOND + seconds * SECOND;
}

export function addDuration(instant: Instant, duration: string): Instant {
  return toInstant(millisecondsOf(instant) + parseDuration(duration));
}

/** `instant` for people: `2026-11-22 12:00 UTC`. */
export function readable(instant: Instant): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

const UNITS = [['day', DAY], ['hour', 3600 * SECOND], ['minute', 60 * SECOND]] as const;

/** A span for people, in its two largest units: `2 days 3 hours`. Less than a minute is none. */
export function spanOf(milliseconds: number): string {
  let rest = milliseconds;
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count === 0 ? [] : [counted(count, unit)];
  });
  return parts.slice(0, 2).join(' ') || '0 minutes';
}
