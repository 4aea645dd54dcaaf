/** The store as its owner could open it with any SQLite tool: read as it lies there, or changed behind agentctl's back. */
import { type Connection, Sqlite } from './sqlite.js';
import type { Desk } from './cli.js';

export interface Row {
  readonly seq: number;
  readonly hash: string;
  readonly entry: { readonly type: string; readonly data: Readonly<Record<string, unknown>>; readonly inputs: Readonly<Record<string, string>> };
}

const storeFile = (at: Desk) => at.path('.agentctl', 'ledger.db');

/** Every entry of the agent's chain, in order. */
export function rowsOf(at: Desk): readonly Row[] {
  const db = new Sqlite(storeFile(at), { readonly: true });
  try {
    const rows = db.prepare("SELECT seq, hash, body FROM entries WHERE chain <> 'organisation' ORDER BY seq").all() as { seq: number; hash: string; body: string }[];
    return rows.map(({ seq, hash, body }) => ({ seq, hash, entry: JSON.parse(body) as Row['entry'] }));
  } finally {
    db.close();
  }
}

export function blobText(at: Desk, digest: unknown): string {
  const db = new Sqlite(storeFile(at), { readonly: true });
  try {
    return String(db.prepare('SELECT CAST(bytes AS TEXT) FROM blobs WHERE digest = ?').pluck().get(digest));
  } finally {
    db.close();
  }
}

/** Changes the store as an owner of the file can: the triggers go first and come back unharmed, so that nothing but the change can show. */
export function tamper(at: Desk, change: (db: Connection) => unknown, { triggers = 'restored' }: { triggers?: 'restored' | 'kept' | 'dropped' } = {}): void {
  const db = new Sqlite(storeFile(at));
  try {
    const all = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string; sql: string }[];
    if (triggers !== 'kept') for (const { name } of all) db.exec(`DROP TRIGGER ${name}`);
    const before = db.prepare('SELECT total_changes()').pluck().get();
    change(db);
    if (db.prepare('SELECT total_changes()').pluck().get() === before) throw new Error('nothing was tampered with');
    if (triggers === 'restored') for (const { sql } of all) db.exec(sql);
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

/** Folder of the store, for whole copies. */
export const storeFolder = (at: Desk) => at.path('.agentctl');
