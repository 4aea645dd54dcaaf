/** Keys of payloads, in a file of their own beside the ledger, so that a backup of the ledger holds none and an erased one is gone from all of them. */
import { lstatSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { Random } from '../domain/ports.js';
import { KEY_BYTES, payloadKey, RANDOM_BYTES, type PayloadKey } from './payload-cipher.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { leavesDoubt, storeFault } from './sqlite-fault.js';
import { openNow, openReading, type Reading } from './sqlite-file.js';
import type { Format } from './sqlite-format.js';
import type { Sqlite } from './sqlite-module.js';
import { emptyLog } from './sqlite-purge.js';
import { Views } from './sqlite-view.js';

/** Rows stay for ever, so that ids are not used twice; an erased key is overwritten where it stands, as an erased payload is. */
const KEYS = `
CREATE TABLE origin (id TEXT NOT NULL) STRICT;
CREATE TABLE keys (id INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;
CREATE TRIGGER keys_keep BEFORE UPDATE ON keys WHEN NEW.id <> OLD.id OR NEW.key <> zeroblob(length(OLD.key)) BEGIN SELECT RAISE(ABORT, 'keys are written once'); END;
CREATE TRIGGER keys_stay BEFORE DELETE ON keys BEGIN SELECT RAISE(ABORT, 'keys are written once'); END;
`;

/** A new file has another origin, so that its keys are never taken for those of a file that was lost. */
function keyFormat(random: Random): Format {
  return {
    what: 'a file of payload keys',
    // "agck" in ASCII.
    applicationId: 0x6167636b,
    migrations: [(db) => {
      db.exec(KEYS);
      db.prepare('INSERT INTO origin (id) VALUES (?)').run(Buffer.from(random.bytes(8)).toString('hex'));
    }],
  };
}

/** `gone`: erased or missing, though the file is the one that had it. `elsewhere`: a key of another file, which is not here. */
export type FoundKey = Uint8Array | 'gone' | 'elsewhere';

/** A connection of its own that reads the keys. @throws {Fault} REFUSED when there are none */
export async function readKeys(sqlite: Sqlite, path: string, world: Waiting): Promise<Reading> {
  if (!exists(path)) throw new Fault('REFUSED', `there are no payload keys at ${path} to be copied`, { at: path, hint: 'leave out --payload-keys' });
  return openReading(sqlite, path, keyFormat(world.random), world);
}

export interface KeyFinder {
  find(ids: readonly string[]): Promise<ReadonlyMap<string, FoundKey>>;
  close(): void;
}

interface KeyRows {
  readonly origin: string;
  key(id: number): Uint8Array | undefined;
}

function keyRows(db: Database): KeyRows {
  const key = db.prepare<[number], Uint8Array>('SELECT key FROM keys WHERE id = ?').pluck();
  return { origin: String(db.prepare('SELECT id FROM origin').pluck().get()), key: (id) => key.get(id) };
}

/** `<origin>.<number>` */
function lookUp({ origin, key }: KeyRows, id: string): FoundKey {
  const [of, number = ''] = id.split('.');
  if (of !== origin) return 'elsewhere';
  const found = /^[1-9]\d{0,14}$/.test(number) ? key(Number(number)) : undefined;
  return found?.length === KEY_BYTES && found.some((byte) => byte !== 0) ? found : 'gone';
}

function everywhereElse(ids: readonly string[]): ReadonlyMap<string, FoundKey> {
  return new Map(ids.map((id) => [id, 'elsewhere']));
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Keys for a store that only reads: makes no file and changes none. */
export class KeyReader implements KeyFinder {
  readonly #open: () => Promise<Reading & { readonly rows: KeyRows }>;
  readonly #path: string;
  readonly #world: Waiting;
  #views: Views<Reading & { readonly rows: KeyRows }> | undefined;

  constructor(sqlite: Sqlite, path: string, world: Waiting) {
    this.#path = path;
    this.#world = world;
    this.#open = async () => {
      const reading = await openReading(sqlite, path, keyFormat(world.random), world);
      return { ...reading, rows: keyRows(reading.db) };
    };
  }

  async find(ids: readonly string[]): Promise<ReadonlyMap<string, FoundKey>> {
    if (!this.#views && !exists(this.#path)) return everywhereElse(ids);
    this.#views ??= new Views(this.#path, await this.#open(), this.#open, this.#world);
    return this.#views.read(({ rows }) => new Map(ids.map((id) => [id, lookUp(rows, id)])));
  }

  close(): void {
    this.#views?.close();
  }
}

/** Sizes of the blocks in which keys are reserved: a short command leaves few unused, a long run syncs this file seldom. */
const LEAST = 16;
const MOST = 256;

/** Keys for a store that writes. They are durable before any of them is used, so that a payload costs no sync of its own here. */
export class PayloadKeys implements KeyFinder {
  readonly #sqlite: Sqlite;
  readonly #path: string;
  readonly #world: Waiting;
  #file: { readonly db: Database; readonly rows: KeyRows } | undefined;
  #spare: PayloadKey[] = [];
  #block = LEAST;
  #doubt: unknown;

  constructor(sqlite: Sqlite, path: string, world: Waiting) {
    this.#sqlite = sqlite;
    this.#path = path;
    this.#world = world;
  }

  /** Keys that nobody else has or will get. @throws {Fault} STORE_LOCKED, IO */
  async draw(count: number): Promise<readonly PayloadKey[]> {
    while (this.#spare.length < count) await patiently(() => this.#reserve(count - this.#spare.length), this.#path, this.#world);
    return this.#spare.splice(0, count);
  }

  /** The same at once. @throws what SQLite throws, busy too */
  drawNow(): PayloadKey {
    if (this.#spare.length === 0) this.#reserve(MOST);
    const [key] = this.#spare.splice(0, 1);
    if (!key) throw new Fault('INTERNAL', 'no payload key was reserved');
    return key;
  }

  /** Overwrites a key for good, in the write-ahead log too; one of another file is not here to be overwritten. @throws {Fault} STORE_LOCKED */
  async erase(id: string): Promise<void> {
    if ((await this.find([id])).get(id) === 'elsewhere') return;
    await patiently(() => {
      const { db } = this.#opened();
      db.transaction(() => db.prepare('UPDATE keys SET key = zeroblob(length(key)) WHERE id = ?').run(Number(id.split('.')[1]))).immediate();
    }, this.#path, this.#world);
    await emptyLog(this.#opened().db, this.#path, this.#world.clock);
  }

  async find(ids: readonly string[]): Promise<ReadonlyMap<string, FoundKey>> {
    if (!this.#file && !exists(this.#path)) return everywhereElse(ids);
    return patiently(() => new Map(ids.map((id) => [id, lookUp(this.#opened().rows, id)])), this.#path, this.#world);
  }

  close(): void {
    this.#file?.db.close();
  }

  #opened(): { readonly db: Database; readonly rows: KeyRows } {
    if (!this.#file) {
      const db = openNow(this.#sqlite, this.#path, keyFormat(this.#world.random));
      this.#file = { db, rows: keyRows(db) };
    }
    return this.#file;
  }

  #reserve(least: number): void {
    if (this.#doubt) throw this.#doubt;
    const { db, rows } = this.#opened();
    const count = Math.max(this.#block, least);
    const random = this.#world.random.bytes(count * RANDOM_BYTES);
    const insert = db.prepare<[Uint8Array]>('INSERT INTO keys (key) VALUES (?)');
    const reserve = db.transaction(() => Array.from({ length: count }, (_, at) => {
      const bytes = random.subarray(at * RANDOM_BYTES, (at + 1) * RANDOM_BYTES);
      return payloadKey(`${rows.origin}.${insert.run(bytes.subarray(0, KEY_BYTES)).lastInsertRowid}`, bytes);
    }));
    try {
      this.#spare.push(...reserve.immediate());
    } catch (error) {
      // What a failed sync left on disk nobody knows, so nothing more is built on this connection.
      if (leavesDoubt(error)) this.#doubt = storeFault(error, this.#path);
      throw error;
    }
    this.#block = Math.min(MOST, this.#block * 4);
  }
}
