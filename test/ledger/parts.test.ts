/** A chain verified in parts: the same answer as row by row, in the same words, whatever was done to it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Connection, Sqlite as Database } from '../support/sqlite.js';
import fc from 'fast-check';
import { ledgerFormat } from '../../src/adapters/sqlite-schema.js';
import { openReading } from '../../src/adapters/sqlite-file.js';
import { sqliteStores } from '../../src/adapters/sqlite-store.js';
import { verifyPart } from '../../src/adapters/sqlite-strips.js';
import { systemClock, systemRandom } from '../../src/adapters/system.js';
import type { ChainPart, PartOrder, Store } from '../../src/domain/ports.js';
import { canonical } from '../../src/domain/canonical.js';
import { sha256Hex } from '../../src/domain/digest.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { reservationsProjection } from '../../src/enforcement/reservations.js';
import { formatVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { decodeEntry, GENESIS, leafHash, readBody } from '../../src/ledger/entry.js';
import { verifyLedger, type LedgerCheck } from '../../src/ledger/flow/verify-ledger.js';
import { glance } from '../../src/ledger/glance.js';
import { namedBytes } from '../../src/ledger/named-bytes.js';
import { outline } from '../../src/ledger/outline.js';
import { GrowingRange } from '../../src/ledger/growing-range.js';
import { extendRange, joinRanges, rootOf } from '../../src/ledger/merkle.js';
import { cut, joinParts } from '../../src/ledger/parts.js';
import { FROM_GENESIS } from '../../src/ledger/verify.js';
import { logSigner, verifySignature } from './fixtures/log-key.js';
import { AGENT, CHAIN, draft, freshFolder, removeFolders, stores } from './fixtures/support.js';

const ORIGIN = 'example/agent';
const SIZE = 24;
/** Where the second part begins. */
const SEAM = SIZE / 2;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Inside the repository, so that better-sqlite3 is found from it. */
let bundles = '';
let template = '';
let thread: URL;

/** Entry 0 names the log key; checkpoints in both parts, at the seam and at the end. */
beforeAll(async () => {
  bundles = mkdtempSync(join(ROOT, 'node_modules', '.cache', 'agentctl-thread-'));
  execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), ['src/adapters/verify-thread.ts', '--bundle', '--format=cjs', '--platform=node', '--target=node20', '--external:better-sqlite3', '--log-level=error', '--define:import.meta.url=url', "--banner:js=const url=require('node:url').pathToFileURL(__filename).href;", `--outfile=${bundles}/thread.cjs`], { cwd: ROOT });
  thread = pathToFileURL(`${bundles}/thread.cjs`);
  template = freshFolder();
  const store = await stores().open(template, { readonly: false });
  const signer = logSigner(1);
  await store.append(CHAIN, [draft(0, { type: 'ledger.opened', data: { log: formatVerifierKey(ORIGIN, signer.publicKey), format: 1 } })]);
  for (let n = 1; n < SIZE; n += 1) {
    await store.append(CHAIN, [draft(n, n % 5 === 0 ? { validUntil: '2999-01-01T00:00:00.000Z', payload: { n } } : {})]);
    const head = await store.head(CHAIN);
    if (head && [3, SEAM, 17, SIZE].includes(head.size)) await store.putCheckpoint(CHAIN, head.size, await signCheckpointNote({ origin: ORIGIN, size: head.size, root: rootOf(head.range) }, signer));
  }
  await store.close();
});
afterAll(() => {
  removeFolders();
  rmSync(bundles, { recursive: true, force: true });
});

/** Without the column that refuses bodies that are no JSON: an owner of the file can do without it. */
const BARE = `CREATE TABLE bare (chain TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (chain, seq)) STRICT, WITHOUT ROWID;
INSERT INTO bare SELECT chain, seq, hash, body FROM entries; DROP TABLE entries; ALTER TABLE bare RENAME TO entries;`;

function damaged(change: (db: Connection) => void, original = template): string {
  const folder = freshFolder();
  cpSync(original, folder, { recursive: true });
  const db = new Database(join(folder, 'ledger.db'));
  for (const name of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all() as string[]) db.exec(`DROP TRIGGER ${name}`);
  db.pragma('synchronous = OFF');
  db.exec(BARE);
  db.transaction(() => change(db))();
  db.close();
  return folder;
}

/** The store with parts verified on this thread, in the way that threads do it; counts how often that was enough. */
async function inProcess(store: Store, folder: string, vouched: { count: number }): Promise<Store> {
  const { db } = await openReading(Database, join(folder, 'ledger.db'), ledgerFormat(), { clock: systemClock(), random: systemRandom() });
  const parts = (order: PartOrder): readonly ChainPart[] | undefined => {
    try {
      const found = cut(order, 2).map((part) => verifyPart(db, part));
      if (!found.every((part) => part !== undefined)) return undefined;
      vouched.count += 1;
      return found;
    } catch {
      return undefined;
    }
  };
  const close = async () => { db.close(); await store.close(); };
  return { head: store.head.bind(store), read: store.read.bind(store), scan: store.scan.bind(store), checkpoint: store.checkpoint.bind(store), checkpoints: store.checkpoints.bind(store), verifyParts: async (order: PartOrder) => parts(order), close } as unknown as Store;
}

const answerOf = async (store: Store, check: Partial<LedgerCheck>): Promise<unknown> => {
  try {
    return await verifyLedger(store, CHAIN, { verifySignature, extent: 'every byte', ...check });
  } catch (error) {
    return error;
  }
};

/** Row by row, in parts as threads do it, and as the store does it with a short ledger. */
async function everyWay(folder: string, check: Partial<LedgerCheck> = {}, vouched = { count: 0 }): Promise<readonly [unknown, unknown, unknown]> {
  const one = await stores().open(folder, { readonly: true });
  const other = await inProcess(await stores().open(folder, { readonly: true }), folder, vouched);
  const rowByRow: Store = { ...other, verifyParts: async () => undefined };
  const answers = [await answerOf(rowByRow, check), await answerOf(other, { ...check, long: 2 }), await answerOf(one, check)] as const;
  await one.close();
  await other.close();
  return answers;
}

interface Row { seq: number; hash: string; body: string }
const rowsOf = (db: Connection) => db.prepare<[], Row>('SELECT seq, hash, body FROM entries ORDER BY seq').all();
/** Writes a chain anew from these bodies, as somebody who knows the formula would. */
function rewrite(db: Connection, change: (body: string, seq: number) => string): void {
  let before = GENESIS;
  for (const { seq, body } of rowsOf(db)) {
    const text = change(body, seq);
    before = leafHash(before, text);
    db.prepare('UPDATE entries SET body = ?, hash = ? WHERE seq = ?').run(text, before, seq);
  }
}
const edit = (change: (entry: JsonObject) => JsonObject) => (body: string) => canonical(change(JSON.parse(body) as JsonObject));

type Damage = readonly [name: string, change: (db: Connection, seq: number) => void];
const DAMAGES: readonly Damage[] = [
  ['nothing', () => undefined],
  ['a body edited', (db, seq) => db.prepare("UPDATE entries SET body = replace(body, 'agentctl', 'someone') WHERE seq = ?").run(seq)],
  ['a hash edited', (db, seq) => db.prepare("UPDATE entries SET hash = iif(hash LIKE 'f%', 'e', 'f') || substr(hash, 2) WHERE seq = ?").run(seq)],
  ['a hash in capitals', (db, seq) => db.prepare('UPDATE entries SET hash = upper(hash) WHERE seq = ?').run(seq)],
  ['a hash with something behind it', (db, seq) => db.prepare("UPDATE entries SET hash = hash || char(10) || 'x' WHERE seq = ?").run(seq)],
  ['a row gone', (db, seq) => db.prepare('DELETE FROM entries WHERE seq = ?').run(seq)],
  ['the tail gone', (db, seq) => db.prepare('DELETE FROM entries WHERE seq >= ?').run(seq)],
  ['a number changed', (db, seq) => db.prepare('UPDATE entries SET seq = 1000 + seq WHERE seq = ?').run(seq)],
  ['a number twice, the key being gone', (db, seq) => {
    db.exec('CREATE TABLE loose AS SELECT * FROM entries; DROP TABLE entries; ALTER TABLE loose RENAME TO entries');
    db.prepare('UPDATE entries SET seq = seq - 1 WHERE seq = ?').run(seq);
  }],
  ['two rows exchanged', (db, seq) => {
    const [one, other] = rowsOf(db).slice(Math.min(seq, SIZE - 2));
    for (const [at, row] of [[one?.seq, other], [other?.seq, one]] as const) db.prepare('UPDATE entries SET hash = ?, body = ? WHERE seq = ?').run(row?.hash, row?.body, at);
  }],
  ['a row that the head does not count', (db) => {
    const last = rowsOf(db).at(-1);
    const body = (last?.body ?? '').replace(`"seq":${SIZE - 1}`, `"seq":${SIZE}`);
    db.prepare('INSERT INTO entries (chain, seq, hash, body) VALUES (?, ?, ?, ?)').run(CHAIN, SIZE, leafHash(last?.hash ?? '', body), body);
  }],
  ['a head that counts more', (db) => db.prepare('UPDATE heads SET size = size + 7').run()],
  ['a head that counts no end', (db) => db.prepare('UPDATE heads SET size = 4000000000000').run()],
  ['a head that counts less', (db, seq) => db.prepare('UPDATE heads SET size = ?').run(seq)],
  ['no head', (db) => db.prepare('DELETE FROM heads').run()],
  ['a checkpoint gone', (db) => db.prepare('DELETE FROM checkpoints WHERE size = 17').run()],
  ['two bodies in one row', (db, seq) => {
    const [one, other] = rowsOf(db).slice(Math.min(seq, SIZE - 2));
    db.prepare('UPDATE entries SET body = ?, hash = ? WHERE seq = ?').run(`${one?.body}\n${one?.seq}\0${one?.hash}\n${other?.body}`, other?.hash, one?.seq);
    db.prepare('DELETE FROM entries WHERE seq = ?').run(other?.seq);
  }],
  ['rewritten: another actor', (db, seq) => rewrite(db, (body, at) => (at === seq ? body.replace('agentctl', 'someone') : body))],
  ['rewritten: an older time', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, ts: '2001-01-01T00:00:00.000Z' }))(body) : body))],
  ['rewritten: an older time, as a jump', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, ts: '2001-01-01T00:00:00.000Z', type: 'clock.jumped' }))(body) : body))],
  ['rewritten: all times from here on older', (db, seq) => rewrite(db, (body, at) => (at >= seq ? edit((entry) => ({ ...entry, ts: '2001-01-01T00:00:00.000Z' }))(body) : body))],
  ['rewritten: a time that is none', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, ts: '2026-13-45T00:00:00.000Z' }))(body) : body))],
  ['rewritten: another chain', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, chain: 'other' }))(body) : body))],
  ['rewritten: an unknown type', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, type: 'future.thing' }))(body) : body))],
  ['rewritten: an unknown member', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, more: 1 }))(body) : body))],
  ['rewritten: no JSON', (db, seq) => rewrite(db, (body, at) => (at === seq ? body.slice(0, -1) : body))],
  ['rewritten: another order', (db, seq) => rewrite(db, (body, at) => (at === seq ? JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(body) as JsonObject).reverse())) : body))],
  ['rewritten: with line breaks', (db, seq) => rewrite(db, (body, at) => (at === seq ? JSON.stringify(JSON.parse(body), null, 1) : body))],
  ['rewritten: a NUL at the end', (db, seq) => rewrite(db, (body, at) => (at === seq ? `${body}\0` : body))],
  ['rewritten: a letter beyond ASCII', (db, seq) => rewrite(db, (body, at) => (at === seq ? body.replace('agentctl', 'agentctl\u00fc') : body))],
  ['rewritten: nested deeper than the pattern', (db, seq) => rewrite(db, (body, at) => (at === seq ? edit((entry) => ({ ...entry, type: 'future.thing', data: { a: [[[[[[{}]]]]]] } }))(body) : body))],
];

describe('8.2 a chain in parts and row by row', () => {
  test.each(DAMAGES)('%s: the same answer', async (_name, change) => {
    const vouched = { count: 0 };
    for (const [index, seq] of [0, SEAM - 1, SEAM, SIZE - 1].entries()) {
      const [rows, ...parts] = await everyWay(damaged((db) => change(db, seq)), { deep: index % 2 === 1 }, vouched);
      expect(parts).toEqual([rows, rows]);
    }
    if (change === DAMAGES[0]?.[1]) expect(vouched.count).toBe(4);
  });

  test('several strips to a part, of short rows and of long ones: the same answer', async () => {
    const folder = freshFolder();
    const store = await stores().open(folder, { readonly: false });
    await store.append(CHAIN, Array.from({ length: 160 }, (_, n) => draft(n, n % 40 < 3 ? { actor: 'a'.repeat(30_000) } : {})));
    await store.close();
    const vouched = { count: 0 };
    const [rows, ...parts] = await everyWay(folder, {}, vouched);
    expect(rows).toMatchObject({ ok: true, size: 160 });
    expect(parts).toEqual([rows, rows]);
    expect(vouched.count).toBe(1);
    for (const seq of [32, 79, 80, 140, 159]) {
      const copy = damaged((db) => { db.prepare("UPDATE entries SET hash = iif(hash LIKE 'f%', 'e', 'f') || substr(hash, 2) WHERE seq = ?").run(seq); }, folder);
      const [rows, ...parts] = await everyWay(copy);
      expect(rows).toMatchObject({ ok: false });
      expect(parts).toEqual([rows, rows]);
    }
  });

  test('parts that do not meet are not joined', () => {
    const db = new Database(join(template, 'ledger.db'), { readonly: true });
    const [one, other] = cut({ chain: CHAIN, from: 0, to: SIZE, rootsAt: [], deep: false }, 2).map((order) => verifyPart(db, order));
    db.close();
    if (!one || !other) throw new Error('the template does not hold');
    expect(joinParts(FROM_GENESIS, [one, other])).toMatchObject({ ok: true, size: SIZE });
    for (const apart of [{ ...other, before: GENESIS }, { ...other, from: SEAM + 1 }, { ...other, first: { ...other.first, ts: '2001-01-01T00:00:00.000Z' } }]) expect(joinParts(FROM_GENESIS, [one, apart])).toBeUndefined();
    expect(joinParts(FROM_GENESIS, [other])).toBeUndefined();
  });

  test('any bytes of the file overwritten: the same answer', async () => {
    const bytes = readFileSync(join(template, 'ledger.db'));
    await fc.assert(fc.asyncProperty(fc.integer({ min: 100, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const folder = damaged(() => undefined);
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ mask;
      writeFileSync(join(folder, 'ledger.db'), copy);
      const [rows, ...parts] = await everyWay(folder).catch((error: unknown) => [String(error), String(error), String(error)] as const);
      expect(parts).toEqual([rows, rows]);
    }), { numRuns: 60 });
  });

  test('on threads: the same answer, holding or not, and without them too', async () => {
    const world = { clock: systemClock(), random: systemRandom(), projections: [reservationsProjection] };
    for (const change of [() => undefined, (db: Connection) => { db.prepare("UPDATE entries SET body = replace(body, 'agentctl', 'someone') WHERE seq = ?").run(SIZE - 2); }]) {
      const folder = damaged(change);
      const [rows] = await everyWay(folder);
      for (const script of [thread, pathToFileURL(join(ROOT, 'no-such-script.cjs'))]) {
        const store = await sqliteStores({ ...world, thread: script }).open(folder, { readonly: true });
        expect(await answerOf(store, { long: 2 })).toEqual(rows);
        expect((await store.verifyParts({ chain: CHAIN, from: 0, to: SIZE, rootsAt: [], deep: false }, true)) !== undefined).toBe(script === thread && rows !== null && (rows as { ok: boolean }).ok);
        await store.close();
      }
    }
  });

  test('on threads while somebody appends: what came meanwhile is verified too', async () => {
    const folder = damaged(() => undefined);
    const writer = await stores().open(folder, { readonly: false });
    const store = await sqliteStores({ clock: systemClock(), random: systemRandom(), projections: [reservationsProjection], thread }).open(folder, { readonly: true });
    const answer = answerOf(store, { long: 2 });
    await writer.append(CHAIN, [draft(SIZE, { agent: AGENT }), draft(SIZE + 1)]);
    expect(await answer).toMatchObject({ ok: true, checkpoint: SIZE });
    expect(await answerOf(store, { long: 2 })).toMatchObject({ ok: true, size: SIZE + 2 });
    await store.close();
    await writer.close();
  });
});

test('the compact range of a tree is joined from those of its parts', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 5 }), (lengths) => {
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const leaf = (index: number) => sha256Hex(String(index));
    const whole: string[] = [];
    for (let index = 0; index < total; index += 1) extendRange(whole, index, leaf(index));
    let [range, size]: [readonly string[], number] = [[], 0];
    for (const length of lengths) {
      const [part, grown] = [new GrowingRange(size), new GrowingRange(size, range)];
      for (let index = size; index < size + length; index += 1) [part, grown].forEach((one) => one.add(leaf(index)));
      range = joinRanges(range, size, part.nodes, size + length);
      expect(grown.nodes).toEqual(range);
      size += length;
    }
    expect(range).toEqual(whole);
  }));
});

describe('a glance', () => {
  /** Mostly as they should be. */
  const either = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) => fc.oneof({ weight: 24, arbitrary: usual }, { weight: 1, arbitrary: odd });
  const text = either(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom('', 'z\u00fcrich', '\u0000', '\u2028'));
  const { value } = fc.letrec<{ value: Json }>((tie) => ({ value: fc.oneof({ maxDepth: 3 }, fc.string({ maxLength: 6 }), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 3 })) as fc.Arbitrary<Json> }));
  const data = fc.dictionary(text, either(value, fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<Json>));
  const time = either(fc.constant('2026-11-22T12:00:00.000Z'), fc.constantFrom('2026-02-30T12:00:00.000Z', '2026-13-01T00:00:00.000Z', 'now'));
  const digest = either(fc.constant(`sha256:${'ab'.repeat(32)}`), fc.constantFrom('sha256:', ''));
  const body = fc.record({
    v: either(fc.constant<Json>(1), fc.constant<Json>(2)), chain: text, seq: either(fc.constantFrom<Json>(0, 7, 123456789012345), fc.constantFrom<Json>(-1, 1.5, 99999999999999999)), ts: time, type: text, actor: text, data,
    agent: fc.record({ id: text, did: fc.option(text), version: fc.option(text), build: fc.option(digest) }), inputs: fc.dictionary(text, digest, { maxKeys: 2 }),
  }).chain((entry) => fc.record({ validUntil: fc.option(time, { nil: undefined }), payload: fc.option(fc.constantFrom<Json>({ commit: 'cd'.repeat(32) }, { commit: 'x' }), { nil: undefined }) })
    .map((more) => JSON.stringify(sorted({ ...entry, ...more } as unknown as Json))));
  /** Mostly entries; now and then with a character more, less, or another one. */
  const bodies = fc.tuple(body, fc.option(fc.record({ at: fc.nat(), to: fc.constantFrom('', '"', '\\', ',', '{', '0', '\u00e9', '\n', '\0') }), { freq: 2, nil: undefined }))
    .map(([written, slip]) => (slip ? written.slice(0, slip.at % written.length) + slip.to + written.slice((slip.at % written.length) + 1) : written));

  test('sees in a body what reading it in full finds, or the same fault', () => {
    let quick = 0;
    fc.assert(fc.property(bodies, (written) => {
      const [seen, read] = [glance(written), readBody(written)];
      if (typeof read === 'string') expect(seen).toBe(read);
      else expect(seen).toMatchObject({ chain: read.chain, seq: read.seq, ts: read.ts, type: read.type });
      if (typeof seen !== 'string' && !('v' in seen)) quick += 1;
    }), { numRuns: 3000 });
    expect(quick).toBeGreaterThan(100);
  });

  test('an outline finds what decoding finds, or refuses it too', () => {
    const sawOf = (written: string, read: typeof decodeEntry | typeof outline) => {
      try {
        const seen = read(written, 'entry 0');
        return 'commit' in seen ? { ...seen, entry: seen.entry() } : { seq: seen.seq, ts: seen.ts, type: seen.type, commit: seen.payload?.commit, entry: seen };
      } catch (error) {
        return (error as Error).message;
      }
    };
    const shuffled = bodies.chain((written) => fc.constantFrom(written, written.replace('"data":{', '"data":{"a":1,'), written.replace('"data":{', '"data":{"z":{"deliverable":null},'), written.replace('"data":{', '"data":{"n":-0,'), written.replace('"data":{', '"data":{"b":12345678901234567890,')));
    fc.assert(fc.property(shuffled, (written) => {
      const seen = sawOf(written, outline);
      if (typeof seen === 'string') expect(seen).toBe(sawOf(written, decodeEntry));
      else expect(seen).toMatchObject(sawOf(written, decodeEntry) as object);
      if (typeof seen !== 'string' && 'mayName' in seen && !seen.mayName) expect(namedBytes(seen.entry)).toEqual([]);
    }), { numRuns: 3000 });
  });

  test.each([
    ['plain', '{"a":1,"b":"x","c":null}', true],
    ['names out of order', '{"b":1,"a":2}', false],
    ['a name twice', '{"a":1,"a":2}', false],
    ['a number that is rounded', '{"a":12345678901234567890}', false],
    ['minus zero', '{"a":-0}', false],
    ['an escape too many', '{"a":"\\u0041"}', false],
    ['names out of order, further in', '{"a":{"c":1,"b":2}}', false],
    ['names that look like something else', '{"a":"{,:-0","b":"c:","c":"[-0"}', true],
    ['names of stored bytes', `{"act":"sha256:${'ab'.repeat(32)}","b":1}`, true],
  ])('an outline of data that are %s', (_what, data, fine) => {
    const written = `{"actor":"a","agent":{"build":null,"did":null,"id":"i","version":null},"chain":"c","data":${data},"inputs":{},"payload":{"commit":"${'cd'.repeat(32)}"},"seq":5,"ts":"2026-11-22T12:00:00.000Z","type":"t","v":1}`;
    if (!fine) expect(() => outline(written, 'entry 5')).toThrow('entry 5 is not in canonical form');
    else expect(outline(written, 'entry 5')).toMatchObject({ seq: 5, ts: '2026-11-22T12:00:00.000Z', type: 't', commit: 'cd'.repeat(32), mayName: data.includes('sha256') || data.includes('{', 1) });
  });

  test('does not stumble over a body that never ends', () => {
    const long = `{"actor":"a","agent":{"build":null,"did":null,"id":"i","version":null},"chain":"c","data":{${Array.from({ length: 3000 }, (_, n) => `"k${n}":[{"a":[1,2,{"b":"${'x'.repeat(5)}"}]}]`).join()}`;
    expect(glance(long)).toBe(readBody(long));
  });
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}
