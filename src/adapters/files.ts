/** Files on the local disk: whole reads, durable writes, and faults that name the path and say what to do. */
import { createHash } from 'node:crypto';
import { constants, readSync } from 'node:fs';
import { open, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { Digest } from '../domain/digest.js';
import type { Files, OpenFile } from '../domain/ports.js';
import { look, readNow, walk } from './file-at-once.js';
import { codeOf, decode, infoOf, ioFault, isHanded, named, pipe, refuseIrreplaceable, refuseUnreadable } from './file-fault.js';
import { LineSplitter } from './line-splitter.js';
import { makeFolders } from './make-folders.js';

/** Bytes read at once. */
const CHUNK = 65_536;
/** From so many bytes on, reading takes so long that Ctrl-C must be heard meanwhile. */
const LARGE = 1 << 20;

export function files(): Files {
  return {
    read: (path) => named('read', path, () => readWhole(path)),
    readText: (path) => named('read', path, async () => decode(await readWhole(path), path)),
    digest: (path) => named('read', path, () => digestOf(path)),
    open: (path) => named('read', path, () => openParts(path)),
    lines: (path, longest) => lines(path, longest),
    exists: async (path) => look(path) !== undefined,
    info: async (path) => {
      const stats = look(path);
      return stats && infoOf(path, stats);
    },
    list: (folder) => named('list', folder, async () => walk(folder)),
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
        if (look(dirname(path))) await settle(dirname(path));
      }),
  };
}

/** A device never ends, and whoever can plant a link to one in a checkout must not hang the gate that reads it. */
async function readWhole(path: string): Promise<Uint8Array> {
  if (!isHanded(path) && (look(path)?.size ?? LARGE) < LARGE) return readNow(path);
  const handle = await openToRead(path);
  try {
    const stats = await handle.stat();
    refuseUnreadable(path, stats);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function digestOf(path: string): Promise<Digest> {
  const handle = await openToRead(path);
  try {
    refuseUnreadable(path, await handle.stat());
    const hash = createHash('sha256');
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK);
      if (bytesRead === 0) return `sha256:${hash.digest('hex')}`;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

/** Reads at once: a part that was read a moment ago is in memory, and waking a thread for it would take longer than the copy. */
async function openParts(path: string): Promise<OpenFile> {
  const handle = await openToRead(path);
  const read = (offset: number, length: number): Uint8Array => {
    const part = new Uint8Array(length);
    let held = 0;
    for (let more = 1; held < length && more > 0; held += more) more = readSync(handle.fd, part, held, length - held, offset + held);
    return part.subarray(0, held);
  };
  return {
    read: (offset, length) => {
      try {
        return read(offset, length);
      } catch (error) {
        throw ioFault('read', path, error);
      }
    },
    close: () => handle.close(),
  };
}

/** A pipe that lies about as a file would wait for ever for somebody to write, deaf to every signal; one that the shell hands over has its writer. */
async function openToRead(path: string): Promise<FileHandle> {
  if (!isHanded(path) && (await stat(path)).isFIFO()) throw pipe(path);
  return open(path, constants.O_RDONLY);
}

async function* lines(path: string, longest: number): AsyncGenerator<string> {
  const splitter = new LineSplitter(longest);
  let count = 0;
  const decoded = (line: Uint8Array | null): string => {
    count += 1;
    if (line === null) throw new Fault('INPUT_INVALID', `line ${count} is longer than ${longest} bytes`, { at: `${path}:${count}` });
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
    for (const line of splitter.push(Uint8Array.of(0x0a))) if (line === null || line.length > 0) yield decoded(line);
  } finally {
    await handle.close();
  }
}

async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const first = makeFolders(path, mode);
  if (first !== undefined) await settle(dirname(first));
}

async function replace(path: string, data: Parameters<Files['write']>[1], mode?: number): Promise<void> {
  const folder = dirname(path);
  const before = look(path);
  refuseIrreplaceable(path, before);
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
  if (!look(dirname(path))) await makeFolder(dirname(path));
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
