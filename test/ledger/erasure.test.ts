/** Row 8.5: an erased payload is gone from every byte of the store, the chain holds, and what is half done is found. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { digestBytes } from '../../src/domain/digest.js';
import type { EntryDraft } from '../../src/domain/entry.js';
import type { Store } from '../../src/domain/ports.js';
import { verifyChain } from '../../src/ledger/verify.js';
import { CHAIN, draft, freshFolder, removeFolders, stillClock, stores } from './fixtures/support.js';

afterAll(removeFolders);

const DID = 'did:key:z6Mkkz8dbcAXsR6jMQkUMNdwbYC9tRc1FZKTr7PMsKyhsmEU';
const ACT = { mediaType: 'application/json', bytes: new TextEncoder().encode('{"signed":"by a human"}') };
const digest = digestBytes(ACT.bytes);
const open = (folder: string, readonly = false) => stores().open(folder, { readonly });

async function erasureOf(store: Store, seq: number, more: object = {}): Promise<EntryDraft> {
  await store.append(CHAIN, [], { blobs: [ACT] });
  const commit = (await store.read(CHAIN, seq))?.entry.payload?.commit ?? '0'.repeat(64);
  return draft(0, { type: 'payload.erased', actor: DID, data: { seq, commit, reason: 'subject-request', subject: digest, act: digest, operator: DID, ceremony: 'scripted', ...more } });
}

async function eraseWhole(store: Store, seq: number): Promise<void> {
  await store.append(CHAIN, [await erasureOf(store, seq)]);
  await store.erase(CHAIN, seq);
}

async function problems(store: Store): Promise<string[]> {
  const all: string[] = [];
  for await (const { table, key, problem } of store.audit(CHAIN)) all.push(`${table} ${key} ${problem}`);
  return all;
}

/** What the files hold about a payload: ciphertext by both ends, salt, nonce, key. */
type Traces = readonly Buffer[];

function tracesOf(folder: string, seq: number): Traces {
  const ledger = new Database(join(folder, 'ledger.db'), { readonly: true });
  const row = ledger.prepare('SELECT key, salt, nonce, ciphertext FROM payloads WHERE seq = ?').get(seq) as { key: string; salt: Buffer; nonce: Buffer; ciphertext: Buffer };
  ledger.close();
  const keys = new Database(join(folder, 'payload-keys.db'), { readonly: true });
  const key = keys.prepare('SELECT key FROM keys WHERE id = ?').pluck().get(Number(row.key.split('.')[1])) as Buffer;
  keys.close();
  return [row.ciphertext.subarray(0, 16), row.ciphertext.subarray(-16), row.salt, row.nonce, key];
}

function bytesOf(folder: string): Buffer {
  return Buffer.concat(['ledger.db', 'ledger.db-wal', 'payload-keys.db', 'payload-keys.db-wal'].map((name) => join(folder, name)).filter(existsSync).map((path) => readFileSync(path)));
}

const found = (folder: string, traces: Traces) => { const bytes = bytesOf(folder); return traces.filter((one) => bytes.includes(one)).length; };

describe('an erased payload', () => {
  test('8.5 leaves no byte of itself in either file or its write-ahead log; its neighbours stay, and the chain holds', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    // Several sizes, from many on a page to one on many pages, erased in no order: SQLite moves rows about, and none may stay behind.
    const texts = Array.from({ length: 80 }, (_, n) => randomBytes([12, 90, 700, 3000, 30_000][n % 5] ?? 12).toString('base64'));
    for (let n = 0; n < 80; n += 20) await store.append(CHAIN, texts.slice(n, n + 20).map((text) => draft(n, { payload: { text } })));
    await store.cache('view', texts[7] ?? '');
    const order = Array.from({ length: 80 }, (_, n) => (n * 61) % 80).filter((n) => n % 4 !== 0).slice(0, 24).concat(7);
    const traces = order.map((n) => [...tracesOf(folder, n), Buffer.from(texts[n] ?? '')]);
    expect(traces.every((one) => found(folder, one.slice(0, 5)) === 5)).toBe(true);
    for (const n of new Set(order)) {
      await store.append(CHAIN, [await erasureOf(store, n), draft(n, { payload: { text: 'added meanwhile' } })]);
      await store.erase(CHAIN, n);
    }
    expect(found(folder, traces.flat())).toBe(0);
    expect(await problems(store)).toEqual([]);
    expect(await verifyChain(store.scan(CHAIN), { chain: CHAIN, deep: true })).toMatchObject({ ok: true });
    expect([await store.payload(CHAIN, 7), await store.payload(CHAIN, 8)]).toEqual([undefined, { text: texts[8] }]);
    expect([typeof (await store.erasedBy(CHAIN, 7)), await store.erasedBy(CHAIN, 8), await store.cached('view')]).toEqual(['number', undefined, undefined]);
    expect(await store.payloads(CHAIN)).toEqual({ kept: 80, erased: new Set(order).size });
    await store.close();
    expect(found(folder, traces.flat())).toBe(0);
    const reader = await open(folder, true);
    expect([await problems(reader), await reader.payload(CHAIN, 7)]).toEqual([[], undefined]);
    await reader.close();
  });

  test('8.5 twin: the scan does find what a plain DELETE leaves', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.append(CHAIN, Array.from({ length: 20 }, (_, n) => draft(n, { payload: { text: 'x'.repeat(90), n } })));
    await store.close();
    const traces = tracesOf(folder, 9).slice(0, 4);
    const db = new Database(join(folder, 'ledger.db'));
    db.exec('DROP TRIGGER payloads_stay; DELETE FROM payloads WHERE seq = 9');
    db.close();
    expect(found(folder, traces)).toBeGreaterThan(0);
  });

  test('8.5 can be the note of an erasure, and is erased once, however often it is asked for', async () => {
    const store = await open(freshFolder());
    await store.append(CHAIN, [draft(0, { payload: { text: 'one' } })]);
    await store.append(CHAIN, [{ ...(await erasureOf(store, 0)), payload: { note: 'Ms Sample wrote to us' } }]);
    await store.erase(CHAIN, 0);
    await store.erase(CHAIN, 0);
    await eraseWhole(store, 1);
    expect([await store.payload(CHAIN, 1), await store.erasedBy(CHAIN, 1), await problems(store)]).toEqual([undefined, 2, []]);
    await store.close();
  });

  test('8.5 nothing is erased without an entry that says so', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.append(CHAIN, [draft(0, { payload: { text: 'one' } }), draft(1, { payload: { text: 'two' } })]);
    await store.append(CHAIN, [await erasureOf(store, 1)]);
    await expect(store.erase(CHAIN, 0)).rejects.toMatchObject({ code: 'REFUSED', message: 'no entry says that the payload of entry 0 is erased' });
    const db = new Database(join(folder, 'ledger.db'));
    const blank = 'salt = zeroblob(length(salt)), nonce = zeroblob(length(nonce)), ciphertext = zeroblob(length(ciphertext))';
    for (const sql of [`UPDATE payloads SET ${blank} WHERE seq = 0`, `UPDATE payloads SET ${blank}, key = 'x' WHERE seq = 1`, 'UPDATE payloads SET ciphertext = randomblob(length(ciphertext)) WHERE seq = 1', `UPDATE payloads SET ${blank}`, 'DELETE FROM payloads WHERE seq = 1']) expect(() => db.exec(sql)).toThrow('payloads are written once');
    db.exec(`UPDATE payloads SET ${blank} WHERE seq = 1`);
    db.close();
    await store.close();
  });
});

describe('an erasure that was interrupted', () => {
  test('8.5 after its entry: found, no longer handed out, and finished by running it again', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.append(CHAIN, [draft(0), draft(1, { payload: { text: 'one' } })]);
    await store.append(CHAIN, [await erasureOf(store, 1)]);
    expect(await problems(store)).toEqual(['payloads 1 was erased by entry 2, but is still there: agentctl audit erase 1 finishes it']);
    await store.erase(CHAIN, 1);
    expect(await problems(store)).toEqual([]);
    await store.close();
  });

  test('8.5 between the two files: the key that is still there is found; a key that came back from a copy is, too', async () => {
    const folder = freshFolder();
    const store = await open(folder);
    await store.append(CHAIN, [draft(0, { payload: { text: 'one' } })]);
    const key = tracesOf(folder, 0).at(-1);
    await eraseWhole(store, 0);
    await store.close();
    const keys = new Database(join(folder, 'payload-keys.db'));
    const trigger = keys.prepare("SELECT sql FROM sqlite_schema WHERE name = 'keys_keep'").pluck().get() as string;
    keys.exec('DROP TRIGGER keys_keep');
    keys.prepare('UPDATE keys SET key = ? WHERE id = 1').run(key);
    keys.exec(trigger);
    keys.close();
    const again = await open(folder);
    expect(await problems(again)).toEqual(['payloads 0 was erased by entry 1, but its key is still there: agentctl audit erase 0 finishes it']);
    await again.erase(CHAIN, 0);
    expect(await problems(again)).toEqual([]);
    await again.close();
  });

  test('8.5 by a reader that holds on to an older state: said, with the file, and finished once it has gone', async () => {
    const folder = freshFolder();
    const clock = stillClock('2026-11-22T12:00:00.000Z');
    const store = await stores({ ...clock, sleep: () => Promise.resolve() }).open(folder, { readonly: false });
    await store.append(CHAIN, [draft(0, { payload: { text: 'one' } })]);
    for (const file of ['payload-keys.db', 'ledger.db']) {
      const seq = (await store.head(CHAIN))?.size ?? 0;
      await store.append(CHAIN, [draft(0, { payload: { text: file } })]);
      const traces = tracesOf(folder, seq);
      const reader = new Database(join(folder, file), { readonly: true });
      reader.exec('BEGIN');
      reader.prepare('SELECT count(*) FROM sqlite_schema').get();
      await store.append(CHAIN, [await erasureOf(store, seq)]);
      await expect(store.erase(CHAIN, seq)).rejects.toMatchObject({ code: 'STORE_LOCKED', exit: 6, message: expect.stringContaining(`still reads an older state of ${join(folder, file)}`) });
      reader.close();
      expect(found(folder, traces)).toBeGreaterThan(0);
      await store.erase(CHAIN, seq);
      expect(found(folder, traces)).toBe(0);
    }
    expect(await problems(store)).toEqual([]);
    await store.close();
  });
});

describe('8.5 twin: what is gone and what says so must agree', () => {
  test.each<[string, object, string]>([
    ['another commitment', { commit: 'e'.repeat(64) }, 'payloads 2 erases a payload that entry 0 does not commit to'],
    ['an entry without a payload', { seq: 1 }, 'payloads 2 erases a payload that entry 1 does not commit to'],
    ['an entry of the future', { seq: 9 }, 'payloads 2 erases a payload that entry 9 does not commit to'],
  ])('an erasure that names %s excuses nothing', async (_what, more, problem) => {
    const store = await open(freshFolder());
    await store.append(CHAIN, [draft(0, { payload: { text: 'one' } }), draft(1)]);
    await store.append(CHAIN, [await erasureOf(store, 0, more)]);
    expect(await problems(store)).toEqual([problem]);
    await store.close();
  });
});
