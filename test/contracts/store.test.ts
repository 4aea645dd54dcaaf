/** The contract of the Store port, run over the SQLite adapter. */
import { chmodSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Sqlite as Database } from '../support/sqlite.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes } from '../../src/domain/digest.js';
import { Fault } from '../../src/domain/fault.js';
import type { ReserveRequest, Store, StoredRow } from '../../src/domain/ports.js';
import { networkFileSystem } from '../../src/adapters/sqlite-file.js';
import { isRecent, unfitBuild } from '../../src/adapters/sqlite-module.js';
import { verifyChain } from '../../src/ledger/verify.js';
import { bundleChild, startChild } from '../ledger/fixtures/spawn.js';
import { AGENT, CHAIN, draft, drafts, freshFolder, removeFolders, stillClock, stores } from '../ledger/fixtures/support.js';

afterAll(removeFolders);

const opened: Store[] = [];
async function open(folder = freshFolder(), readonly = false, clock?: Parameters<typeof stores>[0]): Promise<Store> {
  const store = await stores(clock).open(folder, { readonly });
  opened.push(store);
  return store;
}
afterAll(async () => { for (const store of opened) await store.close(); });

async function rows(store: Store, chain = CHAIN): Promise<StoredRow[]> {
  const all: StoredRow[] = [];
  for await (const row of store.scan(chain)) all.push(row);
  return all;
}
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
}
async function problems(store: Store, chain = CHAIN): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const problem of store.audit(chain)) all.push(problem);
  return all;
}
async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof Fault) return error;
  throw new Error('a fault was expected', { cause: error });
}

describe('entries', () => {
  test('8.2 are numbered from 0, linked, and found again in every way', async () => {
    const store = await open();
    const first = await store.append(CHAIN, [draft(0), draft(1)]);
    const [third] = await store.append(CHAIN, [draft(2, { type: 'ledger.opened', data: { log: 'x', format: 1 } })]);
    await store.append('organisation', [draft(7, { agent: { ...AGENT, id: 'organisation' } })]);
    expect([...first, third].map((one) => one?.entry.seq)).toEqual([0, 1, 2]);
    expect(await store.chains()).toEqual([CHAIN, 'organisation']);
    expect(await store.count(CHAIN, 'audit.checkpointed')).toBe(2);
    expect((await store.latest(CHAIN, 'audit.checkpointed'))?.data).toEqual(draft(1).data);
    expect((await store.readEvidence(CHAIN, 'audit.checkpointed')).map(({ seq }) => seq)).toEqual([0, 1]);
    expect((await store.readEvidence(CHAIN, 'audit.checkpointed', 1)).map(({ seq }) => seq)).toEqual([1]);
    expect(await store.read(CHAIN, 2)).toEqual(third);
    expect(await store.read(CHAIN, 3)).toBeUndefined();
    expect(await store.latest(CHAIN, 'no.such')).toBeUndefined();
    const verified = await verifyChain(store.scan(CHAIN), { chain: CHAIN, deep: true });
    expect(verified).toMatchObject({ ok: true, size: 3, hash: third?.hash, unknownTypes: [] });
    const head = await store.head(CHAIN);
    expect(verified).toMatchObject({ range: head?.range });
    expect(await store.head('nobody')).toBeUndefined();
  });

  test('8.2 a scan crosses page borders and starts anywhere', async () => {
    const store = await open();
    await store.append(CHAIN, drafts(1203));
    expect((await rows(store)).length).toBe(1203);
    const tail: number[] = [];
    for await (const { seq } of store.scan(CHAIN, 1201)) tail.push(seq);
    expect(tail).toEqual([1201, 1202]);
  });

  test('appends of one tick share a transaction, and one refusal does not spoil the others', async () => {
    const store = await open();
    const results = await Promise.allSettled([
      store.append(CHAIN, [draft(0)]),
      store.append(CHAIN, [draft(1)], { guards: [{ kind: 'size-is', size: 5 }] }),
      store.append(CHAIN, [draft(2)], { guards: [{ kind: 'size-is', size: 1 }] }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.head(CHAIN))?.size).toBe(2);
    expect(await problems(store)).toEqual([]);
  });

  test('8.2 jobs of one transaction see what those before them left, of each chain, and nothing of one that was undone', async () => {
    const [store, other] = [await open(), 'organisation'];
    const undone = Array.from({ length: 300 }, (_, n) => draft(n));
    const results = await Promise.allSettled([
      store.append(CHAIN, drafts(200)),
      store.append(CHAIN, [...undone, draft(0, { actor: 'x'.repeat(65_535) })]),
      store.append(other, [draft(0, { agent: { ...AGENT, id: other } })], { guards: [{ kind: 'size-is', size: 0 }] }),
      store.append(CHAIN, drafts(100), { guards: [{ kind: 'size-is', size: 200 }] }),
      store.append('nobody', [draft(0, { actor: 'x'.repeat(65_535) })]),
      store.append(CHAIN, [draft(0)], { guards: [{ kind: 'size-is', size: 300 }] }),
      store.append(other, [draft(1, { agent: { ...AGENT, id: other } })], { guards: [{ kind: 'size-is', size: 1 }] }),
      // Still the same transaction, but behind those whose payloads had to be sealed first.
      turns(9).then(() => store.putCheckpoint(CHAIN, 301, 'note')),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect([(await store.head(CHAIN))?.size, (await store.head(other))?.size, await store.head('nobody')]).toEqual([301, 2, undefined]);
    const head = await store.head(CHAIN);
    expect(await store.checkpoint(CHAIN)).toEqual({ size: 301, note: 'note', start: { hash: head?.hash, range: head?.range } });
    expect([await problems(store), await problems(store, other)]).toEqual([[], []]);
  });

  test.each([
    ['an unknown type', draft(0, { type: 'no.such' }), 'INTERNAL'],
    ['data of another shape', draft(0, { data: { size: 'one', root: '' } }), 'INTERNAL'],
    ['an unknown member', draft(0, { data: { ...draft(0).data, extra: 1 } }), 'INTERNAL'],
    ['personal text outside the payload', draft(0, { actor: 'Jürgen' }), 'INPUT_INVALID'],
    ['an entry that is too long', draft(0, { actor: 'x'.repeat(65_535) }), 'INPUT_INVALID'],
  ])('%s is refused and nothing is written', async (_what, bad, code) => {
    const store = await open();
    expect((await faultOf(store.append(CHAIN, [draft(1), bad]))).code).toBe(code);
    expect(await store.head(CHAIN)).toBeUndefined();
    expect(await rows(store)).toEqual([]);
  });

  test('guards hold or nothing is written', async () => {
    const store = await open(freshFolder(), false, stillClock('2026-11-22T12:00:00.000Z'));
    await store.reserve(CHAIN, request('r1'));
    const state = await store.projected(CHAIN, 'reservations', 'r1');
    const guard = { kind: 'projection-is', projection: 'reservations', key: 'r1' } as const;
    await store.append(CHAIN, [draft(0)], { guards: [{ ...guard, state: state ?? null }, { kind: 'size-is', size: 1 }] });
    const fault = await faultOf(store.append(CHAIN, [draft(1)], { guards: [{ ...guard, state: null }] }));
    expect([fault.code, fault.message]).toEqual(['REFUSED', 'the store changed meanwhile: reservations "r1" is not as it was']);
    expect((await store.head(CHAIN))?.size).toBe(2);
  });

  test('a guard of time: no entry is earlier than what was signed for it, by ledger time and not by the wall clock', async () => {
    const clock = stillClock('2026-11-22T12:00:00.000Z');
    const store = await open(freshFolder(), false, clock);
    const notBefore = (at: string) => ({ guards: [{ kind: 'not-before', at }] } as const);
    await store.append(CHAIN, [draft(0)], notBefore('2026-11-22T12:00:00.000Z'));
    clock.wall -= 2000;
    await store.append(CHAIN, [draft(1)], notBefore('2026-11-22T12:00:00.000Z'));
    const fault = await faultOf(store.append(CHAIN, [draft(2)], notBefore('2026-11-22T12:00:00.001Z')));
    expect([fault.code, fault.message]).toEqual(['REFUSED', 'the clock was set back after this was signed, from 2026-11-22T12:00:00.001Z to 2026-11-22T12:00:00.000Z']);
    expect((await store.head(CHAIN))?.size).toBe(2);
  });
});

describe('payloads and blobs', () => {
  test('8.5 a payload is stored apart and only committed to', async () => {
    const store = await open();
    const payload = { subject: 'Grüße an 😀', ratio: 0.5 };
    const [stored] = await store.append(CHAIN, [draft(0, { payload })]);
    expect(await store.payload(CHAIN, 0)).toEqual(payload);
    expect(await store.payload(CHAIN, 1)).toBeUndefined();
    const disclosed = await store.disclosed(CHAIN, 0);
    expect(disclosed?.payload).toEqual(payload);
    expect(createHmac('sha256', disclosed?.salt ?? '').update(canonical(payload)).digest('hex')).toBe(stored?.entry.payload?.commit);
    expect(await store.disclosed(CHAIN, 1)).toBeUndefined();
    expect(JSON.stringify(stored)).not.toContain('Gr');
    expect(stored?.entry.payload?.commit).toMatch(/^[0-9a-f]{64}$/);
    const [again] = await store.append(CHAIN, [draft(0, { payload })]);
    expect(again?.entry.payload?.commit).not.toBe(stored?.entry.payload?.commit);
    expect(await problems(store)).toEqual([]);
  });

  test('blobs are named by their digest and come with their entry', async () => {
    const store = await open();
    const bytes = new Uint8Array([0, 255, 10]);
    const blob = { mediaType: 'application/octet-stream', bytes };
    await store.append(CHAIN, [draft(0)], { blobs: [blob, blob] });
    await store.append(CHAIN, [], { blobs: [blob] });
    const found = await store.blob(digestBytes(bytes));
    expect([found?.mediaType, [...(found?.bytes ?? [])]]).toEqual([blob.mediaType, [...bytes]]);
    expect(await store.blob(digestBytes('other'))).toBeUndefined();
    await faultOf(store.append(CHAIN, [draft(1)], { blobs: [{ ...blob, bytes: new Uint8Array([9]) }], guards: [{ kind: 'size-is', size: 9 }] }));
    expect(await store.blob(digestBytes(new Uint8Array([9])))).toBeUndefined();
  });

  test('8.2 checkpoints are written once; the newest carries the place to start from', async () => {
    const store = await open();
    await store.append(CHAIN, drafts(3));
    await store.putCheckpoint(CHAIN, 2, 'two');
    await store.putCheckpoint(CHAIN, 3, 'three');
    await store.putCheckpoint(CHAIN, 3, 'three');
    expect((await faultOf(store.putCheckpoint(CHAIN, 3, 'other'))).code).toBe('REFUSED');
    const head = await store.head(CHAIN);
    expect(await store.checkpoint(CHAIN)).toEqual({ size: 3, note: 'three', start: { hash: head?.hash, range: head?.range } });
    expect(await store.checkpoints(CHAIN)).toEqual([{ size: 2, note: 'two' }, { size: 3, note: 'three' }]);
    expect(await store.checkpoint('nobody')).toBeUndefined();
  });

  test('the cache is losable', async () => {
    const store = await open();
    await store.cache('a', '1');
    await store.cache('a', '2');
    expect([await store.cached('a'), await store.cached('b')]).toEqual(['2', undefined]);
  });
});

function request(id: string, more: Partial<ReserveRequest> = {}): ReserveRequest {
  return {
    id, agent: AGENT, amount: { minor: 400n, currency: 'USD' }, action: digestBytes('pay'), expiresAt: '2026-11-22T13:00:00.000Z',
    limit: { perTransaction: 500n, perWindow: 1000n, window: 'P1D' }, ...more,
  };
}
const usd = (minor: bigint) => ({ minor, currency: 'USD' });

describe('4.2 reservations', () => {
  const noon = '2026-11-22T12:00:00.000Z';

  test('hold, book, void and expire against the limits', async () => {
    const clock = stillClock(noon);
    const store = await open(freshFolder(), false, clock);
    expect(await store.reserve(CHAIN, request('a'))).toEqual({ granted: true, seq: 0 });
    expect(await store.reserve(CHAIN, request('a'))).toEqual({ granted: true, seq: 0 });
    expect((await faultOf(store.reserve(CHAIN, request('a', { amount: usd(1n) })))).code).toBe('REFUSED');
    expect(await store.reserve(CHAIN, request('b', { amount: usd(501n) }))).toMatchObject({ granted: false, available: 600n });
    expect(await store.reserve(CHAIN, request('b'))).toMatchObject({ granted: true });
    expect(await store.reserve(CHAIN, request('c'))).toMatchObject({ granted: false, available: 200n });
    expect(await store.reserve(CHAIN, request('c', { amount: { minor: 400n, currency: 'EUR' } }))).toMatchObject({ granted: true });
    await store.post(CHAIN, 'a', usd(150n), AGENT);
    await store.post(CHAIN, 'a', usd(150n), AGENT);
    expect((await faultOf(store.post(CHAIN, 'a', usd(151n), AGENT))).code).toBe('REFUSED');
    expect((await faultOf(store.post(CHAIN, 'nobody', usd(1n), AGENT))).code).toBe('REFUSED');
    await store.void(CHAIN, 'b', 'not needed', AGENT);
    expect(await store.reserve(CHAIN, request('b'))).toMatchObject({ granted: false, reason: 'reservation b is already voided' });
    expect(await store.reserve(CHAIN, request('d', { amount: usd(851n), limit: { perTransaction: 900n, perWindow: 1000n, window: 'P1D' } }))).toMatchObject({ granted: false, available: 850n });
    expect(await store.expire(CHAIN, AGENT)).toBe(0);
    clock.wall += 3_600_000;
    clock.stopwatch += 3_600_000;
    expect(await store.expire(CHAIN, AGENT)).toBe(1);
    expect(await store.projected(CHAIN, 'reservations', 'c')).toMatchObject({ state: 'expired' });
    expect(await problems(store)).toEqual([]);
  });

  test('over the reservation it is booked in full and flagged; the window rolls', async () => {
    const clock = stillClock(noon);
    const store = await open(freshFolder(), false, clock);
    await store.reserve(CHAIN, request('a'));
    await store.post(CHAIN, 'a', usd(900n), AGENT);
    expect((await store.latest(CHAIN, 'reservation.posted'))?.data).toEqual({ id: 'a', actual: '900', breach: true });
    expect(await store.reserve(CHAIN, request('b'))).toMatchObject({ granted: false, available: 100n });
    clock.wall += 86_400_000;
    clock.stopwatch += 86_400_000;
    expect(await store.reserve(CHAIN, request('b', { expiresAt: '2026-11-24T00:00:00.000Z' }))).toMatchObject({ granted: true });
  });
});

describe('time', () => {
  const noon = '2026-11-22T12:00:00.000Z';
  const later = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

  test('never runs backwards; a clock that is turned back is recorded once', async () => {
    const clock = stillClock(noon);
    const store = await open(freshFolder(), false, clock);
    await store.append(CHAIN, [draft(0)]);
    clock.wall -= 60_000;
    const [small] = await store.append(CHAIN, [draft(1)]);
    expect(small?.entry).toMatchObject({ seq: 1, ts: noon });
    clock.wall -= 600_000;
    const [back] = await store.append(CHAIN, [draft(2)]);
    expect(back?.entry).toMatchObject({ seq: 3, ts: noon });
    await store.append(CHAIN, [draft(3)]);
    expect(await store.readEvidence(CHAIN, 'clock.jumped')).toMatchObject([{ seq: 2, data: { from: noon, to: later(noon, -660_000) } }]);
    expect((await store.head(CHAIN))?.size).toBe(5);
  });

  test('a clock that runs ahead of this process is recorded; an idle hour is not', async () => {
    const clock = stillClock(noon);
    const store = await open(freshFolder(), false, clock);
    await store.append(CHAIN, [draft(0)]);
    clock.wall += 3_600_000;
    clock.stopwatch += 3_600_000;
    await store.append(CHAIN, [draft(1)]);
    expect(await store.count(CHAIN, 'clock.jumped')).toBe(0);
    clock.wall += 3_600_000;
    const [stored] = await store.append(CHAIN, [draft(2)]);
    expect(stored?.entry).toMatchObject({ seq: 3, ts: later(noon, 7_200_000) });
    expect((await store.latest(CHAIN, 'clock.jumped'))?.data).toEqual({ from: later(noon, 3_600_000), to: later(noon, 7_200_000) });
  });

  test('a jump that was first seen by what came to nothing is recorded by what comes next', async () => {
    const clock = stillClock(noon);
    const store = await open(freshFolder(), false, clock);
    await store.append(CHAIN, [draft(0)]);
    const refused = { guards: [{ kind: 'size-is', size: 9 }] } as const;
    clock.wall += 3_600_000;
    expect(await store.reserve(CHAIN, request('a', { amount: usd(501n), expiresAt: later(noon, 7_200_000) }))).toMatchObject({ granted: false });
    await faultOf(store.append(CHAIN, [draft(1)], refused));
    const results = await Promise.allSettled([store.append(CHAIN, [draft(1)], refused), store.append(CHAIN, [draft(1), draft(2, { actor: 'x'.repeat(65_535) })]), store.append(CHAIN, [draft(2)])]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(await store.readEvidence(CHAIN, 'clock.jumped')).toMatchObject([{ seq: 1, data: { from: noon, to: later(noon, 3_600_000) } }]);
  });
});

describe('the file', () => {
  test('is private, ours, and named', async () => {
    const folder = freshFolder();
    expect(await stores().exists(folder)).toBe(false);
    await (await open(folder)).append(CHAIN, [draft(0)]);
    expect(await stores().exists(folder)).toBe(true);
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect([mode(folder), ...readdirSync(folder).map((file) => mode(join(folder, file)))]).toEqual(['700', '600', '600', '600']);
  });

  test('read-only never creates, never writes and leaves no trace', async () => {
    const folder = freshFolder();
    expect((await faultOf(open(folder, true))).code).toBe('STORE_UNFIT');
    expect(await stores().exists(folder)).toBe(false);
    const writer = await open(folder);
    await writer.append(CHAIN, drafts(3));
    await writer.close();
    const before = readdirSync(folder);
    const bytes = digestBytes(readFileSync(join(folder, 'ledger.db')));
    const reader = await open(folder, true);
    expect((await rows(reader)).length).toBe(3);
    expect(await problems(reader)).toEqual([]);
    await reader.cache('a', '1');
    expect((await faultOf(reader.append(CHAIN, [draft(3)]))).code).toBe('INTERNAL');
    await reader.close();
    expect([readdirSync(folder), digestBytes(readFileSync(join(folder, 'ledger.db')))]).toEqual([before, bytes]);
  });

  test('a reader sees what another connection wrote after it had opened', async () => {
    const folder = freshFolder();
    await (await open(folder)).close();
    const reader = await open(folder, true);
    expect(await reader.head(CHAIN)).toBeUndefined();
    const writer = await open(folder);
    await writer.append(CHAIN, drafts(2));
    expect((await reader.head(CHAIN))?.size).toBe(2);
    await writer.close();
    expect((await Promise.all([reader.head(CHAIN), rows(reader), problems(reader)])).map((one) => (Array.isArray(one) ? one.length : one?.size))).toEqual([2, 2, 0]);
  });

  test('a store in a folder that may not be written is read all the same', async () => {
    const folder = freshFolder();
    const writer = await open(folder);
    await writer.append(CHAIN, drafts(2));
    await writer.close();
    chmodSync(folder, 0o500);
    expect((await (await open(folder, true)).head(CHAIN))?.size).toBe(2);
    chmodSync(folder, 0o700);
  });

  test.each([
    ['a symbolic link to a folder', (folder: string) => { mkdirSync(`${folder}-real`); symlinkSync(`${folder}-real`, folder); }],
    ['a symbolic link to a file', (folder: string) => { mkdirSync(folder); writeFileSync(`${folder}.db`, ''); symlinkSync(`${folder}.db`, join(folder, 'ledger.db')); }],
    ['a file with two names', (folder: string) => { mkdirSync(folder); writeFileSync(`${folder}.db`, ''); linkSync(`${folder}.db`, join(folder, 'ledger.db')); }],
    ['a linked write-ahead log', (folder: string) => { mkdirSync(folder); writeFileSync(join(folder, 'x'), ''); symlinkSync(join(folder, 'x'), join(folder, 'ledger.db-wal')); }],
    ['a database of somebody else', (folder: string) => { mkdirSync(folder); const db = new Database(join(folder, 'ledger.db')); db.exec('CREATE TABLE t (x)'); db.close(); }],
  ])('%s is refused', async (_what, prepare) => {
    const folder = freshFolder();
    prepare(folder);
    expect((await faultOf(open(folder))).code).toBe('STORE_UNFIT');
    expect((await faultOf(open(folder, true))).code).toBe('STORE_UNFIT');
  });

  test.each([[0x6969, 'NFS'], [0xff534d42, 'CIFS'], [-11_317_950, 'CIFS'], [0xef53, undefined], [0x01021994, undefined], [0x794c7630, undefined], [0x9123683e, undefined]])('a file system of type %i is %s', (type, network) => {
    expect(networkFileSystem(type)).toBe(network);
  });

  test('a newer format wants an upgrade, and a file that is no database is not trusted', async () => {
    const folder = freshFolder();
    await (await open(folder)).close();
    const db = new Database(join(folder, 'ledger.db'));
    db.pragma('user_version = 99');
    db.close();
    expect((await faultOf(open(folder, true))).code).toBe('UPGRADE_NEEDED');
    expect((await faultOf(open(folder))).code).toBe('UPGRADE_NEEDED');
    writeFileSync(join(folder, 'ledger.db'), 'x'.repeat(4096));
    expect((await faultOf(open(folder))).code).toBe('STORE_TAMPERED');
    expect((await faultOf(open(folder, true))).code).toBe('STORE_TAMPERED');
  });

  test.each([
    ['13.2.0', '9', true], ['13.2.0', '10', false], ['12.11.1', '9', false], ['14.0.0', undefined, true],
  ])('better-sqlite3 %s on Node-API %s: refused before it loads = %s', (version, napi, refused) => {
    expect(unfitBuild(version, { node: '20.19.0', napi }) !== undefined).toBe(refused);
  });

  test.each([['3.51.3', true], ['3.51.2', false], ['3.53.2', true], ['3.7.0', false], ['4.0.0', true]])('SQLite %s is recent enough: %s', (version, recent) => {
    expect(isRecent(version)).toBe(recent);
  });
});

describe('several processes', () => {
  let bundle: ReturnType<typeof bundleChild>;
  beforeAll(() => { bundle = bundleChild('contract'); });
  afterAll(() => bundle.remove());

  test('4.2 eight processes reserve at once: exactly what the limit allows', async () => {
    const folder = freshFolder();
    const children = Array.from({ length: 8 }, () => startChild(bundle.path, [folder, 'reserve', '5']));
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual(Array(8).fill(0));
    expect(children.flatMap(({ lines }) => lines).filter((granted) => granted === true).length).toBe(10);
    const store = await open(folder);
    expect(await store.count(CHAIN, 'reservation.made')).toBe(10);
    expect(await problems(store)).toEqual([]);
  });

  test('when the disk takes no more, the append is a fault and what was acknowledged stays', async () => {
    const folder = freshFolder();
    // A file size limit stands in for the full disk; the signal that comes with it is ignored.
    const child = startChild('sh', [folder, 'append', '2000'], ["-c", `trap '' XFSZ; ulimit -f 600; exec "$@"`, 'sh', process.execPath, bundle.path]);
    expect(await child.ended).toBe(0);
    expect(child.lines.at(-1)).toMatchObject({ fault: 'IO', exit: 6 });
    const acknowledged = child.lines.slice(0, -1) as [number, string][];
    expect(acknowledged.length).toBeGreaterThan(10);
    const store = await open(folder);
    expect((await rows(store)).slice(0, acknowledged.length).map(({ seq, hash }) => [seq, hash])).toEqual(acknowledged);
    expect(await verifyChain(store.scan(CHAIN), { chain: CHAIN })).toMatchObject({ ok: true });
    expect(await problems(store)).toEqual([]);
  });

  test('the lock names its holder, and dies with it', async () => {
    const folder = freshFolder();
    const holder = startChild(bundle.path, [folder, 'lock']);
    await holder.line(0);
    const fault = await faultOf(stores().lock(folder, 'apply'));
    expect(fault.code).toBe('STORE_LOCKED');
    expect(fault.message).toContain(`process ${holder.process.pid} (apply) since `);
    holder.process.kill('SIGKILL');
    await holder.ended;
    const release = await stores().lock(folder, 'apply');
    expect((await faultOf(stores().lock(folder, 'apply'))).message).toContain(`process ${process.pid} (apply)`);
    await release();
    await release();
    await (await stores().lock(folder, 'apply'))();
  });
});
