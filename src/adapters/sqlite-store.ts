/** The store on SQLite: one file in the store folder, written by any process, read without leaving a trace. */
import { resolve } from 'node:path';
import { digestBytes, type Digest } from '../domain/digest.js';
import type { Entry, EntryDraft, StoredEntry } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import type { Money } from '../domain/money.js';
import type { ChainPart, Clock, Disclosure, Guard, Head, PartOrder, Random, ReserveRequest, ReserveResult, Store, StoredBlob, StoredCosignature, StoredRow, Stores } from '../domain/ports.js';
import type { Projection } from '../domain/projection.js';
import { decodeEntry, GENESIS, leafHash, readBody } from '../ledger/entry.js';
import { isPruned, prunedSize } from '../ledger/pruned.js';
import { checkReadable } from '../ledger/registry.js';
import { reservationsProjection } from '../enforcement/reservations.js';
import { isBlank, sealPayload } from './payload-cipher.js';
import { Appender, seal } from './sqlite-append.js';
import { findProblems, structureProblems } from './sqlite-audit.js';
import { copyInto } from './sqlite-backup.js';
import { patiently } from './sqlite-busy.js';
import { storeFault } from './sqlite-fault.js';
import { openReading, openWritable, privateFolder, refuseLink, type Reading } from './sqlite-file.js';
import { holdLock } from './sqlite-lock.js';
import { loadSqlite, sqliteVersion, type Sqlite } from './sqlite-module.js';
import { readPayload, refuseLost } from './sqlite-payloads.js';
import { KeyReader, PayloadKeys, readKeys, type KeyFinder } from './sqlite-payload-keys.js';
import type { Problem } from './sqlite-problem.js';
import { databaseIn, payloadKeysIn, storePlaces } from './sqlite-place.js';
import { emptyLog } from './sqlite-purge.js';
import { Reservations } from './sqlite-reservations.js';
import { ledgerFormat } from './sqlite-schema.js';
import { verifyHere, verifyPart } from './sqlite-strips.js';
import { prepareTables, type CheckpointRow, type Tables } from './sqlite-tables.js';
import { readTile } from './sqlite-tiles.js';
import { Views } from './sqlite-view.js';
import { Writer } from './sqlite-writer.js';

export interface SqliteWorld {
  readonly clock: Clock;
  readonly random: Random;
  /** Kept with every append and replayed by every audit; must hold the one of the reservations. */
  readonly projections: readonly Projection[];
  /** The script of a thread that verifies, see verify-thread.ts; without it, long chains are verified on this thread only. */
  readonly thread?: URL;
}

/** Stores in folders of this machine. `projections` comes from the composition root, so that the store knows no step. */
export function sqliteStores(world: SqliteWorld): Stores {
  if (!world.projections.includes(reservationsProjection)) throw new Fault('INTERNAL', 'the store needs the reservations projection');
  return {
    async open(folder, { readonly, copy }) {
      if (copy && !readonly) throw new Fault('INTERNAL', 'a copy is only read');
      const place: Place = { sqlite: await loadSqlite(), ledger: copy?.ledger ?? databaseIn(folder), keys: copy?.keys ?? payloadKeysIn(folder), world };
      return readonly ? openToRead(place, resolve(folder)) : openToWrite(place, resolve(folder));
    },
    ...storePlaces(),
    async lock(folder, purpose) {
      return holdLock(await loadSqlite(), resolve(folder), purpose, world.clock);
    },
    engine: async () => `SQLite ${sqliteVersion(await loadSqlite())}`,
  };
}

/** How often an audit that found something is repeated when entries were added meanwhile. */
const ATTEMPTS = 3;

/** Where a store lies, and what it is opened with. */
interface Place {
  readonly sqlite: Sqlite;
  readonly ledger: string;
  readonly keys: string;
  readonly world: SqliteWorld;
}

/** A connection as a reader sees it. */
interface View extends Reading {
  readonly tables: Tables;
}

async function openToRead(place: Place, folder: string): Promise<Store> {
  refuseLink(folder);
  return new SqliteStore(place, await openView(place), new KeyReader(place.sqlite, place.keys, place.world), undefined);
}

async function openView({ sqlite, ledger, world }: Place): Promise<View> {
  const reading = await openReading(sqlite, ledger, ledgerFormat(), world);
  return { ...reading, tables: prepareTables(reading.db) };
}

async function openToWrite(place: Place, folder: string): Promise<Store> {
  const { sqlite, ledger, world } = place;
  privateFolder(folder);
  const keys = new PayloadKeys(sqlite, place.keys, world);
  const format = ledgerFormat((text, salt) => sealPayload(text, { ...keys.drawNow(), salt }).sealed);
  const db = await openWritable(sqlite, ledger, format, world);
  const tables = prepareTables(db);
  const appender = new Appender(tables, world.projections, world.clock);
  return new SqliteStore(place, { db, tables, unchanged: () => true }, keys, { writer: new Writer(db, appender, { path: ledger, waiting: world }), appender, reservations: new Reservations(tables, appender), keys });
}

/** What a store that may write has besides. */
interface Writing {
  readonly writer: Writer;
  readonly appender: Appender;
  readonly reservations: Reservations;
  readonly keys: PayloadKeys;
}

class SqliteStore implements Store {
  readonly #place: Place;
  readonly #views: Views<View>;
  readonly #keys: KeyFinder;
  readonly #writing: Writing | undefined;

  constructor(place: Place, view: View, keys: KeyFinder, writing: Writing | undefined) {
    this.#place = place;
    this.#views = new Views(place.ledger, view, () => openView(place), place.world);
    this.#keys = keys;
    this.#writing = writing;
  }

  async append(chain: string, drafts: readonly EntryDraft[], { guards = [], blobs = [] }: { guards?: readonly Guard[]; blobs?: readonly StoredBlob[] } = {}): Promise<readonly StoredEntry[]> {
    const { appender, keys } = this.#writer();
    const sealed = seal(drafts, await keys.draw(drafts.filter(({ payload }) => payload !== undefined).length));
    return this.#write(() => appender.append(chain, sealed, guards, blobs));
  }

  async reserve(chain: string, request: ReserveRequest): Promise<ReserveResult> {
    return this.#write(({ reservations }) => reservations.reserve(chain, request));
  }

  async post(chain: string, id: string, actual: Money, agent: EntryDraft['agent']): Promise<void> {
    return this.#write(({ reservations }) => reservations.post(chain, id, actual, agent));
  }

  async void(chain: string, id: string, reason: string, agent: EntryDraft['agent']): Promise<void> {
    return this.#write(({ reservations }) => reservations.void(chain, id, reason, agent));
  }

  async expire(chain: string, agent: EntryDraft['agent']): Promise<number> {
    return this.#write(({ reservations }) => reservations.expire(chain, agent));
  }

  async head(chain: string): Promise<Head | undefined> {
    const row = await this.#read((tables) => tables.head(chain));
    return row && { chain, size: row.size, hash: row.hash, range: row.range };
  }

  async chains(): Promise<readonly string[]> {
    return this.#read((tables) => tables.chains());
  }

  async latest(chain: string, type: string): Promise<Entry | undefined> {
    return (await this.readEvidence(chain, type, 1))[0];
  }

  async readEvidence(chain: string, type: string, limit = -1): Promise<readonly Entry[]> {
    const rows = await this.#read((tables) => tables.newest(chain, type, limit));
    try {
      return rows.toReversed().map(readable);
    } catch (cause) {
      // Text that cannot be read is that of a newer agentctl only where its own hash vouches for it.
      throw (await this.#altered(chain, rows)) ?? cause;
    }
  }

  async #altered(chain: string, rows: readonly StoredRow[]): Promise<Fault | undefined> {
    for (const { seq, hash, body } of rows) {
      const before = seq === 0 ? GENESIS : (await this.#read((tables) => tables.entry(chain, seq - 1)))?.hash;
      if (before !== undefined && leafHash(before, body) !== hash) return new Fault('LEDGER_BROKEN', `the ledger does not hold at entry ${seq}: its text does not have the hash that is stored`, { at: `entry ${seq}`, hint: 'agentctl audit verify' });
    }
    return undefined;
  }

  async count(chain: string, type: string): Promise<number> {
    return this.#read((tables) => tables.count(chain, type));
  }

  async read(chain: string, seq: number): Promise<StoredEntry | undefined> {
    const row = await this.#read((tables) => tables.entry(chain, seq));
    return row && !isPruned(row) ? { entry: decodeEntry(row.body, `entry ${seq}`), hash: row.hash } : undefined;
  }

  scan(chain: string, from = 0): AsyncIterable<StoredRow> {
    return inPages((next) => this.#read((tables) => tables.page(chain, next)), from);
  }

  async tile(chain: string, level: number, index: number, width: number): Promise<readonly string[]> {
    return this.#read((tables) => readTile(tables, chain, level, index, width));
  }

  /** A copy in memory stays on this thread: each other one would need a copy of its own. */
  async verifyParts(order: PartOrder, long: boolean): Promise<readonly ChainPart[] | undefined> {
    const { ledger, world: { thread } } = this.#place;
    if (long && thread && !this.#views.current.db.memory) return (await import('./sqlite-threads.js')).verifyOnThreads(thread, ledger, order);
    return verifyHere((part) => this.#views.read(({ db }) => verifyPart(db, part)), order);
  }

  async blob(digest: Digest): Promise<StoredBlob | undefined> {
    const blob = await this.#read((tables) => tables.blob(digest));
    if (blob && digestBytes(blob.bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `the stored bytes differ from their digest ${digest}`, { at: digest, hint: 'agentctl audit verify' });
    return blob;
  }

  async payload(chain: string, seq: number): Promise<JsonObject | undefined> {
    return (await this.disclosed(chain, seq))?.payload;
  }

  async disclosed(chain: string, seq: number): Promise<Disclosure | undefined> {
    const commit = (await this.read(chain, seq))?.entry.payload?.commit;
    if (commit === undefined) return undefined;
    const row = await this.#read((tables) => tables.payload(chain, seq));
    const key = row && (await this.#keys.find([row.key])).get(row.key);
    // What an erasure has begun counts as done: it is not handed out any more.
    if ((!row || isBlank(row) || key === 'gone') && (await this.erasedBy(chain, seq)) !== undefined) return undefined;
    return row && key !== undefined && !isBlank(row) ? { salt: row.salt, payload: readPayload(seq, row, key, commit) } : refuseLost(seq);
  }

  async erasedBy(chain: string, seq: number): Promise<number | undefined> {
    return this.#read((tables) => tables.erasure(chain, seq));
  }

  async payloads(chain: string): Promise<{ readonly kept: number; readonly erased: number }> {
    return this.#read((tables) => {
      const pruned = prunedOf(tables, chain);
      const erased = tables.erasedCount(chain, pruned);
      return { kept: tables.payloadCount(chain, pruned) - erased, erased };
    });
  }

  async erase(chain: string, seq: number): Promise<void> {
    const { keys } = this.#writer();
    const key = await this.#write((_writing, tables) => {
      if (tables.erasure(chain, seq) === undefined) throw new Fault('REFUSED', `no entry says that the payload of entry ${seq} is erased`, { at: `entry ${seq}` });
      tables.blankPayload(chain, seq);
      // What was cached may quote it.
      tables.forget();
      return tables.payload(chain, seq)?.key;
    });
    if (key !== undefined) await keys.erase(key);
    const { db } = this.#views.current;
    await emptyLog(db, this.#place.ledger, this.#place.world.clock);
  }

  async prune(chain: string): Promise<void> {
    const { keys } = this.#writer();
    const gone = await this.#write((_writing, tables) => {
      const size = prunedOf(tables, chain);
      if (size === 0) throw new Fault('REFUSED', 'no entry says that anything is pruned', { at: chain });
      const rows = tables.payloads(chain, 0, size - 1);
      for (const { seq } of rows) tables.blankPayload(chain, seq);
      tables.pruneEntries(chain, size);
      tables.forget();
      return rows.map(({ key }) => key);
    });
    for (const key of gone) await keys.erase(key);
    await emptyLog(this.#views.current.db, this.#place.ledger, this.#place.world.clock);
  }

  async projection(chain: string, name: string): Promise<ReadonlyMap<string, JsonObject>> {
    return this.#read((tables) => tables.states(chain, name));
  }

  async projected(chain: string, name: string, key: string): Promise<JsonObject | undefined> {
    return this.#read((tables) => tables.state(chain, name, key));
  }

  async checkpoint(chain: string): Promise<CheckpointRow | undefined> {
    return this.#read((tables) => tables.newestCheckpoint(chain));
  }

  async checkpoints(chain: string): Promise<readonly { readonly size: number; readonly note: string }[]> {
    return (await this.#read((tables) => tables.checkpoints(chain))).map(({ size, note }) => ({ size, note }));
  }

  async putCheckpoint(chain: string, size: number, note: string): Promise<void> {
    return this.#write(({ appender }, tables) => {
      const stored = tables.checkpoints(chain).find((one) => one.size === size);
      if (stored?.note === note) return;
      if (stored) throw new Fault('REFUSED', `another checkpoint over ${size} entries is already stored`, { at: chain, hint: 'agentctl audit verify' });
      const head = appender.head(chain);
      tables.addCheckpoint(chain, { size, note, ...(head?.size === size ? { start: { hash: head.hash, range: head.range } } : {}) });
    });
  }

  async putCosignature(chain: string, size: number, name: string, line: string): Promise<void> {
    return this.#write((_writing, tables) => {
      if (tables.cosignatures(chain).some((one) => one.size === size && one.name === name)) return;
      tables.addCosignature(chain, { size, name, line });
    });
  }

  async cosignatures(chain: string): Promise<readonly StoredCosignature[]> {
    return this.#read((tables) => tables.cosignatures(chain));
  }

  /** Compares all tables on a connection of its own, so that entries appended meanwhile do not look like damage. */
  async *audit(chain: string): AsyncGenerator<Problem> {
    await this.#writing?.writer.idle();
    yield* await this.#auditOnce(chain);
  }

  async backup(ledger: string, keys?: string): Promise<void> {
    const { sqlite, keys: from, world } = this.#place;
    await copyInto(ledger, () => openView(this.#place), world);
    // Afterwards, so that no payload of the copy has a key that is not in the other.
    if (keys !== undefined) await copyInto(keys, () => readKeys(sqlite, from, world), world);
  }

  async cached(key: string): Promise<string | undefined> {
    return this.#read((tables) => tables.cached(key));
  }

  /** Losable by nature, so a store that may not write forgets it. */
  async cache(key: string, value: string): Promise<void> {
    if (this.#writing) await this.#write((_writing, tables) => { tables.cache(key, value); });
  }

  async close(): Promise<void> {
    await this.#writing?.writer.idle();
    this.#views.close();
    this.#keys.close();
  }

  async #auditOnce(chain: string, attempt = 1): Promise<readonly Problem[]> {
    const view = await openView(this.#place);
    try {
      view.db.exec('BEGIN');
      const size = await patiently(() => view.tables.head(chain)?.size, this.#place.ledger, this.#place.world);
      const problems = [...(await findProblems({ tables: view.tables, keys: this.#keys, projections: this.#place.world.projections }, chain)), ...structureProblems(this.#place.sqlite, view.db)];
      // An erasure that was recorded meanwhile explains a key that is gone.
      const moved = problems.length > 0 && attempt < ATTEMPTS && (await this.head(chain))?.size !== size;
      if (view.unchanged() && !moved) return problems;
    } catch (error) {
      throw storeFault(error, this.#place.ledger);
    } finally {
      view.db.close();
    }
    return this.#auditOnce(chain, attempt + 1);
  }

  async #read<T>(query: (tables: Tables) => T): Promise<T> {
    return this.#views.read(({ tables }) => query(tables));
  }

  async #write<T>(work: (writing: Writing, tables: Tables) => T): Promise<T> {
    const writing = this.#writer();
    return writing.writer.run(() => work(writing, this.#views.current.tables));
  }

  #writer(): Writing {
    if (!this.#writing) throw new Fault('INTERNAL', 'the store was opened for reading only');
    return this.#writing;
  }
}

/** Rows one by one from pages. Written out, because an async generator waits three times for each row. */
function inPages(fetch: (from: number) => Promise<readonly StoredRow[]>, from: number): AsyncIterable<StoredRow> {
  return {
    [Symbol.asyncIterator]() {
      let page: readonly StoredRow[] = [];
      let [at, next] = [0, from];
      const turn = async (): Promise<IteratorResult<StoredRow>> => {
        page = await fetch(next);
        at = 0;
        return step();
      };
      const step = (): IteratorResult<StoredRow> => {
        const value = page[at++];
        if (value === undefined) return { done: true, value };
        next = value.seq + 1;
        return { done: false, value };
      };
      return { next: () => (at < page.length ? Promise.resolve(step()) : turn()) };
    },
  };
}

/** The chain's hashes vouch for the text; proving its canonical form again is for a deep verification. @throws {Fault} LEDGER_BROKEN, UPGRADE_NEEDED */
function readable({ seq, body }: StoredRow): Entry {
  const entry = readBody(body);
  if (typeof entry === 'string') throw new Fault('LEDGER_BROKEN', `entry ${seq} is not a ledger entry: ${entry}`, { at: `entry ${seq}` });
  checkReadable(entry.type, entry.data, `entry ${seq}`);
  return entry;
}

function prunedOf(tables: Tables, chain: string): number {
  return prunedSize(tables.newest(chain, 'audit.pruned', 1).map(readable)[0]);
}
