/** Row 8.4: complete tiles of the Merkle tree, from their arithmetic to the rows of the store. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import { sha256Hex } from '../../src/domain/digest.js';
import { Fault } from '../../src/domain/fault.js';
import type { Store } from '../../src/domain/ports.js';
import { extendRange, rootOf, rootOfLeaves } from '../../src/ledger/merkle.js';
import { joinHashes, splitHashes, TileFold, type Tile } from '../../src/ledger/tile-fold.js';
import { verifyChain } from '../../src/ledger/verify.js';
import { formatOne, formatOneHashes } from './fixtures/old-store.js';
import { CHAIN, draft, drafts, freshFolder, removeFolders, stores } from './fixtures/support.js';

afterAll(removeFolders);

const leaf = (n: number) => sha256Hex(`leaf ${n}`);
const open = (folder: string, readonly = true) => stores().open(folder, { readonly });

async function problems(store: Store): Promise<string[]> {
  const all: string[] = [];
  for await (const { table, key, problem } of store.audit(CHAIN)) all.push(`${table} ${key} ${problem}`);
  return all;
}

async function hashesOf(store: Store): Promise<string[]> {
  const hashes: string[] = [];
  for await (const { hash } of store.scan(CHAIN)) hashes.push(hash);
  return hashes;
}

describe('the fold', () => {
  test('8.4 gives every complete tile once, and roots of tiles are the leaves of the level above', () => {
    const fold = new TileFold();
    const tiles: Tile[] = [];
    const leaves = Array.from({ length: 65_536 + 300 }, (_, n) => leaf(n));
    for (const one of leaves) tiles.push(...fold.add(one));
    expect([fold.full(0), fold.full(1), fold.full(2)]).toEqual([257, 1, 0]);
    const low = tiles.filter(({ level }) => level === 0);
    expect(low.map(({ index }) => index)).toEqual(Array.from({ length: 257 }, (_, n) => n));
    expect(low[3]).toEqual({ level: 0, index: 3, root: rootOfLeaves(leaves.slice(768, 1024)), hashes: leaves.slice(768, 1024) });
    // A subtree of 65,536 leaves, reached by the compact range alone.
    const range: string[] = [];
    leaves.slice(0, 65_536).forEach((one, size) => extendRange(range, size, one));
    expect(tiles.filter(({ level }) => level === 1)).toEqual([{ level: 1, index: 0, root: rootOf(range), hashes: low.slice(0, 256).map(({ root }) => root) }]);
  });

  test.each([0, 1, 255, 256, 257, 1000, 65_536, 65_536 + 256 + 3])('8.4 gives the compact range over %i leaves', (count) => {
    const [fold, range]: [TileFold, string[]] = [new TileFold(), []];
    for (let size = 0; size < count; size += 1) {
      fold.add(leaf(size));
      extendRange(range, size, leaf(size));
    }
    expect(fold.range).toEqual(range);
  });

  test('rows are read as they were written', () => {
    const hashes = [leaf(1), leaf(2), leaf(3)];
    expect(splitHashes(joinHashes(hashes))).toEqual(hashes);
    expect(splitHashes('')).toEqual([]);
  });
});

describe('in the store', () => {
  let template = '';
  beforeAll(async () => {
    template = freshFolder();
    const store = await open(template, false);
    await store.append(CHAIN, drafts(255));
    await store.append(CHAIN, [draft(255)]);
    await store.append(CHAIN, drafts(300));
    await store.close();
  });

  /** What an owner of the file can do with any SQLite tool. */
  async function tampered(sql: string): Promise<Store> {
    const folder = freshFolder();
    cpSync(template, folder, { recursive: true });
    const db = new Database(join(folder, 'ledger.db'));
    const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as { name: string; sql: string }[];
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    db.exec(sql);
    for (const one of triggers) db.exec(one.sql);
    db.close();
    return open(folder);
  }

  test('8.4 full tiles come from their rows, the open one from the entries', async () => {
    const store = await open(template);
    const hashes = await hashesOf(store);
    expect(await store.tile(CHAIN, 0, 0, 256)).toEqual(hashes.slice(0, 256));
    expect(await store.tile(CHAIN, 0, 1, 7)).toEqual(hashes.slice(256, 263));
    expect(await store.tile(CHAIN, 0, 2, 44)).toEqual(hashes.slice(512, 556));
    expect(await store.tile(CHAIN, 1, 0, 2)).toEqual([rootOfLeaves(hashes.slice(0, 256)), rootOfLeaves(hashes.slice(256, 512))]);
    expect(await problems(store)).toEqual([]);
    await store.close();
  });

  test('8.4 a hash that is not there is a broken ledger; a place that cannot be is a defect', async () => {
    const store = await open(template);
    const codes = await Promise.all([[0, 2, 45], [0, 3, 1], [1, 0, 3], [2, 0, 1], [0, 0, 257], [0, -1, 1], [0, 0, 0]].map(async ([level = 0, index = 0, width = 0]) => {
      const fault: unknown = await store.tile(CHAIN, level, index, width).catch((error: unknown) => error);
      return fault instanceof Fault ? fault.code : fault;
    }));
    expect(codes).toEqual([...Array<string>(4).fill('LEDGER_BROKEN'), ...Array<string>(3).fill('INTERNAL')]);
    await store.close();
  });

  test.each([
    ['a row dropped', 'DELETE FROM tiles WHERE idx = 1', 'tiles 0/1 is missing: the entries complete it'],
    ['a hash altered', "UPDATE tiles SET hashes = lower(hex(randomblob(32))) || substr(hashes, 65) WHERE idx = 0", 'tiles 0/0 differs from what the entries give'],
    ['a root altered', 'UPDATE tiles SET root = lower(hex(randomblob(32))) WHERE idx = 0', 'tiles 0/0 differs from what the entries give'],
    ['a stray row', "INSERT INTO tiles SELECT chain, 0, 2, root, hashes FROM tiles WHERE idx = 0", 'tiles 0/2 is over entries that do not exist'],
    ['a stray level', "INSERT INTO tiles SELECT chain, 1, 0, root, hashes FROM tiles WHERE idx = 0", 'tiles 1/0 is over entries that do not exist'],
  ])('8.2 twin: %s is found', async (_what, sql, problem) => {
    const store = await tampered(sql);
    expect(await problems(store)).toEqual([problem]);
    await store.close();
  });

  test('8.2 a row that holds no hashes is not handed out', async () => {
    const store = await tampered("UPDATE tiles SET hashes = 'X' || substr(hashes, 2) WHERE idx = 0");
    await expect(store.tile(CHAIN, 0, 0, 256)).rejects.toMatchObject({ code: 'LEDGER_BROKEN' });
    await store.close();
  });

  test.each(['UPDATE tiles SET root = root', 'DELETE FROM tiles', 'INSERT OR REPLACE INTO tiles SELECT * FROM tiles LIMIT 1'])('8.2 %s is refused', (sql) => {
    const folder = freshFolder();
    cpSync(template, folder, { recursive: true });
    const db = new Database(join(folder, 'ledger.db'));
    expect(() => db.exec(sql)).toThrow('tiles are written once');
    db.close();
  });
});

describe('an older file', () => {
  test('8.2 of format 1 with 600 entries gets its tiles when it is next written to, and verifies', async () => {
    const folder = freshFolder();
    formatOne(folder, 600);
    await expect(open(folder)).rejects.toMatchObject({ code: 'STORE_UNFIT', hint: 'run agentctl apply once' });
    const store = await open(folder, false);
    await store.append(CHAIN, drafts(168));
    const hashes = await hashesOf(store);
    expect(hashes.length).toBe(768);
    for (const index of [0, 1, 2]) expect(await store.tile(CHAIN, 0, index, 256)).toEqual(hashes.slice(index * 256, (index + 1) * 256));
    expect(await verifyChain(store.scan(CHAIN), { chain: CHAIN, deep: true })).toMatchObject({ ok: true, size: 768 });
    expect(await problems(store)).toEqual([]);
    await store.close();
  });

  test('8.4 the 65,536th entry completes a tile of each of two levels', async () => {
    const folder = freshFolder();
    formatOneHashes(folder, 65_535);
    const store = await open(folder, false);
    await store.append(CHAIN, [draft(0)]);
    const hashes = await hashesOf(store);
    const roots = Array.from({ length: 256 }, (_, index) => rootOfLeaves(hashes.slice(index * 256, (index + 1) * 256)));
    expect(await store.tile(CHAIN, 1, 0, 256)).toEqual(roots);
    expect(await store.tile(CHAIN, 2, 0, 1)).toEqual([rootOfLeaves(roots)]);
    expect((await store.head(CHAIN))?.range).toEqual([rootOfLeaves(roots)]);
    await store.close();
  });
});
