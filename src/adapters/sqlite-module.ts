/** Loads better-sqlite3, late and only where it can run: a wrong build would end the process with a segmentation fault. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { Fault } from '../domain/fault.js';

export type Sqlite = typeof Database;

// Half as long as `import`, which first parses CommonJS for its exports.
const load = createRequire(import.meta.url);

/** Older versions can corrupt a WAL database that several connections use. */
const LEAST_SQLITE = [3, 51, 3] as const;

/** @throws {Fault} NATIVE_MODULE with what to type, STORE_UNFIT when its SQLite is too old */
export async function loadSqlite(): Promise<Sqlite> {
  const problem = unfitBuild(installedVersion(), process.versions);
  if (problem) throw new Fault('NATIVE_MODULE', problem, { hint: 'rm -rf node_modules && npm ci, with the Node that runs agentctl' });
  try {
    const Sqlite = load('better-sqlite3') as Sqlite;
    const version = sqliteVersion(Sqlite);
    if (!isRecent(version)) throw new Fault('STORE_UNFIT', `SQLite ${version} can corrupt a shared ledger`, { hint: 'npm install better-sqlite3@^12.11.1' });
    return Sqlite;
  } catch (error) {
    throw error instanceof Fault ? error : notLoadable(error);
  }
}

/** Asks the native part itself, so that it is known to work. */
export function sqliteVersion(Sqlite: Sqlite): string {
  const probe = new Sqlite(':memory:');
  const version = String(probe.prepare('SELECT sqlite_version()').pluck().get());
  probe.close();
  return version;
}

/** Why a version of better-sqlite3 must not even be loaded on this Node; undefined when it may. */
export function unfitBuild(version: string, { node, napi }: { readonly node: string; readonly napi?: string | undefined }): string | undefined {
  // Built for Node-API 10 from 13.0 on; an older Node loads it and dies.
  const crashes = Number.parseInt(version, 10) >= 13 && Number(napi ?? 0) < 10;
  return crashes ? `better-sqlite3 ${version} cannot run on Node ${node}: it was installed with a newer Node` : undefined;
}

/** Whether a `sqlite_version()` has the fix for WAL resets. */
export function isRecent(version: string): boolean {
  const parts = version.split('.').map(Number);
  const at = LEAST_SQLITE.findIndex((least, index) => parts[index] !== least);
  return at < 0 || (parts[at] ?? 0) > (LEAST_SQLITE[at] ?? 0);
}

function installedVersion(): string {
  try {
    const path = load.resolve('better-sqlite3/package.json');
    return String((JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown }).version);
  } catch (cause) {
    throw new Fault('NATIVE_MODULE', 'better-sqlite3 is not installed', { cause, hint: 'npm ci' });
  }
}

function notLoadable(cause: unknown): Fault {
  return new Fault('NATIVE_MODULE', 'better-sqlite3 is installed, but its native part does not load', {
    cause,
    hint: 'npm rebuild better-sqlite3 (npm 12: npm approve-scripts better-sqlite3, then npm rebuild better-sqlite3)',
  });
}
