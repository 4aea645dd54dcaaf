/** A database of one kind in a private folder of its own: made when it is absent, and never taken for one of another kind. */
import { join, resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { privateFile, privateFolder } from './sqlite-file.js';
import { configure } from './sqlite-format.js';
import { loadSqlite } from './sqlite-module.js';

export interface Kind {
  /** Name of the file in its folder. */
  readonly file: string;
  /** Four ASCII letters as a number: SQLite's application_id. */
  readonly application: number;
  readonly tables: string;
  /** The fault of a file that is something else. */
  readonly foreign: (path: string) => Fault;
}

/** @throws {Fault} what `foreign` gives, UPGRADE_NEEDED, STORE_UNFIT, IO */
export async function openKind(kind: Kind, folder: string, waiting: Waiting): Promise<{ readonly db: Database; readonly path: string }> {
  const path = join(resolve(folder), kind.file);
  const Sqlite = await loadSqlite();
  privateFolder(resolve(folder));
  privateFile(path);
  const db = new Sqlite(path, { timeout: 0 });
  try {
    await patiently(() => configure(db, path), path, waiting);
    await patiently(() => prepare(db, path, kind), path, waiting);
    return { db, path };
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepare(db: Database, path: string, { application, tables, foreign }: Kind): void {
  db.transaction(() => {
    const found = db.pragma('application_id', { simple: true });
    const version = Number(db.pragma('user_version', { simple: true }));
    if (found === 0 && version === 0 && db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0) db.exec(`${tables}\nPRAGMA application_id = ${application};\nPRAGMA user_version = 1;`);
    else if (found !== application) throw foreign(path);
    else if (version > 1) throw new Fault('UPGRADE_NEEDED', `${path} was written by a newer agentctl`, { at: path, hint: 'upgrade agentctl' });
  }).immediate();
}
