/** The statements of the store, each prepared once per connection; rows in, rows out, no decisions. */
import type { Database } from 'better-sqlite3';
import { canonical } from '../domain/canonical.js';
import type { Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, type Json, type JsonObject } from '../domain/json.js';
import type { Head, StoredBlob, StoredCosignature, StoredRow } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { PRUNED_BODY } from '../ledger/pruned.js';
import { joinHashes, splitHashes, type Tile } from '../ledger/tile-fold.js';
import type { SealedPayload } from './payload-cipher.js';

/** Rows that a scan fetches at once; between two pages other work gets its turn. */
const PAGE = 500;

/** Entries that one statement changes: until it ends, memory holds what they were. */
const STEP = 10_000;

export interface HeadRow extends Head {
  readonly ts: Instant;
}
export interface PayloadRow extends SealedPayload {
  readonly seq: number;
}
export interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly start?: Pick<Head, 'hash' | 'range'>;
}
export interface ProjectionRow {
  readonly name: string;
  readonly key: string;
  readonly state: string;
}

// Loose index scan: SELECT DISTINCT would walk every entry.
const CHAINS = `
WITH RECURSIVE found(chain) AS (
  SELECT min(chain) FROM entries
  UNION ALL SELECT (SELECT min(chain) FROM entries WHERE chain > found.chain) FROM found WHERE found.chain IS NOT NULL
)
SELECT chain FROM found WHERE chain IS NOT NULL UNION SELECT chain FROM heads UNION SELECT chain FROM checkpoints ORDER BY chain`;

export type Tables = ReturnType<typeof prepareTables>;

export function prepareTables(db: Database) {
  const sql = {
    insertEntry: late(() => db.prepare<[string, number, string, string]>('INSERT INTO entries (chain, seq, hash, body) VALUES (?, ?, ?, ?)')),
    entry: late(() => db.prepare<[string, number], StoredRow>('SELECT seq, hash, body FROM entries WHERE chain = ? AND seq = ?')),
    page: late(() => db.prepare<[string, number], StoredRow>(`SELECT seq, hash, body FROM entries WHERE chain = ? AND seq >= ? ORDER BY seq LIMIT ${PAGE}`)),
    newest: late(() => db.prepare<[string, string, number], StoredRow>('SELECT seq, hash, body FROM entries INDEXED BY entries_by_type WHERE chain = ? AND type = ? ORDER BY seq DESC LIMIT ?')),
    erasure: late(() => db.prepare<[string, number], number>(`SELECT seq FROM entries INDEXED BY entries_by_type WHERE chain = ? AND type = 'payload.erased' AND json_extract(body, '$.data.seq') = ? ORDER BY seq LIMIT 1`).pluck()),
    erasedCount: late(() => db.prepare<[string, number], number>(`SELECT count(DISTINCT json_extract(body, '$.data.seq')) FROM entries INDEXED BY entries_by_type WHERE chain = ? AND type = 'payload.erased' AND json_extract(body, '$.data.seq') >= ?`).pluck()),
    count: late(() => db.prepare<[string, string], number>('SELECT count(*) FROM entries INDEXED BY entries_by_type WHERE chain = ? AND type = ?').pluck()),
    chains: late(() => db.prepare<[], string>(CHAINS).pluck()),
    head: late(() => db.prepare<[string], { chain: string; size: number; hash: string; range: string; ts: Instant }>('SELECT chain, size, hash, range, ts FROM heads WHERE chain = ?')),
    insertHead: late(() => db.prepare<[number, string, string, string, string]>('INSERT INTO heads (size, hash, range, ts, chain) VALUES (?, ?, ?, ?, ?)')),
    updateHead: late(() => db.prepare<[number, string, string, string, string]>('UPDATE heads SET size = ?, hash = ?, range = ?, ts = ? WHERE chain = ?')),
    insertCheckpoint: late(() => db.prepare<[string, number, string, string | null, string | null]>('INSERT INTO checkpoints (chain, size, note, hash, range) VALUES (?, ?, ?, ?, ?)')),
    checkpoints: late(() => db.prepare<[string], RawCheckpoint>('SELECT size, note, hash, range FROM checkpoints WHERE chain = ? ORDER BY size')),
    newestCheckpoint: late(() => db.prepare<[string], RawCheckpoint>('SELECT size, note, hash, range FROM checkpoints WHERE chain = ? ORDER BY size DESC LIMIT 1')),
    insertCosignature: late(() => db.prepare<[string, number, string, string]>('INSERT INTO cosignatures (chain, size, name, line) VALUES (?, ?, ?, ?)')),
    cosignatures: late(() => db.prepare<[string], StoredCosignature>('SELECT size, name, line FROM cosignatures WHERE chain = ? ORDER BY size, name')),
    insertPayload: late(() => db.prepare<[string, number, string, Uint8Array, Uint8Array, Uint8Array]>('INSERT INTO payloads (chain, seq, key, salt, nonce, ciphertext) VALUES (?, ?, ?, ?, ?, ?)')),
    payload: late(() => db.prepare<[string, number], PayloadRow>('SELECT seq, key, salt, nonce, ciphertext FROM payloads WHERE chain = ? AND seq = ?')),
    payloads: late(() => db.prepare<[string, number, number], PayloadRow>('SELECT seq, key, salt, nonce, ciphertext FROM payloads WHERE chain = ? AND seq >= ? AND seq <= ? ORDER BY seq')),
    payloadPlaces: late(() => db.prepare<[string, number], number>('SELECT seq FROM payloads WHERE chain = ? AND seq >= ? ORDER BY seq').pluck()),
    pruneEntries: late(() => db.prepare<[string, string, number, number, string]>('UPDATE entries SET body = ? WHERE chain = ? AND seq >= ? AND seq < ? AND body <> ?')),
    blankPayload: late(() => db.prepare<[string, number]>('UPDATE payloads SET salt = zeroblob(length(salt)), nonce = zeroblob(length(nonce)), ciphertext = zeroblob(length(ciphertext)) WHERE chain = ? AND seq = ?')),
    payloadCount: late(() => db.prepare<[string, number], number>('SELECT count(*) FROM payloads WHERE chain = ? AND seq >= ?').pluck()),
    insertBlob: late(() => db.prepare<[string, string, Uint8Array]>('INSERT INTO blobs (digest, media, bytes) VALUES (?, ?, ?)')),
    blob: late(() => db.prepare<[string], StoredBlob>('SELECT media AS mediaType, bytes FROM blobs WHERE digest = ?')),
    hasBlob: late(() => db.prepare<[string], number>('SELECT 1 FROM blobs WHERE digest = ?').pluck()),
    blobDigests: late(() => db.prepare<[], Digest>('SELECT digest FROM blobs ORDER BY digest').pluck()),
    insertTile: late(() => db.prepare<[string, number, number, string, string]>('INSERT INTO tiles (chain, level, idx, root, hashes) VALUES (?, ?, ?, ?, ?)')),
    tile: late(() => db.prepare<[string, number, number], { root: string; hashes: string }>('SELECT root, hashes FROM tiles WHERE chain = ? AND level = ? AND idx = ?')),
    tileRoots: late(() => db.prepare<[string, number, number, number], string>('SELECT root FROM tiles WHERE chain = ? AND level = ? AND idx >= ? AND idx < ? ORDER BY idx').pluck()),
    tilePlaces: late(() => db.prepare<[string], Pick<Tile, 'level' | 'index'>>('SELECT level, idx AS "index" FROM tiles WHERE chain = ? ORDER BY level, idx')),
    hashes: late(() => db.prepare<[string, number, number], string>('SELECT hash FROM entries WHERE chain = ? AND seq >= ? AND seq < ? ORDER BY seq').pluck()),
    state: late(() => db.prepare<[string, string, string], string>('SELECT state FROM projections WHERE chain = ? AND name = ? AND key = ?').pluck()),
    states: late(() => db.prepare<[string, string], { key: string; state: string }>('SELECT key, state FROM projections WHERE chain = ? AND name = ? ORDER BY key')),
    projections: late(() => db.prepare<[string], ProjectionRow>('SELECT name, key, state FROM projections WHERE chain = ? ORDER BY name, key')),
    putState: late(() => db.prepare<[string, string, string, string]>('INSERT INTO projections (chain, name, key, state) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state')),
    dropState: late(() => db.prepare<[string, string, string]>('DELETE FROM projections WHERE chain = ? AND name = ? AND key = ?')),
    cached: late(() => db.prepare<[string], string>('SELECT value FROM cache WHERE key = ?').pluck()),
    forget: late(() => db.prepare('DELETE FROM cache')),
    cache: late(() => db.prepare<[string, string]>('INSERT INTO cache (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value')),
  };
  return {
    entry: (chain: string, seq: number) => sql.entry().get(chain, seq),
    page: (chain: string, from: number): readonly StoredRow[] => sql.page().all(chain, from),
    /** Newest rows of a type, newest first. */
    newest: (chain: string, type: string, limit: number): readonly StoredRow[] => sql.newest().all(chain, type, limit),
    count: (chain: string, type: string) => sql.count().get(chain, type) ?? 0,
    /** The entry that erased the payload of entry `seq`. */
    erasure: (chain: string, seq: number) => sql.erasure().get(chain, seq),
    /** Of entries from `from` on, like the next. */
    erasedCount: (chain: string, from: number) => sql.erasedCount().get(chain, from) ?? 0,
    chains: (): readonly string[] => sql.chains().all(),
    addEntry: (chain: string, { seq, hash, body }: StoredRow) => sql.insertEntry().run(chain, seq, hash, body),
    head(chain: string): HeadRow | undefined {
      const row = sql.head().get(chain);
      return row && { ...row, range: splitRange(row.range) };
    },
    /** `before`: size of the head that is replaced; 0 when the chain is new. */
    putHead: ({ chain, size, hash, range, ts }: HeadRow, before: number) =>
      (before === 0 ? sql.insertHead() : sql.updateHead()).run(size, hash, range.join(' '), ts, chain),
    checkpoints: (chain: string): readonly CheckpointRow[] => sql.checkpoints().all(chain).map(readCheckpoint),
    newestCheckpoint: (chain: string): CheckpointRow | undefined => sql.newestCheckpoint().all(chain).map(readCheckpoint)[0],
    addCheckpoint: (chain: string, { size, note, start }: CheckpointRow) => sql.insertCheckpoint().run(chain, size, note, start?.hash ?? null, start?.range.join(' ') ?? null),
    cosignatures: (chain: string): readonly StoredCosignature[] => sql.cosignatures().all(chain),
    addCosignature: (chain: string, { size, name, line }: StoredCosignature) => sql.insertCosignature().run(chain, size, name, line),
    payload: (chain: string, seq: number) => sql.payload().get(chain, seq),
    /** From entry `first` to entry `last`, both included. */
    payloads: (chain: string, first: number, last: number): readonly PayloadRow[] => sql.payloads().all(chain, first, last),
    payloadPlaces: (chain: string, from: number): readonly number[] => sql.payloadPlaces().all(chain, from),
    /** Overwrites it where it stands: see sqlite-format-2. */
    blankPayload: (chain: string, seq: number) => sql.blankPayload().run(chain, seq),
    payloadCount: (chain: string, from: number) => sql.payloadCount().get(chain, from) ?? 0,
    /** The texts of entries after the first and before `size`. */
    pruneEntries(chain: string, size: number): void {
      for (let from = 1; from < size; from += STEP) sql.pruneEntries().run(PRUNED_BODY, chain, from, Math.min(size, from + STEP), PRUNED_BODY);
    },
    addPayload: (chain: string, seq: number, { key, salt, nonce, ciphertext }: SealedPayload) => sql.insertPayload().run(chain, seq, key, salt, nonce, ciphertext),
    blob: (digest: string) => sql.blob().get(digest),
    blobDigests: (): readonly Digest[] => sql.blobDigests().all(),
    /** The same bytes are stored once, under the media type they came with first. */
    addBlob(digest: Digest, { mediaType, bytes }: StoredBlob): void {
      if (sql.hasBlob().get(digest) === undefined) sql.insertBlob().run(digest, mediaType, bytes);
    },
    addTile: (chain: string, { level, index, root, hashes }: Tile) => sql.insertTile().run(chain, level, index, root, joinHashes(hashes)),
    tile(chain: string, level: number, index: number): Pick<Tile, 'root' | 'hashes'> | undefined {
      const row = sql.tile().get(chain, level, index);
      return row && { root: row.root, hashes: splitHashes(row.hashes) };
    },
    /** Roots of the tiles of a level, from place `from` up to but not including `to`. */
    tileRoots: (chain: string, level: number, from: number, to: number): readonly string[] => sql.tileRoots().all(chain, level, from, to),
    tilePlaces: (chain: string) => sql.tilePlaces().all(chain),
    /** Leaf hashes, from entry `from` up to but not including `to`. */
    hashes: (chain: string, from: number, to: number): readonly string[] => sql.hashes().all(chain, from, to),
    state(chain: string, name: string, key: string): JsonObject | undefined {
      const text = sql.state().get(chain, name, key);
      return text === undefined ? undefined : readState(text, name, key);
    },
    states: (chain: string, name: string): ReadonlyMap<string, JsonObject> =>
      new Map(sql.states().all(chain, name).map(({ key, state }) => [key, readState(state, name, key)])),
    projections: (chain: string): readonly ProjectionRow[] => sql.projections().all(chain),
    putState(chain: string, name: string, key: string, state: JsonObject | null): void {
      if (state === null) sql.dropState().run(chain, name, key);
      else sql.putState().run(chain, name, key, canonical(state));
    },
    cached: (key: string) => sql.cached().get(key),
    cache: (key: string, value: string) => sql.cache().run(key, value),
    /** Everything that was cached. */
    forget: () => sql.forget().run(),
  };
}

/** Prepared when it is first used: a command needs few of them. */
function late<T>(prepare: () => T): () => T {
  let prepared: T | undefined;
  return () => (prepared ??= prepare());
}

function readState(text: string, name: string, key: string): JsonObject {
  try {
    return asObject(JSON.parse(text) as Json, `projection ${name} "${key}"`);
  } catch (cause) {
    throw new Fault('STORE_TAMPERED', `projection ${name} "${key}" is not what agentctl wrote`, { cause, at: `projection ${name}`, hint: 'agentctl audit verify' });
  }
}

interface RawCheckpoint {
  readonly size: number;
  readonly note: string;
  readonly hash: string | null;
  readonly range: string | null;
}

function readCheckpoint({ size, note, hash, range }: RawCheckpoint): CheckpointRow {
  return hash === null || range === null ? { size, note } : { size, note, start: { hash, range: splitRange(range) } };
}

function splitRange(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ');
}
