/** Loads better-sqlite3, late and only where it can run: a wrong build would end the process with a segmentation fault. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { Fault } from '../domain/fault.js';
import { codeOf } from './sqlite-fault.js';

export type Sqlite = typeof Database;

// Half as long as `import`, which first parses CommonJS for its exports.
const load = createRequire(import.meta.url);

/** Older versions can corrupt a WAL database that several connections use. */
const LEAST_SQLITE = [3, 51, 3] as const;

/**
 * Version 13, built for Node-API and so for every Node from 22.14 on, stands under a name of its own beside version 12, which is compiled
 * for one Node: compiled for Node 24.19 or newer, version 12 dies when a connection is collected as garbage.
 */
const BUILDS = ['better-sqlite3-napi', 'better-sqlite3'] as const;

/** @throws {Fault} NATIVE_MODULE with what to type, STORE_UNFIT when its SQLite is too old */
export async function loadSqlite(): Promise<Sqlite> {
  const name = fittingBuild();
  const problem = unfitBuild(versionOf(name), process.versions);
  if (problem) throw new Fault('NATIVE_MODULE', problem, { hint: 'rm -rf node_modules && npm ci, with the Node that runs agentctl' });
  try {
    const Sqlite = load(name) as Sqlite;
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

/** The first build that is installed and can run here; the last one where none can, whose fault then says why. */
function fittingBuild(): (typeof BUILDS)[number] {
  return BUILDS.find((name) => isInstalled(name) && unfitBuild(versionOf(name), process.versions) === undefined) ?? 'better-sqlite3';
}

function isInstalled(name: string): boolean {
  try {
    return load.resolve(`${name}/package.json`) !== '';
  } catch (error) {
    if (codeOf(error) === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}

function versionOf(name: string): string {
  try {
    const path = load.resolve(`${name}/package.json`);
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
