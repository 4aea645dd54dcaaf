/** The store's folder and files: private, no links, opened for writing or strictly for reading. */
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, type BigIntStats } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { codeOf, storeFault } from './sqlite-fault.js';
import type { Sqlite } from './sqlite-module.js';
import { configure, isCurrent, migrate } from './sqlite-schema.js';

/** The folder with mode 0700, made when absent. @throws {Fault} STORE_UNFIT, IO */
export function privateFolder(folder: string): void {
  guarded(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stats = refuseLink(folder);
    if (stats && !stats.isDirectory()) throw new Fault('STORE_UNFIT', `${folder} is not a folder`, { at: folder, hint: 'choose another --store' });
    if (stats && (stats.mode & 0o077n) !== 0n) chmodSync(folder, 0o700);
  });
}

/** The file with mode 0600, made empty when absent: SQLite gives its side files the same mode. @throws {Fault} STORE_UNFIT, IO */
export function privateFile(path: string): void {
  guarded(path, () => {
    try {
      closeSync(openSync(path, 'wx', 0o600));
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const stats = checkFile(path);
    if (stats && (stats.mode & 0o077n) !== 0n) chmodSync(path, 0o600);
  });
}

/** Refuses a database that would lead elsewhere: a link, or a second name for another file. @throws {Fault} STORE_UNFIT */
export function checkFile(path: string): BigIntStats | undefined {
  const [stats] = [path, `${path}-wal`, `${path}-shm`].map((file) => {
    const found = refuseLink(file);
    if (found && (!found.isFile() || found.nlink > 1n)) throw new Fault('STORE_UNFIT', `${file} is not a plain file with one name`, { at: file, hint: 'replace it by a copy of its own' });
    return found;
  });
  return stats;
}

export function refuseLink(path: string): BigIntStats | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats?.isSymbolicLink()) throw new Fault('STORE_UNFIT', `${path} is a symbolic link`, { at: path, hint: 'put the real folder or file there' });
  return stats;
}

/** Opens for writing; creates and migrates. */
export async function openWritable(Sqlite: Sqlite, path: string, waiting: Waiting): Promise<Database> {
  privateFile(path);
  // Waiting is ours: see sqlite-busy.
  const db = guarded(path, () => new Sqlite(path, { timeout: 0 }));
  try {
    await patiently(() => isCurrent(db, path), path, waiting);
    await patiently(() => configure(db, path), path, waiting);
    await patiently(() => migrate(db, path), path, waiting);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection that reads only. `unchanged` tells whether all that it read belongs together. */
export interface Reading {
  readonly db: Database;
  unchanged(): boolean;
}

/**
 * Opens for reading without creating or changing any file. A quiet WAL database is opened as immutable, since a plain
 * reader would leave `-wal` and `-shm` beside it and fails where it may not; the caller reads again when a writer came by.
 *
 * @throws {Fault} STORE_UNFIT, UPGRADE_NEEDED
 */
export async function openReading(Sqlite: Sqlite, path: string, waiting: Waiting): Promise<Reading> {
  return patiently(() => {
    const before = stamp(path);
    const quiet = before !== undefined;
    const db = new Sqlite(quiet ? `${pathToFileURL(path).href}?immutable=1` : path, { readonly: true, fileMustExist: true, timeout: 0 });
    try {
      db.pragma('trusted_schema = OFF');
      db.pragma('query_only = ON');
      if (!isCurrent(db, path)) throw new Fault('STORE_UNFIT', `${path} is empty or of an older format`, { at: path, hint: 'run agentctl apply once' });
    } catch (error) {
      db.close();
      throw error;
    }
    return { db, unchanged: () => !quiet || stamp(path) === before };
  }, path, waiting);
}

/** What identifies the content of a quiet database file; undefined while a `-wal` shows that somebody may be writing. */
function stamp(path: string): string | undefined {
  const stats = checkFile(path);
  if (!stats) throw new Fault('STORE_UNFIT', `there is no store at ${path}`, { at: path, hint: 'agentctl init, or point --store at it' });
  if (lstatSync(`${path}-wal`, { throwIfNoEntry: false })) return undefined;
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFault(error, path);
  }
}
