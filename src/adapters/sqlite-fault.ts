/** What SQLite reports, told as faults of agentctl. */
import { Fault } from '../domain/fault.js';

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY') || codeOf(error).startsWith('SQLITE_LOCKED');
}

/** After a failed sync nobody knows what reached the disk. */
export function leavesDoubt(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_IOERR');
}

/** The fault for an error of SQLite or of the file system; other errors come back as they are, being defects. */
export function storeFault(error: unknown, path: string): unknown {
  const fault = FAULTS.find(([pattern]) => pattern.test(codeOf(error)))?.[1];
  return error instanceof Fault || !fault ? error : fault(path, error);
}

export function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFault(error, path);
  }
}

type MakeFault = (path: string, cause: unknown) => Fault;

const FAULTS: readonly (readonly [RegExp, MakeFault])[] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, (at, cause) => new Fault('IO', `no space left for ${at}: nothing was written`, { at, cause, hint: 'free some space, then run the command again' })],
  [/^(SQLITE_READONLY|EROFS)/, (at, cause) => new Fault('IO', `${at} cannot be written to`, { at, cause, hint: `check the owner and mode of ${at} and its folder` })],
  [/^SQLITE_IOERR/, (at, cause) => new Fault('IO', `reading or writing ${at} failed: the last write may or may not have been kept`, { at, cause, hint: 'check the disk, then run agentctl audit verify' })],
  [/^SQLITE_(BUSY|LOCKED)/, (at, cause) => new Fault('STORE_LOCKED', `${at} is busy`, { at, cause, hint: 'wait for the other agentctl processes, then run the command again' })],
  [/^SQLITE_(CORRUPT|NOTADB)/, (at, cause) => new Fault('STORE_TAMPERED', `${at} is damaged: it is not the database that was written`, { at, cause, hint: 'keep the file as evidence and restore a backup' })],
  [/^SQLITE_(CANTOPEN|PERM|AUTH)/, (at, cause) => new Fault('STORE_UNFIT', `${at} cannot be opened`, { at, cause, hint: `check the owner and mode of ${at} and its folder` })],
  [/^(EEXIST|ENOTDIR)$/, (at, cause) => new Fault('STORE_UNFIT', `${at} is not a folder`, { at, cause, hint: 'choose another --store' })],
  [/^(EACCES|EPERM|EIO|EMFILE|ENFILE)$/, (at, cause) => new Fault('IO', `${at} is not accessible: ${(cause as Error).message}`, { at, cause, hint: `check the owner and mode of ${at}` })],
];
