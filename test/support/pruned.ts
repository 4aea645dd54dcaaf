/** The store of a tiny agent as its owner could open it: one row looked at, or changed with the triggers out of the way. */
import { join } from 'node:path';
import { type Connection, Sqlite } from './sqlite.js';
import type { Tiny } from './tiny.js';

export function prunedBody(one: Tiny, seq: number): unknown {
  const db = new Sqlite(join(one.folder, '.agentctl/ledger.db'), { readonly: true });
  try {
    return db.prepare('SELECT body FROM entries WHERE seq = ?').pluck().get(seq);
  } finally {
    db.close();
  }
}

/** The triggers come back unharmed, so that nothing but the change can show. */
export function tamperWith(one: Tiny, change: (db: Connection) => unknown): void {
  const db = new Sqlite(join(one.folder, '.agentctl/ledger.db'));
  try {
    const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string; sql: string }[];
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    change(db);
    for (const { sql } of triggers) db.exec(sql);
  } finally {
    db.close();
  }
}
