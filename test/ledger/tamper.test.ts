/** Row 8.2: what somebody who owns the file can do to it, and where it shows. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Connection, Sqlite as Database } from '../support/sqlite.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Store } from '../../src/domain/ports.js';
import { formatVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { GENESIS, leafHash } from '../../src/ledger/entry.js';
import { verifyLedger } from '../../src/ledger/flow/verify-ledger.js';
import { extendRange, rootOf } from '../../src/ledger/merkle.js';
import { logSigner, verifySignature } from './fixtures/log-key.js';
import { AGENT, CHAIN, draft, freshFolder, removeFolders, stores } from './fixtures/support.js';

const ORIGIN = 'example/agent';
const BLOB = { mediaType: 'text/plain', bytes: new TextEncoder().encode('the pact') };
const RESERVE = { id: 'r1', agent: AGENT, amount: { minor: 100n, currency: 'USD' }, action: digestBytes('pay'), limit: { perTransaction: 500n, perWindow: 500n, window: 'P1D' }, expiresAt: '2999-01-01T00:00:00.000Z' };
let template = '';

/** Entry 0 names the log key, 1 holds a payload, 2 a reservation, 3 to 9 are plain; checkpoints after 5 and after 10. */
beforeAll(async () => {
  template = freshFolder();
  const store = await stores().open(template, { readonly: false });
  const signer = logSigner(1);
  await store.append(CHAIN, [draft(0, { type: 'ledger.opened', data: { log: formatVerifierKey(ORIGIN, signer.publicKey), format: 1 } })], { blobs: [BLOB] });
  await store.append(CHAIN, [draft(1, { payload: { secret: 'Ü' } })]);
  await store.reserve(CHAIN, RESERVE);
  for (const sizes of [[3, 4], [5, 6, 7, 8, 9]]) {
    for (const n of sizes) await store.append(CHAIN, [draft(n)]);
    const head = await store.head(CHAIN);
    if (head) await store.putCheckpoint(CHAIN, head.size, await signCheckpointNote({ origin: ORIGIN, size: head.size, root: rootOf(head.range) }, signer));
  }
  await store.close();
});
afterAll(removeFolders);

/** A copy of the store with its triggers gone: what an owner of the file can do with any SQLite tool. */
function unprotected(): { folder: string; db: Connection } {
  const folder = freshFolder();
  cpSync(template, folder, { recursive: true });
  const db = new Database(join(folder, 'ledger.db'));
  for (const name of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[]) db.exec(`DROP TRIGGER ${name}`);
  return { folder, db };
}

interface Seen {
  /** `<table> <seq>: <problem>` of the first bad place, or `holds`. */
  readonly chain: string;
  readonly tables: readonly string[];
}

async function look(folder: string, extent: 'every byte' | 'since the last checkpoint' = 'every byte'): Promise<Seen> {
  const store: Store = await stores().open(folder, { readonly: true });
  const verdict = await verifyLedger(store, CHAIN, { verifySignature, extent, deep: true });
  const tables: string[] = [];
  for await (const { table, key, problem } of store.audit(CHAIN)) if (table !== 'schema') tables.push(`${table} ${key}: ${problem}`);
  await store.close();
  return { chain: verdict.ok ? 'holds' : `${verdict.table} ${verdict.seq}: ${verdict.problem}`, tables };
}

async function tampered(edit: (db: Connection) => void): Promise<Seen> {
  const { folder, db } = unprotected();
  edit(db);
  db.close();
  return look(folder);
}

/** Makes a chain of whatever bodies are there: what an attacker does after an edit. */
function rehash(db: Connection): void {
  const rows = db.prepare('SELECT seq, body FROM entries ORDER BY seq').all() as { seq: number; body: string }[];
  const range: string[] = [];
  let hash = GENESIS;
  for (const [size, { seq, body }] of rows.entries()) {
    hash = leafHash(hash, body);
    extendRange(range, size, hash);
    db.prepare('UPDATE entries SET hash = ? WHERE seq = ?').run(hash, seq);
  }
  db.prepare("UPDATE heads SET size = ?, hash = ?, range = ?, ts = (SELECT json_extract(body, '$.ts') FROM entries ORDER BY seq DESC LIMIT 1)").run(rows.length, hash, range.join(' '));
}

test('8.2 the untouched store holds', async () => {
  const folder = freshFolder();
  cpSync(template, folder, { recursive: true });
  expect(await look(folder)).toEqual({ chain: 'holds', tables: [] });
  expect(await look(folder, 'since the last checkpoint')).toEqual({ chain: 'holds', tables: [] });
});

describe('8.2 the first bad entry is named', () => {
  const edited = (seq: number) => `UPDATE entries SET body = replace(body, '"size":${seq}', '"size":${seq + 10}') WHERE seq = ${seq}`;
  test.each([
    ['one byte of an entry', "UPDATE entries SET body = replace(body, '\"actor\":\"agentctl\"', '\"actor\":\"agentctk\"') WHERE seq = 3", 'entries 3: entry 3 was changed: its text and the hash before it do not give its hash'],
    ['the digits of a hash', 'UPDATE entries SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE seq = 4', 'entries 4: entry 4 was changed: its text and the hash before it do not give its hash'],
    ['two edits: the earlier', `${edited(7)}; ${edited(5)}`, 'entries 5: entry 5 was changed: its text and the hash before it do not give its hash'],
    ['an entry dropped', 'DELETE FROM entries WHERE seq = 3', 'entries 3: entry 3 is missing: entry 4 follows'],
    ['the first entry dropped', 'DELETE FROM entries WHERE seq = 0', 'entries 0: entry 0 is missing: entry 1 follows'],
    ['an entry dropped and the rest moved up', 'DELETE FROM entries WHERE seq = 3; UPDATE entries SET seq = seq - 1 WHERE seq > 3', 'entries 3: entry 3 holds the text of entry 4: swapped or moved'],
    ['the last entry dropped', 'DELETE FROM entries WHERE seq = 9', 'entries 9: entry 9 is missing: the head row counts 10 entries'],
    ['two texts swapped', 'CREATE TEMP TABLE t AS SELECT seq, body FROM entries; UPDATE entries SET body = (SELECT body FROM t WHERE t.seq = 13 - entries.seq) WHERE seq IN (6, 7)', 'entries 6: entry 6 holds the text of entry 7: swapped or moved'],
    ['two rows swapped', 'UPDATE entries SET seq = -1 WHERE seq = 6; UPDATE entries SET seq = 6 WHERE seq = 7; UPDATE entries SET seq = 7 WHERE seq = -1', 'entries 6: entry 6 holds the text of entry 7: swapped or moved'],
    ['everything dropped', 'DELETE FROM entries; DELETE FROM heads', 'entries 0: entry 0 is missing: a signed checkpoint covers 10 entries'],
    ['the head hash', "UPDATE heads SET hash = '0' || substr(hash, 2)", 'heads 9: the head row names another hash'],
    ['the head range', "UPDATE heads SET range = 'x' || substr(range, 2)", 'heads 9: the head row carries another compact range'],
    ['the head size', 'UPDATE heads SET size = 8', 'heads 8: entry 8 is not counted by the head row'],
    ['the head dropped', 'DELETE FROM heads', 'heads 0: the head row of the chain is missing'],
    ['a checkpoint note', "UPDATE checkpoints SET note = replace(note, 'example/agent', 'example/other') WHERE size = 5", 'checkpoints 4: the checkpoint over 5 entries does not hold: no signature of a known key'],
    ['a checkpoint moved', 'UPDATE checkpoints SET size = 6 WHERE size = 5', 'checkpoints 6: the checkpoint stored for 6 entries is over 5'],
  ])('%s', async (_what, sql, expected) => {
    expect((await tampered((db) => db.exec(sql))).chain).toBe(expected);
  });

  test.each([
    ['one bit', '"seq":6,', '"seq":7,', 'entry 6 holds the text of entry 7: swapped or moved'],
    ['a text that is no JSON', '"seq":6,', '"seq":6;', 'entry 6 was changed: its text and the hash before it do not give its hash'],
    ['a byte that is no UTF-8', '"seq":6,', '"seq":6\xff', 'entry 6 was changed: its text and the hash before it do not give its hash'],
  ])('%s in the bytes of the file', async (_what, before, after, problem) => {
    const folder = freshFolder();
    cpSync(template, folder, { recursive: true });
    const path = join(folder, 'ledger.db');
    const bytes = readFileSync(path);
    bytes.write(after, bytes.indexOf(before), 'latin1');
    writeFileSync(path, bytes);
    expect((await look(folder)).chain).toBe(`entries 6: ${problem}`);
  });

  test('a history rewritten with all its hashes: the signed checkpoints show between which entries', async () => {
    const rewritten = (seq: number) => tampered((db) => { db.exec(edited(seq)); rehash(db); });
    expect(await rewritten(6)).toEqual({ chain: 'entries 5: entries 5 to 9 were rewritten: the signed checkpoint over them has another root', tables: [] });
    expect((await rewritten(3)).chain).toBe('entries 0: entries 0 to 4 were rewritten: the signed checkpoint over them has another root');
  });

  test('a tail cut off together with its count: the signed checkpoint shows it', async () => {
    const cut = (db: Connection) => { db.exec('DELETE FROM entries WHERE seq > 6'); rehash(db); };
    expect((await tampered(cut)).chain).toBe('entries 7: entry 7 is missing: a signed checkpoint covers 10 entries');
    const { folder, db } = unprotected();
    cut(db);
    db.close();
    expect((await look(folder, 'since the last checkpoint')).chain).toBe('entries 7: entry 7 is missing: a signed checkpoint covers 10 entries');
  });

  test('NOT shown by the file alone: a rewrite that also drops the checkpoints; only a checkpoint kept elsewhere tells', async () => {
    expect((await tampered((db) => { db.exec(`${edited(6)}; DELETE FROM checkpoints`); rehash(db); })).chain).toBe('holds');
  });

  test('a time that runs backwards', async () => {
    const seen = await tampered((db) => { db.exec("UPDATE entries SET body = json_set(body, '$.ts', '2020-01-01T00:00:00.000Z') WHERE seq = 6; DELETE FROM checkpoints"); rehash(db); });
    expect(seen.chain).toBe('entries 6: entry 6 is older than the entry before it, and no clock jump is recorded');
  });

  test('since the last checkpoint: an edit after it is found, the resume point cannot be forged', async () => {
    const { folder, db } = unprotected();
    db.exec('DELETE FROM checkpoints WHERE size = 10');
    db.exec(edited(7));
    db.close();
    expect((await look(folder, 'since the last checkpoint')).chain).toBe('entries 7: entry 7 was changed: its text and the hash before it do not give its hash');
    const forged = unprotected();
    forged.db.exec(`${edited(3)}; UPDATE checkpoints SET range = replace(range, substr(range, 1, 4), 'ffff')`);
    forged.db.close();
    // A range that does not give the signed root is not believed: everything is rehashed instead.
    expect((await look(forged.folder, 'since the last checkpoint')).chain).toBe('entries 3: entry 3 was changed: its text and the hash before it do not give its hash');
  });
});

describe('8.2 every other table is compared with the chain', () => {
  const reservation = `UPDATE projections SET state = replace(state, '"amount":"100"', '"amount":"1"')`;
  test.each([
    ['a projection edited', reservation, ['projection reservations r1: differs from what the ledger says']],
    ['a projection row dropped', 'DELETE FROM projections', ['projection reservations r1: is missing: the ledger has it']],
    ['a projection row added', `INSERT INTO projections VALUES ('${CHAIN}', 'approvals', 'a', '{}')`, ['projection approvals a: is not in the ledger']],
    ['a payload edited', "UPDATE payloads SET ciphertext = randomblob(length(ciphertext))", ['payloads 1: differs from the commitment in the entry']],
    ['a salt edited', 'UPDATE payloads SET salt = zeroblob(32)', ['payloads 1: differs from the commitment in the entry']],
    ['a nonce edited', 'UPDATE payloads SET nonce = randomblob(12)', ['payloads 1: differs from the commitment in the entry']],
    ['a ciphertext cut short', 'UPDATE payloads SET ciphertext = randomblob(3)', ['payloads 1: differs from the commitment in the entry']],
    ['another key named', "UPDATE payloads SET key = substr(key, 1, 17) || '2'", ['payloads 1: differs from the commitment in the entry']],
    ['a key named that is none', "UPDATE payloads SET key = substr(key, 1, 17) || '99'", ['payloads 1: cannot be read: its key is gone, and no erasure is on record']],
    ['a payload overwritten as an erasure does', 'UPDATE payloads SET salt = zeroblob(32), nonce = zeroblob(12), ciphertext = zeroblob(length(ciphertext))', ['payloads 1: was overwritten, and no erasure is on record']],
    ['a payload dropped', 'DELETE FROM payloads', ['payloads 1: is missing: the entry commits to it']],
    ['a payload added before the first entry', `INSERT INTO payloads VALUES ('${CHAIN}', -4, 'x', zeroblob(32), zeroblob(12), zeroblob(2))`, ['payloads -4: belongs to no entry']],
    ['a payload added after the last', `INSERT INTO payloads VALUES ('${CHAIN}', 10, 'x', zeroblob(32), zeroblob(12), zeroblob(2))`, ['payloads 10: belongs to no entry']],
    ['a payload added', `INSERT INTO payloads VALUES ('${CHAIN}', 4, 'x', zeroblob(32), zeroblob(12), zeroblob(2))`, ['payloads 4: belongs to no entry']],
    ['a blob edited', "UPDATE blobs SET bytes = CAST('another pact' AS BLOB)", [`blobs ${digestBytes(BLOB.bytes)}: its bytes differ from the digest that names them`]],
    ['the head time edited', "UPDATE heads SET ts = '2999-01-01T00:00:00.000Z'", [`heads ${CHAIN}: carries another time than the newest entry`]],
  ])('%s', async (_what, sql, tables) => {
    expect(await tampered((db) => db.exec(sql))).toEqual({ chain: 'holds', tables });
  });

  test('triggers that were dropped or changed, and tables that were added', async () => {
    const { folder, db } = unprotected();
    db.exec('CREATE TABLE more (x)');
    db.close();
    const store = await stores().open(folder, { readonly: true });
    const seen: string[] = [];
    for await (const { table, key, problem } of store.audit(CHAIN)) seen.push(`${table} ${key} ${problem}`);
    await store.close();
    expect(seen).toContain('schema entries_keep was dropped');
    expect(seen).toContain('schema more was added');
  });

  test('reading refuses bytes that were changed', async () => {
    const { folder, db } = unprotected();
    db.exec("UPDATE blobs SET bytes = CAST('x' AS BLOB); UPDATE payloads SET ciphertext = randomblob(40); UPDATE projections SET state = 'x'");
    db.close();
    const store = await stores().open(folder, { readonly: true });
    await expect(store.blob(digestBytes(BLOB.bytes))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(store.payload(CHAIN, 1)).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
    await expect(store.projection(CHAIN, 'reservations')).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
    await store.close();
  });
});

describe('8.2 triggers refuse mistakes, with any SQLite tool', () => {
  const copy = (table: string) => `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`;
  test.each([
    'UPDATE entries SET hash = hash', 'UPDATE entries SET seq = 99 WHERE seq = 9', 'DELETE FROM entries', 'DELETE FROM entries WHERE seq = 9',
    `INSERT OR REPLACE INTO entries (chain, seq, hash, body) SELECT chain, seq, hash, body FROM entries WHERE seq = 9`,
    `INSERT INTO entries (chain, seq, hash, body) VALUES ('${CHAIN}', 11, '', '{}')`,
    `INSERT INTO entries (chain, seq, hash, body) VALUES ('new', 1, '', '{}')`,
    `INSERT INTO entries (chain, seq, hash, body) SELECT chain, seq, hash, body FROM entries WHERE true ON CONFLICT DO UPDATE SET hash = ''`,
    'DELETE FROM heads', 'UPDATE heads SET size = 3', "UPDATE heads SET chain = 'x', size = 99", copy('heads'),
    'DELETE FROM checkpoints', "UPDATE checkpoints SET note = ''", copy('checkpoints'),
    'DELETE FROM payloads', "UPDATE payloads SET ciphertext = zeroblob(1)", copy('payloads'),
    'DELETE FROM blobs', "UPDATE blobs SET bytes = zeroblob(1)", copy('blobs'),
  ])('%s', (sql) => {
    const folder = freshFolder();
    cpSync(template, folder, { recursive: true });
    // Not our connection: recursive_triggers is off here.
    const db = new Database(join(folder, 'ledger.db'));
    expect(() => db.exec(sql)).toThrow(/append-only|once|stays|grows|one head/);
    db.close();
  });
});
