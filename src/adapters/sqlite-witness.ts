/** A witness's memory on SQLite: one row for each log, which only grows. */
import { join, resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { WitnessedState, WitnessMemory, Witnesses } from '../domain/ports.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { privateFile, privateFolder } from './sqlite-file.js';
import { loadSqlite } from './sqlite-module.js';
import { configure } from './sqlite-format.js';

/** "agcw" in ASCII. */
const APPLICATION_ID = 0x61676377;

const SCHEMA = `
CREATE TABLE seen (origin TEXT PRIMARY KEY NOT NULL, size INTEGER NOT NULL, root TEXT NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TRIGGER seen_grows BEFORE UPDATE ON seen WHEN NEW.origin <> OLD.origin OR NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'a witness does not go back'); END;
CREATE TRIGGER seen_stays BEFORE DELETE ON seen BEGIN SELECT RAISE(ABORT, 'a witness does not forget'); END;
CREATE TRIGGER seen_once BEFORE INSERT ON seen WHEN EXISTS (SELECT 1 FROM seen WHERE origin = NEW.origin) BEGIN SELECT RAISE(ABORT, 'a log is seen once'); END;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = 1;
`;

export function sqliteWitnesses(waiting: Waiting): Witnesses {
  return {
    async open(folder) {
      const path = join(resolve(folder), 'witness.db');
      const Sqlite = await loadSqlite();
      privateFolder(resolve(folder));
      privateFile(path);
      const db = new Sqlite(path, { timeout: 0 });
      try {
        await patiently(() => configure(db, path), path, waiting);
        await patiently(() => prepare(db, path), path, waiting);
        return memory(db, path, waiting);
      } catch (error) {
        db.close();
        throw error;
      }
    },
  };
}

function prepare(db: Database, path: string): void {
  db.transaction(() => {
    const application = db.pragma('application_id', { simple: true });
    const version = Number(db.pragma('user_version', { simple: true }));
    if (application === 0 && version === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) db.exec(SCHEMA);
    else if (application !== APPLICATION_ID) throw new Fault('STORE_UNFIT', `${path} is not the memory of a witness`, { at: path, hint: 'choose another --folder' });
    else if (version > 1) throw new Fault('UPGRADE_NEEDED', `${path} was written by a newer agentctl`, { at: path, hint: 'upgrade agentctl' });
  }).immediate();
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
