/** Reservations of money, folded from the ledger: what is held, what was spent, and whether one more amount fits. */
import type { Entry } from '../domain/entry.js';
import { isObject, type JsonObject } from '../domain/json.js';
import type { Money } from '../domain/money.js';
import type { ReserveRequest } from '../domain/ports.js';
import type { Projection } from '../domain/projection.js';
import { millisecondsOf, parseDuration, toInstant, type Instant } from '../domain/time.js';

/** State by reservation id; amounts are minor units as decimal strings. `at`: when it was made or, once posted, when it was spent. */
export type Reservation = {
  readonly amount: string;
  readonly currency: string;
  readonly action: string;
  readonly expiresAt: Instant;
  readonly state: 'held' | 'posted' | 'voided' | 'expired';
  readonly at: Instant;
  readonly actual: string | null;
  /** Entry that made the reservation. */
  readonly seq: number;
  /** An action was started under it: it no longer expires. */
  readonly dispatched: boolean;
};

export const reservationsProjection: Projection = {
  name: 'reservations',
  types: ['reservation.made', 'reservation.posted', 'reservation.voided', 'reservation.expired', 'action.intent'],
  apply(entry, read) {
    const key = String(entry.data[entry.type === 'action.intent' ? 'reservation' : 'id']);
    const state = next(entry, readReservation(read(key)));
    return state ? [{ key, state }] : [];
  },
};

/** A row of the projection; undefined when there is none or it is not one. */
export function readReservation(state: JsonObject | undefined): Reservation | undefined {
  // Written by `next` below from entries whose data the registry had checked.
  return isObject(state) ? (state as unknown as Reservation) : undefined;
}

function next({ type, ts, seq, data }: Entry, known: Reservation | undefined): Reservation | undefined {
  if (type === 'reservation.made') {
    if (known) return undefined;
    const { amount, currency, action, expiresAt } = data;
    return { amount: String(amount), currency: String(currency), action: String(action), expiresAt: String(expiresAt), state: 'held', at: ts, actual: null, seq, dispatched: false };
  }
  if (!known) return undefined;
  if (type === 'action.intent') return { ...known, dispatched: true };
  if (type === 'reservation.posted') return { ...known, state: 'posted', at: ts, actual: String(data['actual']) };
  // A booked amount stays booked.
  if (known.state !== 'held') return undefined;
  return { ...known, state: type === 'reservation.voided' ? 'voided' : 'expired' };
}

/** `new`: it fits. `same`: it was granted before, with the same parameters. `other`: the id stands for something else. */
export type Admission =
  | { readonly is: 'new' | 'same' }
  | { readonly is: 'other'; readonly reason: string }
  | { readonly is: 'refused'; readonly reason: string; readonly available: bigint };

/**
 * Whether a request fits its limits, counting what is held and what was spent within the rolling window.
 *
 * @param reservations all of the chain, by id
 * @throws {Fault} INPUT_INVALID when the window is not an ISO 8601 duration
 */
export function admit(request: ReserveRequest, reservations: ReadonlyMap<string, Reservation>, now: Instant): Admission {
  const available = availableFor(request, reservations.values(), now);
  const refused = (reason: string): Admission => ({ is: 'refused', reason, available });
  const known = reservations.get(request.id);
  if (known && !isSame(known, request)) return { is: 'other', reason: `reservation ${request.id} was made with other parameters` };
  if (known) return known.state === 'held' ? { is: 'same' } : refused(`reservation ${request.id} is already ${known.state}`);
  const { minor } = request.amount;
  if (minor < 0n) return refused('a negative amount cannot be reserved');
  if (request.expiresAt <= now) return refused('the reservation would already have expired');
  if (minor > request.limit.perTransaction) return refused(`${minor} is over the limit of ${request.limit.perTransaction} for one transaction`);
  if (minor > available) return refused(`${minor} is over the ${available} that is left of ${request.limit.perWindow} within ${request.limit.window}`);
  return { is: 'new' };
}

/** What is left of the window's limit, never below zero. Amounts of other currencies do not count. */
function availableFor({ amount: { currency }, limit }: ReserveRequest, reservations: Iterable<Reservation>, now: Instant): bigint {
  const since = toInstant(millisecondsOf(now) - parseDuration(limit.window));
  let left = limit.perWindow;
  for (const reservation of reservations) {
    if (reservation.currency === currency) left -= weight(reservation, since);
  }
  return left > 0n ? left : 0n;
}

/** Held money counts however old it is: nobody knows yet whether it will be spent. */
function weight({ state, amount, actual, at }: Reservation, since: Instant): bigint {
  if (state === 'held') return BigInt(amount);
  return state === 'posted' && at > since ? BigInt(actual ?? amount) : 0n;
}

function isSame(known: Reservation, { amount, action, expiresAt }: ReserveRequest): boolean {
  return known.amount === String(amount.minor) && known.currency === amount.currency && known.action === action && known.expiresAt === expiresAt;
}

/** `new`: to be booked. `same`: booked before with this amount. `refused`: no such reservation, or booked with another amount. */
export type Posting = { readonly is: 'new'; readonly breach: boolean } | { readonly is: 'same' } | { readonly is: 'refused'; readonly reason: string };

/** How to book what was really spent. Money that is gone is booked in full even without a hold, and flagged as a breach. */
export function settle(id: string, known: Reservation | undefined, actual: Money): Posting {
  if (!known) return { is: 'refused', reason: `there is no reservation ${id}` };
  if (known.currency !== actual.currency) return { is: 'refused', reason: `reservation ${id} is in ${known.currency}, not in ${actual.currency}` };
  if (actual.minor < 0n) return { is: 'refused', reason: 'a negative amount cannot be booked' };
  if (known.state !== 'posted') return { is: 'new', breach: known.state !== 'held' || actual.minor > BigInt(known.amount) };
  return known.actual === String(actual.minor) ? { is: 'same' } : { is: 'refused', reason: `reservation ${id} was already booked with another amount` };
}

/** Ids that are held past their time. */
export function overdue(reservations: ReadonlyMap<string, Reservation>, now: Instant): readonly string[] {
  return [...reservations].filter(([, { state, dispatched, expiresAt }]) => state === 'held' && !dispatched && expiresAt <= now).map(([id]) => id);
}
