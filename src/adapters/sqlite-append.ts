/** What happens inside a write transaction: guards, ledger time, entries, payloads, projections, head. */
import { digestBytes } from '../domain/digest.js';
import { canonical } from '../domain/canonical.js';
import type { AgentRef, EntryDraft, StoredEntry } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import type { Clock, Guard, Head, StoredBlob } from '../domain/ports.js';
import type { Projection } from '../domain/projection.js';
import type { Instant } from '../domain/time.js';
import { alreadyRecorded, gateTime, jumpedAhead, jumpedBack, type Jump, type Reading } from '../ledger/clock.js';
import { decodeEntry } from '../ledger/entry.js';
import { emptyHead, extend, type SealedDraft } from '../ledger/extend.js';
import { checkWritable } from '../ledger/registry.js';
import { TILE_WIDTH } from '../ledger/tiles.js';
import { sealPayload, type PayloadKey, type SealedPayload } from './payload-cipher.js';
import { Heads } from './sqlite-heads.js';
import type { HeadRow, Tables } from './sqlite-tables.js';
import { fillTiles } from './sqlite-tiles.js';
import type { Unwritten } from './sqlite-writer.js';

/** A draft ready to be written: checked, its payload committed to and encrypted. */
export interface Sealed {
  readonly draft: SealedDraft;
  readonly payload: SealedPayload | undefined;
}

/** The chain as a transaction finds it, and the time that counts in it. */
export interface Moment {
  readonly head: Head;
  readonly ts: Instant;
  readonly jump: Jump | null;
  readonly now: Reading;
}

const NONE: readonly Projection[] = [];

/** Checks drafts against the registry, commits to their payloads and encrypts them; needs no lock. @param keys one for each payload @throws {Fault} INTERNAL */
export function seal(drafts: readonly EntryDraft[], keys: readonly PayloadKey[] = []): readonly Sealed[] {
  let used = 0;
  return drafts.map(({ payload, ...draft }) => {
    checkWritable(draft.type, draft.data);
    if (payload === undefined) return { draft, payload: undefined };
    const key = keys[used++];
    if (!key) throw new Fault('INTERNAL', 'a payload needs a key of its own');
    const { commit, sealed } = sealPayload(Buffer.from(canonical(payload)), key);
    return { draft: { ...draft, commit }, payload: sealed };
  });
}

/** Between jobs of a transaction it keeps the heads, and the reading of the clocks that the next one is compared with. */
export class Appender implements Unwritten {
  readonly #tables: Tables;
  readonly #heads: Heads;
  readonly #clock: Clock;
  readonly #reacting = new Map<string, Projection[]>();
  #previous: Reading | null = null;

  constructor(tables: Tables, projections: readonly Projection[], clock: Clock) {
    this.#tables = tables;
    this.#heads = new Heads(tables);
    this.#clock = clock;
    for (const projection of projections) {
      for (const type of projection.types) this.#reacting.set(type, [...(this.#reacting.get(type) ?? []), projection]);
    }
  }

  /** The head as the jobs before left it; only inside a write transaction. */
  head(chain: string): HeadRow | undefined {
    return this.#heads.get(chain);
  }

  mark(): () => void {
    const [previous, back] = [this.#previous, this.#heads.mark()];
    return () => {
      this.#previous = previous;
      back();
    };
  }

  write(): void {
    this.#heads.write();
  }

  /** Reads head and clocks; only inside a write transaction do they hold until it ends. */
  moment(chain: string): Moment {
    const row = this.#heads.get(chain);
    const newest = row?.ts ?? null;
    const now: Reading = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    const jump = this.#newJumpBack(chain, now.wall, newest) ?? jumpedAhead(now, this.#previous);
    // A jump is the next one's to tell until it is on record.
    if (!jump) this.#previous = now;
    return { head: row ?? emptyHead(chain), ts: gateTime(now.wall, newest), jump, now };
  }

  append(chain: string, sealed: readonly Sealed[], guards: readonly Guard[] = [], blobs: readonly StoredBlob[] = []): readonly StoredEntry[] {
    const moment = this.moment(chain);
    for (const guard of guards) this.#check(guard, moment);
    for (const blob of blobs) this.#tables.addBlob(digestBytes(blob.bytes), blob);
    return this.appendAt(moment, sealed);
  }

  appendAt({ head: before, ts, jump, now }: Moment, sealed: readonly Sealed[]): readonly StoredEntry[] {
    const [first] = sealed;
    if (!first) return [];
    const all = jump ? [clockJumped(jump, first.draft.agent), ...sealed] : sealed;
    const stored: StoredEntry[] = [];
    let head = before;
    for (const one of all) {
      const extension = extend(head, one.draft, ts);
      this.#tables.addEntry(head.chain, extension.row);
      if (one.payload) this.#tables.addPayload(head.chain, head.size, one.payload);
      this.#project(extension.stored);
      stored.push(extension.stored);
      head = extension.head;
      if (head.size % TILE_WIDTH === 0) fillTiles(this.#tables, head.chain, head.size);
    }
    this.#heads.put({ ...head, ts }, before.size);
    this.#previous = now;
    return jump ? stored.slice(1) : stored;
  }

  #project({ entry }: StoredEntry): void {
    for (const projection of this.#reacting.get(entry.type) ?? NONE) {
      for (const { key, state } of projection.apply(entry, (key) => this.#tables.state(entry.chain, projection.name, key))) {
        this.#tables.putState(entry.chain, projection.name, key, state);
      }
    }
  }

  #check(guard: Guard, { head, ts }: Moment): void {
    if (guard.kind === 'not-before') {
      if (guard.at <= ts) return;
      throw new Fault('REFUSED', `the clock was set back after this was signed, from ${guard.at} to ${ts}`, { hint: 'run the command again' });
    }
    if (guard.kind === 'size-is') {
      if (head.size === guard.size) return;
      throw changed(`the chain has ${head.size} entries, not ${guard.size}`);
    }
    const state = this.#tables.state(head.chain, guard.projection, guard.key) ?? null;
    if (canonical(state) !== canonical(guard.state)) throw changed(`${guard.projection} "${guard.key}" is not as it was`);
  }

  #newJumpBack(chain: string, wall: Instant, newest: Instant | null): Jump | null {
    const jump = jumpedBack(wall, newest);
    if (!jump) return null;
    const [row] = this.#tables.newest(chain, 'clock.jumped', 1);
    const last = row && decodeEntry(row.body, `entry ${row.seq}`);
    const recorded = last ? { ts: last.ts, to: String(last.data['to']) } : null;
    return alreadyRecorded(jump, newest, recorded) ? null : jump;
  }
}

function clockJumped({ from, to }: Jump, agent: AgentRef): Sealed {
  return { draft: { type: 'clock.jumped', agent, actor: 'agentctl', data: { from, to } }, payload: undefined };
}

function changed(what: string): Fault {
  return new Fault('REFUSED', `the store changed meanwhile: ${what}`, { hint: 'look at the new state, then run the command again' });
}
