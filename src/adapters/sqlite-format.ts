/** What every database of ours has in common: a name of its own, migrations, and the settings of each connection. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';

/** A kind of file: tells ours from any other SQLite database, and an older version from this one. */
export interface Format {
  /** Such as `a ledger`. */
  readonly what: string;
  readonly applicationId: number;
  /** Migration n leads from `user_version` n to n + 1, inside a transaction. Append only. */
  readonly migrations: readonly ((db: Database) => void)[];
}

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
  // Pages as they were before a statement or a job, for it to be undone: in a temporary file they would cost more writes than the log, and outlive an erasure.
  ['temp_store', 'MEMORY', 2],
  // Kilobytes: a ledger is mostly appended to, and the library's 16 MB would be taken by pages that nobody asks for again.
  ['cache_size', '-2000', -2000],
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
export function isCurrent(db: Database, path: string, { what, applicationId, migrations }: Format): boolean {
  // In one view of the file: another process may be writing its first tables.
  const { application, version, empty } = db.transaction(() => ({
    application: db.pragma('application_id', { simple: true }) as unknown, version: versionOf(db),
    empty: db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0,
  }))();
  if (application === 0 && version === 0 && empty) return false;
  if (application !== applicationId) throw new Fault('STORE_UNFIT', `${path} is not ${what} of agentctl`, { at: path, hint: 'move the file away, or choose another store' });
  if (version > migrations.length) throw new Fault('UPGRADE_NEEDED', `${path} has store format ${version}; this agentctl knows ${migrations.length}`, { at: path, hint: 'upgrade agentctl' });
  return version === migrations.length;
}

/** Brings an empty or older file to this version, in one transaction of its own. */
export function migrate(db: Database, path: string, format: Format): void {
  if (isCurrent(db, path, format)) return;
  const before = versionOf(db);
  db.transaction(() => {
    // Another process may have been quicker.
    if (isCurrent(db, path, format)) return;
    for (const migration of format.migrations.slice(versionOf(db))) migration(db);
    db.pragma(`application_id = ${format.applicationId}`);
    db.pragma(`user_version = ${format.migrations.length}`);
  }).immediate();
  // What a migration took out of the tables must not live on in the write-ahead log.
  if (before > 0) db.pragma('wal_checkpoint(TRUNCATE)');
}

function versionOf(db: Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Every table, index and trigger as its SQL, by name. */
export function objectsOf(db: Database): ReadonlyMap<string, string> {
  const rows = db.prepare('SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL').raw().all() as [string, string][];
  return new Map(rows);
}

/** Triggers that refuse every change of a table but new rows. @param same says which rows have the same place */
export function writeOnce(table: string, same: string): string {
  const abort = `BEGIN SELECT RAISE(ABORT, '${table} are written once'); END;`;
  return `CREATE TRIGGER ${table}_keep BEFORE UPDATE ON ${table} ${abort}
CREATE TRIGGER ${table}_stay BEFORE DELETE ON ${table} ${abort}
CREATE TRIGGER ${table}_once BEFORE INSERT ON ${table} WHEN EXISTS (SELECT 1 FROM ${table} WHERE ${same}) ${abort}`;
}
