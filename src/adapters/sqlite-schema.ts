/** Tables of the store and the settings of every connection to it. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import { toFormat2 } from './sqlite-format-2.js';

/** "agct" in ASCII: tells our file from any other SQLite database. */
export const APPLICATION_ID = 0x61676374;

/** Triggers stop mistakes, not attackers: whoever owns the file can drop them, and the chain and its signed checkpoints show it. */
const LEDGER = `
CREATE TABLE entries (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL,
  type TEXT GENERATED ALWAYS AS (json_extract(body, '$.type')) VIRTUAL,
  PRIMARY KEY (chain, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entries_by_type ON entries (chain, type, seq);
CREATE TRIGGER entries_keep BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
-- Delete triggers do not see INSERT OR REPLACE; a place that must be the next one leaves it nothing to replace.
CREATE TRIGGER entries_follow BEFORE INSERT ON entries
  WHEN NEW.seq <> coalesce((SELECT max(seq) + 1 FROM entries WHERE chain = NEW.chain), 0)
  BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: not the next place'); END;

CREATE TABLE heads (
  chain TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, hash TEXT NOT NULL, range TEXT NOT NULL, ts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER heads_grow BEFORE UPDATE ON heads WHEN NEW.chain <> OLD.chain OR NEW.size <= OLD.size
  BEGIN SELECT RAISE(ABORT, 'a head only grows'); END;
CREATE TRIGGER heads_stay BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'a head stays'); END;
CREATE TRIGGER heads_once BEFORE INSERT ON heads WHEN EXISTS (SELECT 1 FROM heads WHERE chain = NEW.chain)
  BEGIN SELECT RAISE(ABORT, 'a chain has one head'); END;

CREATE TABLE checkpoints (
  chain TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, hash TEXT, range TEXT, PRIMARY KEY (chain, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE payloads (
  chain TEXT NOT NULL, seq INTEGER NOT NULL, salt BLOB NOT NULL, text BLOB NOT NULL, PRIMARY KEY (chain, seq)
) STRICT;
CREATE TABLE blobs (digest TEXT PRIMARY KEY NOT NULL, media TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
${writeOnce('checkpoints', 'chain = NEW.chain AND size = NEW.size')}
${writeOnce('payloads', 'chain = NEW.chain AND seq = NEW.seq')}
${writeOnce('blobs', 'digest = NEW.digest')}

CREATE TABLE projections (
  chain TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (chain, name, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE cache (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** What witnesses signed below checkpoints; readers verify each line. */
const COSIGNATURES = `
CREATE TABLE cosignatures (
  chain TEXT NOT NULL, size INTEGER NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (chain, size, name)
) STRICT, WITHOUT ROWID;
${writeOnce('cosignatures', 'chain = NEW.chain AND size = NEW.size AND name = NEW.name')}
`;

function writeOnce(table: string, same: string): string {
  const abort = `BEGIN SELECT RAISE(ABORT, '${table} are written once'); END;`;
  return `CREATE TRIGGER ${table}_keep BEFORE UPDATE ON ${table} ${abort}
CREATE TRIGGER ${table}_stay BEFORE DELETE ON ${table} ${abort}
CREATE TRIGGER ${table}_once BEFORE INSERT ON ${table} WHEN EXISTS (SELECT 1 FROM ${table} WHERE ${same}) ${abort}`;
}

/** Migration n leads from `user_version` n to n + 1. Append only. */
export const MIGRATIONS: readonly ((db: Database) => void)[] = [(db) => void db.exec(LEDGER), toFormat2, (db) => void db.exec(COSIGNATURES)];

/** Every setting with the value it must read back as. */
const SETTINGS = [
  ['journal_mode', 'WAL', 'wal'],
  // NORMAL, the library's default in WAL, would lose acknowledged entries on power loss.
  ['synchronous', 'FULL', 2],
  ['fullfsync', 'ON', 1],
  ['checkpoint_fullfsync', 'ON', 1],
  ['foreign_keys', 'ON', 1],
  ['recursive_triggers', 'ON', 1],
  ['secure_delete', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
] as const;

/** Applies the settings and reads them back. @throws {Fault} STORE_UNFIT */
export function configure(db: Database, path: string): void {
  for (const [name, value, expected] of SETTINGS) {
    db.pragma(`${name} = ${value}`);
    const actual: unknown = db.pragma(name, { simple: true });
    if (actual !== expected) throw new Fault('STORE_UNFIT', `${path} does not accept ${name}=${value}`, { at: path, hint: 'keep the store on a local disk' });
  }
}

/** Whether the file is ours and of this version; false when it is still empty. @throws {Fault} STORE_UNFIT, UPGRADE_NEEDED */
export function isCurrent(db: Database, path: string): boolean {
  const application: unknown = db.pragma('application_id', { simple: true });
  const version = Number(db.pragma('user_version', { simple: true }));
  if (application === 0 && version === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) return false;
  if (application !== APPLICATION_ID) throw new Fault('STORE_UNFIT', `${path} is not a ledger of agentctl`, { at: path, hint: 'move the file away, or choose another store' });
  if (version > MIGRATIONS.length) throw new Fault('UPGRADE_NEEDED', `${path} has store format ${version}; this agentctl knows ${MIGRATIONS.length}`, { at: path, hint: 'upgrade agentctl' });
  return version === MIGRATIONS.length;
}

/** Brings an empty or older file to this version, in one transaction of its own. */
export function migrate(db: Database, path: string): void {
  db.transaction(() => {
    if (isCurrent(db, path)) return;
    const version = Number(db.pragma('user_version', { simple: true }));
    for (const migration of MIGRATIONS.slice(version)) migration(db);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

/** Every table, index and trigger as its SQL, by name. */
export function objectsOf(db: Database): ReadonlyMap<string, string> {
  const rows = db.prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL').raw().all() as [string, string][];
  return new Map(rows);
}
