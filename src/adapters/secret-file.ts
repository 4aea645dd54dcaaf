/** Files that hold secrets: 0600 in 0700 folders, created once and whole, and read only when nobody else could have. */
import { constants } from 'node:fs';
import { link, lstat, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { Random } from '../domain/ports.js';
import { makeFolders } from './make-folders.js';

const LARGEST = 16_384;
const OTHERS = 0o077;
/** Windows has no such bits; access lists of the profile folder protect the file there. */
const MODES = process.platform !== 'win32';

/**
 * The bytes of a secret, or undefined when there is no such file.
 * @param folder `private`: the folder must be closed to others as well, so that nobody can swap the file
 * @throws {Fault} STORE_UNFIT for a link or a file or folder that others can open
 */
export async function readSecret(path: string, folder: 'private' | 'any' = 'private'): Promise<Buffer | undefined> {
  const handle = await openPlain(path);
  if (!handle) return undefined;
  try {
    const { mode, size } = await handle.stat();
    if (MODES && (mode & OTHERS) !== 0) throw unfit(path, 'can be opened by other users', `chmod 600 ${path}`);
    if (size > LARGEST) throw unfit(path, 'is too large for a key');
    if (folder === 'private') await checkFolder(dirname(path));
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

async function openPlain(path: string): Promise<FileHandle | undefined> {
  try {
    if (!(await lstat(path)).isFile()) throw unfit(path, 'is not a plain file');
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw new Fault('IO', 'cannot read the key file', { at: path, cause });
  }
}

/**
 * Creates a secret: readers see nothing or all of it, and an existing file is never replaced.
 * @throws {Fault} REFUSED when it exists, IO
 */
export async function createSecret(path: string, data: string | Uint8Array, random: Random): Promise<void> {
  const temporary = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}.tmp`;
  try {
    makeFolders(dirname(path), 0o700);
    await checkFolder(dirname(path));
    await writeSynced(temporary, data);
    // A link, unlike a rename, fails when the name is taken: two creators cannot overwrite each other's key.
    await link(temporary, path);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    if (codeOf(cause) === 'EEXIST') throw new Fault('REFUSED', 'the key exists already', { at: path, cause });
    throw new Fault('IO', 'cannot write the key file', { at: path, cause });
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
}

async function writeSynced(path: string, data: string | Uint8Array): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts other bytes in the place of a secret: readers see the old ones or the new. @throws {Fault} IO, STORE_UNFIT */
export async function replaceSecret(path: string, data: string | Uint8Array, random: Random): Promise<void> {
  const temporary = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}.tmp`;
  try {
    await checkFolder(dirname(path));
    await writeSynced(temporary, data);
    await takePlace(temporary, path);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('IO', 'cannot write the key file', { at: path, cause });
  } finally {
    await unlink(temporary).catch(ignoreMissing);
  }
}

/** Gives a secret another name beside its own. @throws {Fault} REFUSED when that is taken, IO */
export async function secondName(path: string, other: string): Promise<void> {
  try {
    await link(path, other);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw new Fault('REFUSED', 'the name is taken by another key', { at: other, cause });
    throw new Fault('IO', 'cannot keep the key that is replaced', { at: other, cause });
  }
}

/** Puts a secret in the place of another one: readers see the one or the other. @throws {Fault} IO */
export async function takePlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    if (MODES) await syncFolder(dirname(to));
  } catch (cause) {
    throw new Fault('IO', 'cannot put the new key in its place', { at: to, cause });
  }
}

/** A rename is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  await handle.sync().finally(() => handle.close());
}

export async function removeSecret(path: string): Promise<void> {
  await unlink(path).catch(ignoreMissing);
}

/** Names of the files in a folder of secrets; none when it does not exist. */
export async function listSecrets(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    ignoreMissing(cause);
    return [];
  });
  return names.filter((name) => !name.endsWith('.tmp')).sort();
}

async function checkFolder(folder: string): Promise<void> {
  const info = await lstat(folder);
  if (!info.isDirectory()) throw unfit(folder, 'is not a plain folder');
  if (MODES && (info.mode & OTHERS) !== 0) throw unfit(folder, 'can be opened by other users', `chmod 700 ${folder}`);
}

function unfit(path: string, reason: string, hint?: string): Fault {
  return new Fault('STORE_UNFIT', `a place for keys ${reason}`, { at: path, ...(hint === undefined ? {} : { hint }) });
}

function ignoreMissing(cause: unknown): void {
  if (codeOf(cause) !== 'ENOENT') throw new Fault('IO', 'cannot reach the key files', { cause });
}

function codeOf(cause: unknown): string | undefined {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined;
}
