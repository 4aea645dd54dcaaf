/** Files on the local disk: whole reads, durable writes, and faults that name the path and say what to do. */
import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Stats } from 'node:fs';
import { Fault } from '../domain/fault.js';
import type { FileInfo, Files } from '../domain/ports.js';
import { LineSplitter } from './line-splitter.js';

/** Bytes read at once. */
const CHUNK = 65_536;

export function files(): Files {
  return {
    read: (path) => named('read', path, () => readWhole(path)),
    readText: (path) => named('read', path, async () => decode(await readWhole(path), path)),
    lines: (path, longest) => lines(path, longest),
    exists: async (path) => (await look(path)) !== undefined,
    info: async (path) => {
      const stats = await look(path);
      return stats && info(path, stats);
    },
    list: (folder) => named('list', folder, () => walk(folder)),
    write: (path, data, mode) => named('write', path, () => replace(path, data, mode)),
    append: (path, text) => named('write', path, () => append(path, text)),
    makeFolder: (path, mode) => named('make folder', path, () => makeFolder(path, mode)),
    move: (from, to) =>
      named('move', from, async () => {
        await rename(from, to);
        await settle(dirname(to));
        if (dirname(from) !== dirname(to)) await settle(dirname(from));
      }),
    remove: (path) =>
      named('remove', path, async () => {
        await rm(path, { recursive: true, force: true });
        if (await look(dirname(path))) await settle(dirname(path));
      }),
  };
}

/** Larger than any file that belongs to an agent: reading it whole would take the memory of the machine. */
const MOST_BYTES = 1 << 30;

/** A device never ends, and whoever can plant a link to one in a checkout must not hang the gate that reads it. */
async function readWhole(path: string): Promise<Uint8Array> {
  const handle = await openToRead(path);
  try {
    const stats = await handle.stat();
    if (stats.isCharacterDevice() || stats.isBlockDevice()) throw new Fault('IO', `cannot read ${path}: it is a device`, { at: path, hint: 'name a file' });
    if (stats.size > MOST_BYTES) throw new Fault('IO', `cannot read ${path}: it has ${stats.size} bytes, more than ${MOST_BYTES}`, { at: path, hint: 'name a smaller file' });
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** A pipe that lies about as a file would wait for ever for somebody to write, deaf to every signal; one that the shell hands over has its writer. */
async function openToRead(path: string): Promise<FileHandle> {
  const handed = path.startsWith('/dev/') || path.startsWith('/proc/');
  if (!handed && (await stat(path)).isFIFO()) throw new Fault('IO', `cannot read ${path}: it is a pipe`, { at: path, hint: 'name a file, or /dev/stdin' });
  return open(path, constants.O_RDONLY);
}

async function* lines(path: string, longest: number): AsyncGenerator<string> {
  const splitter = new LineSplitter(longest);
  let count = 0;
  const decoded = (line: Uint8Array | 'over-long'): string => {
    count += 1;
    if (line === 'over-long') throw new Fault('INPUT_INVALID', `line ${count} is longer than ${longest} bytes`, { at: `${path}:${count}` });
    return decode(line, `${path}:${count}`);
  };
  const handle = await named('read', path, () => openToRead(path));
  try {
    for (const buffer = new Uint8Array(CHUNK); ; ) {
      const { bytesRead } = await named('read', path, () => handle.read(buffer, 0, CHUNK));
      if (bytesRead === 0) break;
      // A copy, since the splitter holds what it cannot hand out yet.
      for (const line of splitter.push(buffer.slice(0, bytesRead))) yield decoded(line);
    }
    // The last line may lack its end.
    for (const line of splitter.push(Uint8Array.of(0x0a))) if (line.length > 0) yield decoded(line);
  } finally {
    await handle.close();
  }
}

/** A cut multi-byte sequence must not become U+FFFD: the text would no longer have the digest of the bytes. */
function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `${path} is not UTF-8 text`, { at: path, cause });
  }
}

async function look(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw ioFault('look at', path, error);
  }
}

function info(path: string, stats: Stats): FileInfo {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : stats.isSymbolicLink() ? 'link' : 'other';
  return { path, size: stats.size, mode: stats.mode & 0o7777, modified: stats.mtimeMs, changed: stats.ctimeMs, kind };
}

/** Links are listed and never followed, so a link cannot smuggle files from elsewhere into a build or lead in circles. */
async function walk(folder: string, prefix = ''): Promise<FileInfo[]> {
  const found: FileInfo[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await walk(folder, path)));
    else found.push(info(path, await lstat(join(folder, path))));
  }
  return prefix === '' ? found.sort((a, b) => (a.path < b.path ? -1 : 1)) : found;
}

async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode });
  if (first !== undefined) await settle(dirname(first));
}

async function replace(path: string, data: Parameters<Files['write']>[1], mode?: number): Promise<void> {
  const folder = dirname(path);
  const before = await look(path);
  if (!before) await makeFolder(folder);
  const { handle, temporary } = await openTemporary(path);
  try {
    try {
      if (typeof data === 'string' || data instanceof Uint8Array) await handle.writeFile(data);
      else for await (const part of data) await handle.writeFile(part);
      // A file that is rewritten keeps its mode unless the caller names one; the umask must not loosen or tighten it.
      const wanted = mode ?? (before?.isFile() ? before.mode & 0o777 : undefined);
      await handle.chmod(wanted ?? 0o666 & ~process.umask());
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await settle(folder);
}

async function append(path: string, text: string): Promise<void> {
  if (!(await look(dirname(path)))) await makeFolder(dirname(path));
  const handle = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

let counter = 0;

/** O_EXCL and O_NOFOLLOW: a link planted under the temporary name is refused, not written through. Private until it has its mode. */
async function openTemporary(path: string): Promise<{ handle: FileHandle; temporary: string }> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  for (let attempt = 0; ; attempt += 1) {
    counter += 1;
    const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${process.pid}-${counter}.tmp`);
    try {
      return { handle: await open(temporary, flags, 0o600), temporary };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || attempt >= 100) throw error;
    }
  }
}

/** Flushes the folder, so that a rename survives a power cut. Some file systems cannot; they order it themselves. */
async function settle(folder: string): Promise<void> {
  try {
    const handle = await open(folder, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR', 'EACCES', 'ENOENT'].includes(codeOf(error))) throw error;
  }
}

async function named<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Fault ? error : ioFault(verb, path, error);
  }
}

function codeOf(error: unknown): string {
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

function ioFault(verb: string, path: string, cause: unknown): Fault {
  const [reason, hint] = REASONS[codeOf(cause)] ?? [String(cause), undefined];
  return new Fault('IO', `cannot ${verb} ${path}: ${reason}`, { at: path, cause, ...(hint && { hint: hint(path) }) });
}

function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
