/** Walks the agent's chain row by row: memory stays flat, each link is checked, and an interrupt gets its turn. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { GENESIS, leafHash, readBody } from '../../ledger/entry.js';
import { isPruned } from '../../ledger/pruned.js';
import type { StoredRow } from '../../domain/ports.js';
import type { Session } from '../session.js';
import type { Wanted } from './filter.js';

export interface Found {
  readonly entry: Entry;
  /** As it is stored, and with the hash before it, so that anybody can hash it again. */
  readonly row: StoredRow;
  readonly previous: string;
}

/** Where a walk stands; the next one goes on there. */
export interface Place {
  next: number;
  /** Hash of the entry before; undefined where that one is not at hand. */
  previous: string | undefined;
}

export function beginning(): Place {
  return { next: 0, previous: GENESIS };
}

/** Rows read without a pause: reading alone would never let a signal through. */
const STRETCH = 5_000;

type Walking = Pick<Session, 'world' | 'store' | 'chain'>;

/**
 * Entries that are wanted, oldest first, up to but not including `end`.
 * @throws {Fault} LEDGER_BROKEN at the first entry that its hash does not vouch for, INTERRUPTED
 */
export async function* entriesFrom({ world, store, chain }: Walking, place: Place, wanted: Wanted, end = Number.POSITIVE_INFINITY): AsyncGenerator<Found> {
  for await (const row of store.scan(chain, place.next)) {
    if (row.seq >= end) return;
    if (isPruned(row)) {
      Object.assign(place, { next: row.seq + 1, previous: row.hash });
      continue;
    }
    const previous = place.previous ?? (await store.read(chain, row.seq - 1))?.hash ?? GENESIS;
    const entry = entryOf(row, previous);
    Object.assign(place, { next: row.seq + 1, previous: row.hash });
    if (await wanted(entry)) yield { entry, row, previous };
    if (row.seq % STRETCH === STRETCH - 1) await world.clock.sleep(0);
    if (world.surroundings.interrupted.aborted) throw new Fault('INTERRUPTED', `stopped at entry ${row.seq}`, { hint: 'run the command again' });
  }
}

function entryOf({ seq, hash, body }: StoredRow, previous: string): Entry {
  const entry = readBody(body);
  const problem = leafHash(previous, body) !== hash ? 'its text does not have the hash that is stored' : typeof entry === 'string' ? entry : null;
  if (problem !== null || typeof entry === 'string') throw new Fault('LEDGER_BROKEN', `the ledger does not hold at entry ${seq}: ${problem}`, { at: `entry ${seq}`, hint: 'agentctl audit verify' });
  return entry;
}
