/** Reservations inside a write transaction: the limit is read and used up under one lock, so two processes never share the last amount. */
import type { EntryDraft } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import type { Money } from '../domain/money.js';
import type { ReserveRequest, ReserveResult } from '../domain/ports.js';
import { admit, overdue, readReservation, reservationsProjection, settle, type Reservation } from '../enforcement/reservations.js';
import { seal, type Appender } from './sqlite-append.js';
import type { Tables } from './sqlite-tables.js';

type Agent = EntryDraft['agent'];

export class Reservations {
  readonly #tables: Tables;
  readonly #appender: Appender;

  constructor(tables: Tables, appender: Appender) {
    this.#tables = tables;
    this.#appender = appender;
  }

  reserve(chain: string, request: ReserveRequest): ReserveResult {
    const moment = this.#appender.moment(chain);
    const all = this.#all(chain);
    const admission = admit(request, all, moment.ts);
    if (admission.is === 'refused') return { granted: false, reason: admission.reason, available: admission.available };
    if (admission.is === 'other') throw new Fault('REFUSED', admission.reason, { at: request.id, hint: 'use a new id for a new reservation' });
    const known = all.get(request.id);
    if (known) return { granted: true, seq: known.seq };
    const { id, amount, action, expiresAt, agent } = request;
    const data = { id, amount: String(amount.minor), currency: amount.currency, action, expiresAt };
    const [stored] = this.#appender.appendAt(moment, this.#draft(agent, 'reservation.made', data));
    if (!stored) throw new Fault('INTERNAL', 'the reservation was not written');
    return { granted: true, seq: stored.entry.seq };
  }

  post(chain: string, id: string, actual: Money, agent: Agent): void {
    const posting = settle(id, this.#one(chain, id), actual);
    if (posting.is === 'refused') throw new Fault('REFUSED', posting.reason, { at: id });
    if (posting.is === 'same') return;
    this.#appender.append(chain, this.#draft(agent, 'reservation.posted', { id, actual: String(actual.minor), breach: posting.breach }));
  }

  void(chain: string, id: string, reason: string, agent: Agent): void {
    const known = this.#one(chain, id);
    if (known?.state === 'voided') return;
    if (known?.state !== 'held') throw new Fault('REFUSED', known ? `reservation ${id} is already ${known.state}` : `there is no reservation ${id}`, { at: id });
    this.#appender.append(chain, this.#draft(agent, 'reservation.voided', { id, reason }));
  }

  expire(chain: string, agent: Agent): number {
    const moment = this.#appender.moment(chain);
    const ids = overdue(this.#all(chain), moment.ts);
    this.#appender.appendAt(moment, ids.flatMap((id) => this.#draft(agent, 'reservation.expired', { id })));
    return ids.length;
  }

  #all(chain: string): ReadonlyMap<string, Reservation> {
    const states = [...this.#tables.states(chain, reservationsProjection.name)];
    return new Map(states.flatMap(([id, state]) => { const one = readReservation(state); return one ? [[id, one]] : []; }));
  }

  #one(chain: string, id: string): Reservation | undefined {
    return readReservation(this.#tables.state(chain, reservationsProjection.name, id));
  }

  #draft(agent: Agent, type: string, data: EntryDraft['data']): ReturnType<typeof seal> {
    return seal([{ type, agent, actor: 'agentctl', data }]);
  }
}
