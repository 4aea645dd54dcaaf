/** Row 8.5: payloads stand apart, each encrypted under a key of its own that is in no copy of the ledger. */
import { cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import type { Store } from '../../src/domain/ports.js';
import { canonical } from '../../src/domain/canonical.js';
import { commitment } from '../../src/ledger/commitment.js';
import { encodeEntry } from '../../src/ledger/entry.js';
import { extend, emptyHead } from '../../src/ledger/extend.js';
import { verifyChain } from '../../src/ledger/verify.js';
import { formatOne } from './fixtures/old-store.js';
import { bundleChild, startChild } from './fixtures/spawn.js';
import { CHAIN, draft, drafts, freshFolder, removeFolders, stores } from './fixtures/support.js';

afterAll(removeFolders);

const SECRET = 'Ms Sample of 12 Example Street is ill';
const open = (folder: string, readonly = false) => stores().open(folder, { readonly });
const keyFile = (folder: string) => join(folder, 'payload-keys.db');

async function problems(store: Store): Promise<string[]> {
  const all: string[] = [];
  for await (const { key, problem, unknown } of store.audit(CHAIN)) all.push(`${unknown ? '?' : key} ${problem}`);
  return all;
}

/** Whether the bytes stand in any file of the store. */
function holds(folder: string, bytes: string | Buffer): boolean {
  return ['ledger.db', 'ledger.db-wal', 'payload-keys.db', 'payload-keys.db-wal'].map((name) => join(folder, name)).filter(existsSync).some((path) => readFileSync(path).includes(bytes));
}

/** Changes a file as its owner can, with any SQLite tool and no trigger in the way. */
function tamper(path: string, sql: string): void {
  const db = new Database(path);
  const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string; sql: string }[];
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec(sql);
  for (const one of triggers) db.exec(one.sql);
  db.close();
}

describe('a payload', () => {
  test('8.5 is nowhere in plain, and its key is not in the ledger', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.append(CHAIN, [draft(0, { payload: { text: SECRET } })]);
    expect(await store.payload(CHAIN, 0)).toEqual({ text: SECRET });
    expect(holds(folder, SECRET)).toBe(false);
    const db = new Database(keyFile(folder), { readonly: true });
    const [key = Buffer.alloc(0)] = db.prepare('SELECT key FROM keys').pluck().all() as Buffer[];
    db.close();
    expect(key.length).toBe(32);
    expect(readFileSync(join(folder, 'ledger.db-wal')).includes(key)).toBe(false);
    expect((statSync(keyFile(folder)).mode & 0o777).toString(8)).toBe('600');
    await store.close();
    expect([holds(folder, SECRET), readFileSync(join(folder, 'ledger.db')).includes(key), holds(folder, key)]).toEqual([false, false, true]);
  });

  test('8.5 is read by a store that only reads, which leaves no trace', async () => {
    const folder = freshFolder();
    const writer = await open(folder);
    await writer.append(CHAIN, [draft(0, { payload: { text: SECRET } })]);
    await writer.close();
    const before = statSync(keyFile(folder), { bigint: true }).mtimeNs;
    const reader = await open(folder, true);
    expect([await reader.payload(CHAIN, 0), await problems(reader)]).toEqual([{ text: SECRET }, []]);
    expect(statSync(keyFile(folder), { bigint: true }).mtimeNs).toBe(before);
    // Another process adds keys meanwhile.
    const second = await open(folder);
    await second.append(CHAIN, [draft(1, { payload: { n: 1 } })]);
    expect(await reader.payload(CHAIN, 1)).toEqual({ n: 1 });
    await second.close();
    await reader.close();
    expect(['ledger.db-wal', 'payload-keys.db-wal'].filter((name) => existsSync(join(folder, name)))).toEqual([]);
  });

  test('8.5 keys are reserved ahead, in blocks that grow: a short command leaves few, a long run seldom syncs', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    const reserved = () => { const db = new Database(keyFile(folder), { readonly: true }); const n = db.prepare('SELECT count(*) FROM keys').pluck().get(); db.close(); return n; };
    await store.append(CHAIN, drafts(3));
    expect(existsSync(keyFile(folder))).toBe(false);
    const counts: unknown[] = [];
    for (const more of [1, 15, 1, 300, 1]) {
      await store.append(CHAIN, Array.from({ length: more }, (_, n) => draft(n, { payload: { n } })));
      counts.push(reserved());
    }
    expect(counts).toEqual([16, 16, 80, 336, 336]);
    const db = new Database(join(folder, 'ledger.db'), { readonly: true });
    expect(db.prepare('SELECT count(*), count(DISTINCT key), count(DISTINCT nonce), count(DISTINCT salt) FROM payloads').raw().get()).toEqual([318, 318, 318, 318]);
    db.close();
    await store.close();
  });

  test('8.5 waits for a key file that another process writes to', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.append(CHAIN, Array.from({ length: 16 }, (_, n) => draft(n, { payload: { n } })));
    const other = new Database(keyFile(folder));
    other.exec('BEGIN IMMEDIATE');
    setTimeout(() => other.exec('COMMIT'), 60);
    const [stored] = await store.append(CHAIN, [draft(16, { payload: { n: 16 } })]);
    expect([stored?.entry.seq, await problems(store)]).toEqual([16, []]);
    other.close();
    await store.close();
  });
});

describe('what an owner of the files can do', () => {
  let template = '';
  beforeAll(async () => {
    template = freshFolder();
    const store = await open(template);
    await store.append(CHAIN, [draft(0, { payload: { text: 'one' } }), draft(1), draft(2, { payload: { text: 'two' } })]);
    await store.close();
  });
  async function after(change: (folder: string) => void): Promise<{ folder: string; store: Store }> {
    const folder = freshFolder();
    cpSync(template, folder, { recursive: true });
    change(folder);
    return { folder, store: await open(folder, true) };
  }

  test.each([
    ['two ciphertexts swapped', 'ledger.db', 'CREATE TEMP TABLE t AS SELECT * FROM payloads; UPDATE payloads SET (key, salt, nonce, ciphertext) = (SELECT key, salt, nonce, ciphertext FROM t WHERE t.seq = 2 - payloads.seq)', ['0 differs from the commitment in the entry', '2 differs from the commitment in the entry']],
    ['a key altered', 'payload-keys.db', 'UPDATE keys SET key = randomblob(32) WHERE id = 2', ['2 differs from the commitment in the entry']],
    ['a key overwritten', 'payload-keys.db', 'UPDATE keys SET key = zeroblob(32) WHERE id = 2', ['2 cannot be read: its key is gone, and no erasure is on record']],
    ['a key dropped', 'payload-keys.db', 'DELETE FROM keys WHERE id = 1', ['0 cannot be read: its key is gone, and no erasure is on record']],
    ['a key cut short', 'payload-keys.db', 'UPDATE keys SET key = randomblob(16) WHERE id = 1', ['0 cannot be read: its key is gone, and no erasure is on record']],
  ])('8.5 twin: %s is found', async (_what, file, sql, found) => {
    const { store } = await after((folder) => tamper(join(folder, file), sql));
    expect(await problems(store)).toEqual(found);
    await expect(store.payload(CHAIN, Number(found[0]?.[0]))).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
    await store.close();
  });

  test('8.5 a ledger without its key file, as a restored backup is, is not called false: the payloads cannot be read, and that is said', async () => {
    const { folder, store } = await after((folder) => rmSync(keyFile(folder)));
    expect(await problems(store)).toEqual(['? 2 payloads cannot be read: their keys are not in payload-keys.db']);
    await expect(store.payload(CHAIN, 2)).rejects.toMatchObject({ code: 'KEY_MISSING', exit: 6 });
    expect(await store.payload(CHAIN, 1)).toBeUndefined();
    await store.close();
    // Work goes on with a new file, whose keys are not mistaken for the lost ones; and the old file can come back.
    const writer = await open(folder);
    await writer.append(CHAIN, [draft(3, { payload: { text: 'three' } })]);
    expect([await writer.payload(CHAIN, 3), await problems(writer)]).toEqual([{ text: 'three' }, ['? 2 payloads cannot be read: their keys are not in payload-keys.db']]);
    await writer.close();
    renameSync(keyFile(folder), `${keyFile(folder)}.new`);
    cpSync(keyFile(template), keyFile(folder));
    const back = await open(folder, true);
    expect([await back.payload(CHAIN, 0), await problems(back)]).toEqual([{ text: 'one' }, ['? one payload cannot be read: its key is not in payload-keys.db']]);
    await back.close();
  });

  test('a file that is no key file is refused', async () => {
    const { store } = await after((folder) => cpSync(join(folder, 'ledger.db'), keyFile(folder)));
    await expect(store.payload(CHAIN, 0)).rejects.toMatchObject({ code: 'STORE_UNFIT', message: expect.stringContaining('is not a file of payload keys of agentctl') });
    await store.close();
  });
});

describe('an older file', () => {
  /** Entry 0 with a payload in plain, as format 1 kept it. */
  function withPlain(folder: string): void {
    formatOne(folder, 0, (db) => {
      const salt = Buffer.alloc(32, 7);
      const text = Buffer.from(canonical({ text: SECRET }));
      const { row, head } = extend(emptyHead(CHAIN), { ...draft(0), commit: commitment(salt, text) }, '2026-11-22T12:00:00.000Z');
      db.prepare('INSERT INTO entries (chain, seq, hash, body) VALUES (?, ?, ?, ?)').run(CHAIN, 0, row.hash, row.body);
      db.exec('DROP TRIGGER heads_stay; DELETE FROM heads');
      db.exec("CREATE TRIGGER heads_stay BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'a head stays'); END");
      db.prepare('INSERT INTO heads (chain, size, hash, range, ts) VALUES (?, 1, ?, ?, ?)').run(CHAIN, head.hash, head.range.join(' '), '2026-11-22T12:00:00.000Z');
      const add = db.prepare('INSERT INTO payloads (chain, seq, salt, text) VALUES (?, ?, ?, ?)');
      add.run(CHAIN, 0, salt, text);
      // Payloads of other chains, so that more than one page is moved.
      for (let n = 0; n < 1200; n += 1) add.run('other', n, salt, Buffer.from(`${SECRET} ${n}`));
    });
  }

  test('8.5 of format 1 has its payloads encrypted when it is next written to, and nothing is left of the plain text', async () => {
    const folder = freshFolder();
    withPlain(folder);
    expect(holds(folder, SECRET)).toBe(true);
    const store = await open(folder);
    expect(await store.payload(CHAIN, 0)).toEqual({ text: SECRET });
    expect(await problems(store)).toEqual([]);
    expect(await verifyChain(store.scan(CHAIN), { chain: CHAIN, deep: true })).toMatchObject({ ok: true, size: 1 });
    expect(holds(folder, SECRET)).toBe(false);
    await store.close();
    expect(holds(folder, SECRET)).toBe(false);
    const db = new Database(join(folder, 'ledger.db'), { readonly: true });
    expect(db.prepare('SELECT count(*), count(DISTINCT key) FROM payloads').raw().get()).toEqual([1201, 1201]);
    db.close();
  });
});

describe('several processes', () => {
  let bundle: ReturnType<typeof bundleChild>;
  beforeAll(() => { bundle = bundleChild('payloads'); });
  afterAll(() => bundle.remove());

  test('8.5 never use one key twice', async () => {
    const folder = freshFolder();
    const children = Array.from({ length: 4 }, () => startChild(bundle.path, [folder, 'payload', '40']));
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    const store = await open(folder, true);
    expect(await problems(store)).toEqual([]);
    await store.close();
    const db = new Database(join(folder, 'ledger.db'), { readonly: true });
    expect(db.prepare('SELECT count(*), count(DISTINCT key) FROM payloads').raw().get()).toEqual([160, 160]);
    db.close();
  });
});
