/** SQLite as agentctl itself loads it, for tests that look at a store, or damage it, behind agentctl's back. */
import type BetterSqlite from 'better-sqlite3';
import { loadSqlite } from '../../src/adapters/sqlite-module.js';

export type Connection = BetterSqlite.Database;
export const Sqlite = await loadSqlite();
