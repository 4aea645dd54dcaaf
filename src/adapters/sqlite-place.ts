/** Where a store's files lie, and what shows from outside whether its ledger has changed. Loads no SQLite: `status` starts with it. */
import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Stores } from '../domain/ports.js';
import { guarded } from './sqlite-fault.js';

export function databaseIn(folder: string): string {
  return join(resolve(folder), 'ledger.db');
}

export function payloadKeysIn(folder: string): string {
  return join(resolve(folder), 'payload-keys.db');
}

export function storePlaces(): Pick<Stores, 'exists' | 'stamp'> {
  return {
    exists: async (folder) => guarded(resolve(folder), () => look(databaseIn(folder))?.isFile() ?? false),
    async stamp(folder) {
      const path = databaseIn(folder);
      const stats = guarded(path, () => look(path));
      // What stands in a log, or would be played back from a journal, is not in the file yet.
      const settled = [`${path}-wal`, `${path}-journal`].every((file) => guarded(file, () => (look(file)?.size ?? 0n) === 0n));
      if (!stats?.isFile() || !settled) return undefined;
      return { text: `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`, changed: Number(stats.ctimeNs) / 1e6 };
    },
  };
}

function look(path: string) {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}
