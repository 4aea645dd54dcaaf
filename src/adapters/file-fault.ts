/** What every way of reading files shares: what is not read, how a text is decoded, and faults that name the path and say what to do. */
import { dirname } from 'node:path';
import type { Stats } from 'node:fs';
import { Fault } from '../domain/fault.js';
import type { FileInfo } from '../domain/ports.js';

/** Larger than any file that belongs to an agent: reading it whole would take the memory of the machine. */
const MOST_BYTES = 1 << 30;

/** @throws {Fault} IO for a device, which never ends, and for what is too large to be held */
export function refuseUnreadable(path: string, stats: Stats): void {
  if (stats.isCharacterDevice() || stats.isBlockDevice()) throw new Fault('IO', `cannot read ${path}: it is a device`, { at: path, hint: 'name a file' });
  if (stats.size > MOST_BYTES) throw new Fault('IO', `cannot read ${path}: it has ${stats.size} bytes, more than ${MOST_BYTES}`, { at: path, hint: 'name a smaller file' });
}

/** Whether the shell handed it over: a pipe there has its writer. */
export function isHanded(path: string): boolean {
  return path.startsWith('/dev/') || path.startsWith('/proc/');
}

/**
 * A file that is written takes the place of what lies there: of a file or a link, never of something that others rely on.
 * @throws {Fault} IO for a device, a pipe, a socket, and whatever lies in /dev itself, where even links belong to the machine
 */
export function refuseIrreplaceable(path: string, before: Stats | undefined): void {
  const refused = (because: string) => new Fault('IO', `cannot write ${path}: it ${because}`, { at: path, hint: 'name a file' });
  if (/^\/(dev\/[^/]+$|dev\/fd\/|proc\/)/.test(path)) throw refused('belongs to the system');
  if (before?.isFIFO() === true) throw refused('is a pipe');
  if (before?.isSocket() === true) throw refused('is a socket');
  if (before?.isCharacterDevice() === true || before?.isBlockDevice() === true) throw refused('is a device');
}

export function pipe(path: string): Fault {
  return new Fault('IO', `cannot read ${path}: it is a pipe`, { at: path, hint: 'name a file, or /dev/stdin' });
}

/** A cut multi-byte sequence must not become U+FFFD: the text would no longer have the digest of the bytes. */
export function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `${path} is not UTF-8 text`, { at: path, cause });
  }
}

export function infoOf(path: string, stats: Stats): FileInfo {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'special file';
  return { path, size: stats.size, mode: stats.mode & 0o7777, modified: stats.mtimeMs, changed: stats.ctimeMs, kind };
}

export async function named<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Fault ? error : ioFault(verb, path, error);
  }
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const REASONS: Readonly<Record<string, readonly [reason: string, hint: (path: string) => string]>> = {
  ENOENT: ['it does not exist', (path) => `check the path: ls ${quoted(dirname(path))}`],
  EACCES: ['permission denied', (path) => `look at its owner and mode: ls -ld ${quoted(path)}`],
  EPERM: ['the system does not allow it', (path) => `look at its owner and mode: ls -ld ${quoted(path)}`],
  ENOSPC: ['the disk is full', (path) => `free some space: df -h ${quoted(dirname(path))}`],
  EDQUOT: ['the disk quota is used up', () => 'free some space: quota'],
  EROFS: ['the file system is read-only', () => 'choose a folder that can be written'],
  EISDIR: ['it is a folder', () => 'name a file'],
  ENOTDIR: ['a part of the path is not a folder', (path) => `check the path: ls -ld ${quoted(dirname(path))}`],
  EEXIST: ['something that is no folder is in the way', (path) => `look at what is there: ls -ld ${quoted(dirname(path))}`],
  ELOOP: ['it goes through a symbolic link that is refused', (path) => `replace the link by the file itself: ls -l ${quoted(path)}`],
  EXDEV: ['source and target lie on different file systems', () => 'keep both on the same file system'],
  EMFILE: ['too many files are open', () => 'raise the limit: ulimit -n 4096'],
  ENAMETOOLONG: ['the name is too long', () => 'choose a shorter name'],
};

export function ioFault(verb: string, path: string, cause: unknown): Fault {
  const [reason, hint] = REASONS[codeOf(cause)] ?? [String(cause), undefined];
  return new Fault('IO', `cannot ${verb} ${path}: ${reason}`, { at: path, cause, ...(hint && { hint: hint(path) }) });
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
