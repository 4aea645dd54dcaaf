/** Copies of the store's files: as of one moment, compact, private, and synced. */
import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { Fault } from '../domain/fault.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { codeOf, storeFault } from './sqlite-fault.js';
import type { Reading } from './sqlite-file.js';

/** @param open a connection for this copy alone @throws {Fault} REFUSED when the file exists, IO */
export async function copyInto(to: string, open: () => Promise<Reading>, waiting: Waiting): Promise<void> {
  const { db, unchanged } = await open();
  try {
    // What was read into memory while somebody wrote need not belong together.
    if (unchanged()) return await vacuum(db, to, waiting);
  } finally {
    db.close();
  }
  return copyInto(to, open, waiting);
}

async function vacuum(db: Reading['db'], to: string, waiting: Waiting): Promise<void> {
  reserve(to);
  try {
    // This connection writes elsewhere, and is closed afterwards.
    db.pragma('query_only = OFF');
    await patiently(() => db.prepare('VACUUM INTO ?').run(to), to, waiting);
    sync(to);
  } catch (error) {
    for (const file of [to, `${to}-journal`]) rmSync(file, { force: true });
    throw storeFault(error, to);
  }
}

/** SQLite writes into an empty file, which therefore has its mode before it has any content. */
function reserve(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw new Fault('REFUSED', `${path} exists already, and is not overwritten`, { at: path, cause: error, hint: 'name another file' });
    if (codeOf(error) === 'ENOENT') throw new Fault('IO', `${path} cannot be written: its folder does not exist`, { at: path, cause: error, hint: 'make the folder first' });
    throw storeFault(error, path);
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
