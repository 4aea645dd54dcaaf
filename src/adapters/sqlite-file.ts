/** The store's folder and files: private, no links, opened for writing or strictly for reading. */
import { accessSync, chmodSync, closeSync, constants, lstatSync, openSync, readFileSync, statfsSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import { makeFolders } from './make-folders.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { codeOf, guarded } from './sqlite-fault.js';
import type { Sqlite } from './sqlite-module.js';
import { configure, isCurrent, migrate, type Format } from './sqlite-format.js';

/** The folder with mode 0700, made when absent. @throws {Fault} STORE_UNFIT, IO */
export function privateFolder(folder: string): void {
  guarded(folder, () => {
    makeFolders(folder, 0o700);
    const stats = refuseLink(folder);
    if (stats && !stats.isDirectory()) throw new Fault('STORE_UNFIT', `${folder} is not a folder`, { at: folder, hint: 'choose another --store' });
    if (stats && (stats.mode & 0o077n) !== 0n) chmodSync(folder, 0o700);
    const network = process.platform === 'linux' ? networkFileSystem(statfsSync(folder).type) : undefined;
    if (network !== undefined) throw new Fault('STORE_UNFIT', `${folder} lies on ${network}, where two machines would overwrite each other's entries`, { at: folder, hint: 'keep the store on a local disk' });
  });
}

/** SQLite's write-ahead log works within one machine only. By the magic numbers of statfs(2). */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'], [0x517b, 'SMB'], [0xff534d42, 'CIFS'], [0xfe534d42, 'SMB'], [0x5346414f, 'AFS'], [0x6b414653, 'AFS'], [0x00c36400, 'Ceph'], [0x0bd00bd0, 'Lustre'], [0x47504653, 'GPFS'],
]);

/** The name of a network file system; undefined for a local one. */
export function networkFileSystem(type: number): string | undefined {
  return NETWORK.get(type >>> 0);
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
export async function openWritable(Sqlite: Sqlite, path: string, format: Format, waiting: Waiting): Promise<Database> {
  const db = openFile(Sqlite, path);
  try {
    for (const stage of stagesOf(db, path, format)) await patiently(stage, path, waiting);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The same at once. @throws what SQLite throws, busy too */
export function openNow(Sqlite: Sqlite, path: string, format: Format): Database {
  const db = openFile(Sqlite, path);
  try {
    for (const stage of stagesOf(db, path, format)) stage();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function openFile(Sqlite: Sqlite, path: string): Database {
  privateFile(path);
  // Waiting is ours: see sqlite-busy.
  return guarded(path, () => new Sqlite(path, { timeout: 0 }));
}

/** Each can be repeated when the file is busy. */
function stagesOf(db: Database, path: string, format: Format): readonly (() => unknown)[] {
  return [() => isCurrent(db, path, format), () => configure(db, path), () => migrate(db, path, format)];
}

/** A connection that reads only. `unchanged` tells whether all that it read belongs together. */
export interface Reading {
  readonly db: Database;
  unchanged(): boolean;
}

/**
 * Opens for reading without changing the file or leaving one behind. Whoever opens a WAL database makes `-wal` and `-shm`
 * beside it, and the last one to close takes them away, if it may write: so a quiet database is opened as if for writing.
 * Where that is not possible it is read into memory, and the caller reads again when `unchanged` says that a writer came by.
 * A log that is in use gets a plain reader: what others left in it is not for a reader to move.
 *
 * @throws {Fault} STORE_UNFIT, UPGRADE_NEEDED, STORE_TAMPERED
 */
export async function openReading(Sqlite: Sqlite, path: string, format: Format, waiting: Waiting): Promise<Reading> {
  return patiently(() => {
    const { text, inUse } = look(path);
    if (inUse) return { db: onlyReading(openPlainly(Sqlite, path), path, format), unchanged: () => true };
    return openTraceless(Sqlite, path, format) ?? { db: onlyReading(new Sqlite(rollbackCopy(path), { readonly: true }), path, format), unchanged: () => look(path).text === text };
  }, path, waiting);
}

/** Undefined where there is no right or no room for the side files, or a rollback journal that SQLite would play back. */
function openTraceless(Sqlite: Sqlite, path: string, format: Format): Reading | undefined {
  if (lstatSync(`${path}-journal`, { throwIfNoEntry: false }) || !isWritable(path) || !isWritable(dirname(path))) return undefined;
  try {
    return { db: onlyReading(new Sqlite(path, { fileMustExist: true, timeout: 0 }), path, format), unchanged: () => true };
  } catch (error) {
    if (/^SQLITE_(READONLY|CANTOPEN|FULL|IOERR)/.test(codeOf(error))) return undefined;
    throw error;
  }
}

function onlyReading(db: Database, path: string, format: Format): Database {
  try {
    db.pragma('trusted_schema = OFF');
    db.pragma('query_only = ON');
    if (!isCurrent(db, path, format)) throw new Fault('STORE_UNFIT', `${path} is empty or of an older format`, { at: path, hint: 'run agentctl apply once' });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function openPlainly(Sqlite: Sqlite, path: string): Database {
  try {
    return new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 0 });
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
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EACCES' || codeOf(error) === 'EROFS') return false;
    throw error;
  }
}

/** What identifies the content of a database that nobody writes to, and whether a log with something in it shows that somebody does. */
function look(path: string): { readonly text: string; readonly inUse: boolean } {
  const stats = checkFile(path);
  if (!stats) throw new Fault('STORE_UNFIT', `there is no store at ${path}`, { at: path, hint: 'agentctl init, or point --store at it' });
  const log = lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  return { text: `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${log}`, inUse: log > 0 };
}
