/** The apply lock: an open exclusive transaction, which the operating system ends when the process dies. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { Clock } from '../domain/ports.js';
import { readable } from '../domain/time.js';
import { isBusy, storeFault } from './sqlite-fault.js';
import { privateFile, privateFolder } from './sqlite-file.js';
import type { Sqlite } from './sqlite-module.js';

/** Who holds the lock, for the message only: the lock itself is the transaction. */
interface Holder {
  readonly pid: number;
  readonly purpose: string;
  readonly since: string;
}

/** Milliseconds: two that take it at the same moment could turn each other away without. */
const PATIENCE = 200;

/** @throws {Fault} STORE_LOCKED naming the holder, in a moment */
export function holdLock(Sqlite: Sqlite, folder: string, purpose: string, clock: Clock): () => Promise<void> {
  const path = join(folder, 'lock.db');
  const note = join(folder, 'lock.json');
  privateFolder(folder);
  privateFile(path);
  const db = new Sqlite(path, { timeout: PATIENCE });
  try {
    db.exec('BEGIN EXCLUSIVE');
    writeHolder(note, { pid: process.pid, purpose, since: clock.now() });
  } catch (error) {
    db.close();
    throw isBusy(error) ? heldBy(readHolder(note), path, error) : storeFault(error, path);
  }
  return async () => {
    if (!db.open) return;
    rmSync(note, { force: true });
    db.close();
  };
}

function heldBy(holder: Holder | undefined, path: string, cause: unknown): Fault {
  const who = holder ? `process ${holder.pid} (${holder.purpose}) since ${readable(holder.since)}` : 'another process';
  return new Fault('STORE_LOCKED', `the store is locked by ${who}`, { at: path, cause, hint: holder ? `wait for process ${holder.pid}, or end it` : 'wait for it, then run the command again' });
}

function writeHolder(path: string, holder: Holder): void {
  writeFileSync(`${path}.new`, JSON.stringify(holder), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Absent or half-written in the moment between lock and note. */
function readHolder(path: string): Holder | undefined {
  try {
    const { pid, purpose, since } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return Number.isInteger(pid) && typeof purpose === 'string' && typeof since === 'string' ? { pid: Number(pid), purpose, since } : undefined;
  } catch (error) {
    // The lock itself is certain; only its note is unreadable.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
