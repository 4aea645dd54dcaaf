/** Used nonces on SQLite: a file of its own, since they are no evidence and may be lost; each is remembered for as long as its bearer could count. */
import type { Database } from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import type { Clock, NonceMemory, NonceStores } from '../domain/ports.js';
import { patiently, type Waiting } from './sqlite-busy.js';
import { openKind, type Kind } from './sqlite-kind.js';

const NONCES: Kind = {
  file: 'nonces.db',
  // "agcn"
  application: 0x6167636e,
  tables: `
CREATE TABLE used (scope TEXT NOT NULL, nonce TEXT NOT NULL, until TEXT NOT NULL, PRIMARY KEY (scope, nonce)) STRICT, WITHOUT ROWID;
CREATE INDEX used_until ON used (until);`,
  foreign: (path) => new Fault('STORE_UNFIT', `${path} holds no nonces`, { at: path, hint: 'choose another folder' }),
};

export type NonceWaiting = Waiting & { readonly clock: Pick<Clock, 'now'> };

export function sqliteNonces(waiting: NonceWaiting): NonceStores {
  return {
    async open(folder) {
      const { db, path } = await openKind(NONCES, folder, waiting);
      return memory(db, path, waiting);
    },
  };
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
