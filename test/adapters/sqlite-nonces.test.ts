/** The memory of used nonces: one of many asks first, the old is forgotten, and the file is private and its own. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sqliteNonces } from '../../src/adapters/sqlite-nonces.js';
import { systemRandom } from '../../src/adapters/system.js';
import { StillClock } from '../support/tiny.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Inside the package, so that better-sqlite3 is found from it. */
const CHILD = join(ROOT, 'node_modules', '.cache', `agentctl-nonces-${process.pid}.mjs`);
const made: string[] = [];
const fresh = () => {
  made.push(mkdtempSync(join(tmpdir(), 'agentctl-nonces-')));
  return join(made.at(-1) ?? '', 'memory');
};
beforeAll(() => {
  execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), [join(ROOT, 'test/adapters/nonce-asker.ts'), '--bundle', '--format=esm', '--platform=node', '--target=node20', '--external:better-sqlite3', '--log-level=warning', `--outfile=${CHILD}`]);
});
afterAll(() => {
  for (const folder of [...made, CHILD]) rmSync(folder, { recursive: true, force: true });
});

const NOON = '2026-11-22T12:00:00.000Z';
const LATER = '2026-11-22T12:05:00.000Z';
const open = (folder: string, clock = new StillClock(NOON)) => sqliteNonces({ clock, random: systemRandom() }).open(folder);

describe('1.4 used nonces', () => {
  test('are told apart by scope, and remembered when the file is opened again', async () => {
    const folder = fresh();
    const first = await open(folder);
    expect([await first.seen('a', 'n', LATER), await first.seen('a', 'n', LATER), await first.seen('b', 'n', LATER), await first.seen('a', 'm', LATER)]).toEqual([false, true, false, false]);
    await first.close();
    const second = await open(folder);
    expect(await second.seen('a', 'n', LATER)).toBe(true);
    await second.close();
  });

  test('are forgotten once their time is over, and not before', async () => {
    const [folder, clock] = [fresh(), new StillClock(NOON)];
    const memory = await open(folder, clock);
    await memory.seen('a', 'short', LATER);
    await memory.seen('a', 'long', '2026-11-22T13:00:00.000Z');
    const rows = () => {
      const db = new Sqlite(join(folder, 'nonces.db'), { readonly: true });
      const nonces = db.prepare('SELECT nonce FROM used ORDER BY nonce').pluck().all();
      db.close();
      return nonces;
    };
    clock.set('2026-11-22T12:04:59.999Z');
    expect(await memory.seen('a', 'short', LATER)).toBe(true);
    clock.set(LATER);
    await memory.seen('a', 'other', '2026-11-22T13:00:00.000Z');
    expect(rows()).toEqual(['long', 'other']);
    await memory.close();
  });

  test('eight processes ask for the same sixty at once: each is heard to be new exactly once', async () => {
    const folder = fresh();
    const askers = Array.from({ length: 8 }, () => {
      const child = spawn(process.execPath, [CHILD, folder, '60'], { stdio: ['pipe', 'pipe', 'inherit'] });
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
      const ended = new Promise<readonly string[]>((resolve, reject) => {
        child.on('close', (exit) => (exit === 0 ? resolve(out.split('\n').slice(1, -1)) : reject(new Error(`ended with ${String(exit)}`))));
      });
      return { child, ready: once(child.stdout, 'data'), ended };
    });
    await Promise.all(askers.map(({ ready }) => ready));
    for (const { child } of askers) child.stdin.write('go\n');
    const answers = await Promise.all(askers.map(({ ended }) => ended));
    expect(answers.flat().sort()).toEqual(Array.from({ length: 60 }, (_, index) => String(index)).sort());
    expect(answers.filter((won) => won.length > 0).length).toBeGreaterThan(1);
  }, 60_000);

  test('lie in a file for its owner alone, and no other database is taken for one', async () => {
    const folder = fresh();
    await (await open(folder)).close();
    expect([folder, join(folder, 'nonces.db')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
    const other = fresh();
    await (await open(other)).close();
    const db = new Sqlite(join(other, 'nonces.db'));
    db.pragma('application_id = 1');
    db.close();
    await expect(open(other)).rejects.toMatchObject({ code: 'STORE_UNFIT' });
    const text = fresh();
    await (await open(text)).close();
    writeFileSync(join(text, 'nonces.db'), 'not a database, but long enough to look like something that was one before');
    await expect(open(text)).rejects.toMatchObject({ exit: expect.any(Number) });
    expect(readFileSync(join(text, 'nonces.db'), 'utf8')).toContain('not a database');
  });
});
