/** What was started and how it ended: refuses a second start of one action, counts starts per hour, finds starts without an end. */
import type { Entry } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import type { Projection } from '../domain/projection.js';
import { addDuration, millisecondsOf, type Instant } from '../domain/time.js';

/** Key: id of an action that was started. State: `{digest, reservation, outcome}`, outcome `open` until recorded. */
export const actionsProjection: Projection = {
  name: 'actions',
  types: ['action.intent', 'action.recorded'],
  apply({ type, data }, read) {
    const key = String(data['action']);
    const before = read(key);
    if (type === 'action.intent') return [{ key, state: { digest: data['digest'] ?? null, reservation: data['reservation'] ?? null, outcome: 'open' } }];
    if (before === undefined || data['decision'] !== 'permit') return [];
    return [{ key, state: { ...before, outcome: data['outcome'] ?? null } }];
  },
};

/** Every start changes this key, so one guard on it makes the hourly count exact across processes. */
export const STARTS = 'all';

/** One slot more than minutes in an hour, so that the minute that is just leaving the hour is not overwritten yet. */
const SLOTS = 61;
const MINUTE = 60_000;

/** Keys `0` to `60`: `{minute, count}` of one minute since 1970. Key `all`: `{count}` of starts ever. */
export const startsProjection: Projection = {
  name: 'starts',
  types: ['action.intent'],
  apply({ ts }, read) {
    const minute = Math.floor(millisecondsOf(ts) / MINUTE);
    const key = String(minute % SLOTS);
    const slot = read(key);
    const count = slot?.['minute'] === minute ? Number(slot['count']) + 1 : 1;
    return [{ key, state: { minute, count } }, { key: STARTS, state: { count: Number(read(STARTS)?.['count'] ?? 0) + 1 } }];
  },
};

/** Starts in the last sixty minutes; a minute that is partly inside counts whole. */
export function startsWithinHour(state: ReadonlyMap<string, JsonObject>, now: Instant): number {
  const oldest = Math.floor(millisecondsOf(now) / MINUTE) - 60;
  let sum = 0;
  for (const [key, { minute, count }] of state) if (key !== STARTS && Number(minute) >= oldest) sum += Number(count);
  return sum;
}

/** Intents without an outcome, oldest first (row 8.6): nobody can tell whether they happened. */
export function openIntents(entries: Iterable<Entry>): readonly Entry[] {
  const open = new Map<string, Entry>();
  for (const entry of entries) {
    const action = String(entry.data['action']);
    if (entry.type === 'action.intent') open.set(action, entry);
    else if (entry.type === 'action.recorded' && entry.data['decision'] === 'permit') open.delete(action);
  }
  return [...open.values()];
}

/** Longer than any tool may run together with the writing of its outcome: whoever began it earlier is dead. */
export const PATIENCE = 'PT15M';

/** Until then an intent may be that of an action that is running; afterwards nobody will write its outcome. */
export function runsUntil({ ts }: Pick<Entry, 'ts'>): Instant {
  return addDuration(ts, PATIENCE);
}
