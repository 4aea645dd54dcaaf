/** Used nonces on SQLite: a file of its own, since they are no evidence and may be lost; each is remembered for as long as its bearer could count. */
import { join, resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { Clock, NonceMemory, NonceStores } from '../domain/ports.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { privateFile, privateFolder } from './sqlite-file.js';
import { configure } from './sqlite-format.js';
import { loadSqlite } from './sqlite-module.js';

/** "agcn" in ASCII. */
const APPLICATION_ID = 0x6167636e;

const SCHEMA = `
CREATE TABLE used (scope TEXT NOT NULL, nonce TEXT NOT NULL, until TEXT NOT NULL, PRIMARY KEY (scope, nonce)) STRICT, WITHOUT ROWID;
CREATE INDEX used_until ON used (until);
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = 1;
`;

export type NonceWaiting = Waiting & { readonly clock: Pick<Clock, 'now'> };

export function sqliteNonces(waiting: NonceWaiting): NonceStores {
  return {
    async open(folder) {
      const path = join(resolve(folder), 'nonces.db');
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
    else if (application !== APPLICATION_ID) throw new Fault('STORE_UNFIT', `${path} holds no nonces`, { at: path, hint: 'choose another folder' });
    else if (version > 1) throw new Fault('UPGRADE_NEEDED', `${path} was written by a newer agentctl`, { at: path, hint: 'upgrade agentctl' });
  }).immediate();
}

function memory(db: Database, path: string, waiting: NonceWaiting): NonceMemory {
  const forget = db.prepare<[string]>('DELETE FROM used WHERE until <= ?');
  const use = db.prepare<[string, string, string]>('INSERT INTO used (scope, nonce, until) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const seen = db.transaction((scope: string, nonce: string, until: string, now: string) => {
    // Only what has lost its time: purging by count would let a flood of fresh ones wash out the one to be replayed.
    forget.run(now);
    return use.run(scope, nonce, until).changes === 0;
  });
  return {
    seen: (scope, nonce, until) => patiently(() => seen.immediate(scope, nonce, until, waiting.clock.now()), path, waiting),
    close: async () => void db.close(),
  };
}
