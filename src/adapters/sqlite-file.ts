/** The store's folder and files: private, no links, opened for writing or strictly for reading. */
import { accessSync, chmodSync, closeSync, constants, lstatSync, mkdirSync, openSync, readFileSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
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

/** Up to this size a quiet database is read into memory at once: about 1.5 ms for each MB. */
const IN_MEMORY = 64_000_000n;

/**
 * Opens for reading without creating or changing any file. A plain reader of a WAL database would leave `-wal` and `-shm`
 * beside it, and fails where it may not; so a quiet database is read into memory, and the caller reads again when
 * `unchanged` says that a writer came by. A large one, or one that is being written to, gets a plain reader.
 *
 * @throws {Fault} STORE_UNFIT, UPGRADE_NEEDED, STORE_TAMPERED
 */
export async function openReading(Sqlite: Sqlite, path: string, waiting: Waiting): Promise<Reading> {
  return patiently(() => {
    const before = stamp(path);
    const copy = before !== undefined && (before.size <= IN_MEMORY || !isWritable(path)) ? rollbackCopy(path) : undefined;
    const db = openPlainly(Sqlite, copy ?? path, path);
    try {
      db.pragma('trusted_schema = OFF');
      db.pragma('query_only = ON');
      if (!isCurrent(db, path)) throw new Fault('STORE_UNFIT', `${path} is empty or of an older format`, { at: path, hint: 'run agentctl apply once' });
    } catch (error) {
      db.close();
      throw error;
    }
    return { db, unchanged: () => copy === undefined || stamp(path)?.text === before?.text };
  }, path, waiting);
}

function openPlainly(Sqlite: Sqlite, source: Buffer | string, path: string): Database {
  try {
    return typeof source === 'string' ? new Sqlite(source, { readonly: true, fileMustExist: true, timeout: 0 }) : new Sqlite(source, { readonly: true });
  } catch (cause) {
    if (!/^SQLITE_(READONLY|CANTOPEN)/.test(codeOf(cause))) throw cause;
    throw new Fault('STORE_UNFIT', `${path} has an open write-ahead log, and its folder cannot be written to`, { at: path, cause, hint: 'copy the whole folder to a place of your own and read it there' });
  }
}

/** The bytes with the journal mode of the header (offsets 18 and 19) set from WAL to rollback, which memory needs. */
function rollbackCopy(path: string): Buffer {
  const bytes = readFileSync(path);
  if (bytes.length >= 100 && bytes[18] === 2 && bytes[19] === 2) bytes.fill(1, 18, 20);
  return bytes;
}

function isWritable(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EROFS') return false;
    throw error;
  }
}

/** What identifies the content of a quiet database file; undefined while a `-wal` shows that somebody may be writing. */
function stamp(path: string): { readonly text: string; readonly size: bigint } | undefined {
  const stats = checkFile(path);
  if (!stats) throw new Fault('STORE_UNFIT', `there is no store at ${path}`, { at: path, hint: 'agentctl init, or point --store at it' });
  if (lstatSync(`${path}-wal`, { throwIfNoEntry: false })) return undefined;
  return { text: `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`, size: stats.size };
}

export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFault(error, path);
  }
}
