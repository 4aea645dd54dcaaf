/** Emptying a write-ahead log: what was overwritten in the database lives on in it until then. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { Clock } from '../domain/ports.js';
import { isBusy, storeFault } from './sqlite-fault.js';

/** Milliseconds after which whoever still reads is told about. */
const PATIENCE = 5_000;
const PAUSE = 25;

/** @throws {Fault} STORE_LOCKED when a reader holds an older state for too long */
export async function emptyLog(db: Database, path: string, clock: Pick<Clock, 'monotonic' | 'sleep'>): Promise<void> {
  const start = clock.monotonic();
  for (let waited = 0; !truncated(db, path); waited += PAUSE) {
    // Pauses count as well as time, so that a clock that stands still ends the wait too.
    if (Math.max(waited, clock.monotonic() - start) >= PATIENCE) {
      throw new Fault('STORE_LOCKED', `another process still reads an older state of ${path}, so its write-ahead log cannot be emptied`, { at: path, hint: 'end that process (fuser shows which), then run the command again' });
    }
    await clock.sleep(PAUSE);
  }
}

/** SQLite tells by a flag, and not by an error, that it had to leave the log as it is. */
function truncated(db: Database, path: string): boolean {
  try {
    const [row] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    return row?.busy === 0;
  } catch (error) {
    if (isBusy(error)) return false;
    throw storeFault(error, path);
  }
}
