/** A witness's memory on SQLite: one row for each log, which only grows. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { WitnessedState, WitnessMemory, Witnesses } from '../domain/ports.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { openKind, type Kind } from './sqlite-kind.js';

const WITNESS: Kind = {
  file: 'witness.db',
  // "agcw"
  application: 0x61676377,
  tables: `
CREATE TABLE seen (origin TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, root TEXT NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER seen_grows BEFORE UPDATE ON seen WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'a witness does not go back'); END;
CREATE TRIGGER seen_stays BEFORE DELETE ON seen BEGIN SELECT RAISE(ABORT, 'a witness does not forget'); END;
CREATE TRIGGER seen_once BEFORE INSERT ON seen WHEN EXISTS (SELECT 1 FROM seen WHERE origin = NEW.origin) BEGIN SELECT RAISE(ABORT, 'a log is seen once'); END;`,
  foreign: (path) => new Fault('STORE_UNFIT', `${path} is not the memory of a witness`, { at: path, hint: 'choose another --folder' }),
};

export function sqliteWitnesses(waiting: Waiting): Witnesses {
  return {
    async open(folder) {
      const { db, path } = await openKind(WITNESS, folder, waiting);
      return memory(db, path, waiting);
    },
  };
}

function memory(db: Database, path: string, waiting: Waiting): WitnessMemory {
  const seen = db.prepare<[string], WitnessedState>('SELECT size, root, note FROM seen WHERE origin = ?');
  const insert = db.prepare<[string, number, string, string]>('INSERT INTO seen (origin, size, root, note) VALUES (?, ?, ?, ?)');
  const update = db.prepare<[number, string, string, string]>('UPDATE seen SET size = ?, root = ?, note = ? WHERE origin = ?');
  const advance = db.transaction((origin: string, before: Pick<WitnessedState, 'size' | 'root'> | undefined, { size, root, note }: WitnessedState) => {
    const now = seen.get(origin);
    if (now?.size !== before?.size || now?.root !== before?.root) return false;
    if (now) update.run(size, root, note, origin);
    else insert.run(origin, size, root, note);
    return true;
  });
  return {
    seen: (origin) => patiently(() => seen.get(origin), path, waiting),
    advance: (origin, before, after) => patiently(() => advance.immediate(origin, before, after), path, waiting),
    close: async () => void db.close(),
  };
}
