/** DIDs of strangers over real TLS, read by the command and by independent packages; and what a forger could publish. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isPublicAddress } from '../../src/adapters/public-address.js';
import { canonical } from '../../src/domain/canonical.js';
import { didKeyDocument, didWebDocument, didWebHistory } from '../../src/identity/did-document.js';
import { multikeyOf } from '../../src/identity/did-key.js';
import { signerOf } from '../../src/identity/signer.js';
import { resolveDid, type Resolution } from '../../src/engine/resolve-did.js';
import type { Http, HttpResponse } from '../../src/domain/ports.js';
import { standingClock } from '../support/still-world.js';
import { testWorld } from '../support/world.js';
import { cli, type Report } from '../support/cli.js';
import { Publisher, TRUSTING, type Published } from '../support/publisher.js';

const READERS = new URL('../identity/did-readers.mjs', import.meta.url).pathname;
const NOW = '2026-11-22T12:00:00.000Z';
const alice = await signerOf(new Uint8Array(32).fill(1));
const bob = await signerOf(new Uint8Array(32).fill(2));

let publisher: Publisher;
let folder: string;
beforeAll(async () => { publisher = await Publisher.start(); });
afterAll(() => publisher.stop());
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'agentctl-did-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const didAt = (...path: readonly string[]) => publisher.did(...path);
const publish = (path: string, what: Published) => publisher.publish(path, what);

/** `agentctl identity resolve`, in a process that trusts the publisher's certificate; nothing else is known to it. */
async function resolve(did: string, words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Report> {
  const { stdout } = await cli(['identity', 'resolve', did, '--json', ...words], {
    cwd: folder, env: { HOME: folder, AGENTCTL_CONFIG_DIR: join(folder, '.config'), STILL_NOW: NOW, STILL_SEED: 'x', ...TRUSTING, ...env },
  });
  return JSON.parse(stdout) as Report;
}

/** The same in this process, which believes no publisher here: for what is decided before anybody is asked, or asked of one who is made up. */
function here(did: string, { now = NOW, refresh = false, http = {} }: { now?: string; refresh?: boolean; http?: Partial<Http> } = {}): Promise<Resolution> {
  const world = testWorld({ cwd: folder, configDir: join(folder, '.config') });
  return resolveDid({ ...world, clock: standingClock(now), http: { ...world.http, ...http } }, did, { refresh });
}
const keysOf = ({ report }: Report) => (report as { data: { assertionKeys: { did: string }[] } }).data.assertionKeys.map((key) => key.did);

type Read = { readonly id?: string; readonly error?: string; readonly verificationMethod?: readonly Record<string, string>[]; readonly assertionMethod?: readonly string[] };
async function otherReaders(did: string): Promise<{ readonly didIo: Read; readonly resolver: Read }> {
  const child = spawn(process.execPath, ['--no-warnings', READERS, did], { env: { PATH: process.env['PATH'], ...TRUSTING }, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(child, 'close');
  return JSON.parse(text) as { didIo: Read; resolver: Read };
}

describe('1.1 did:key', () => {
  test('is its own document, the same for the packages of others, and needs no network', async () => {
    const mine = await resolve(alice.did);
    expect([mine.exit, keysOf(mine)]).toEqual([0, [alice.did]]);
    const { didIo, resolver } = await otherReaders(alice.did);
    const { document } = (mine.report as { data: { document: Record<string, unknown> } }).data;
    expect(document).toEqual(didKeyDocument(alice.publicKey));
    for (const member of ['id', 'assertionMethod', 'authentication', 'verificationMethod'] as const) expect(document[member]).toEqual((didIo as Record<string, unknown>)[member]);
    // Another notation of the key (Ed25519VerificationKey2018), under the same names.
    expect([resolver.id, resolver.assertionMethod]).toEqual([document['id'], document['assertionMethod']]);
  });

  test.each([
    ['a point of small order', `did:key:${multikeyOf(Uint8Array.from([1, ...new Uint8Array(31)]))}`, 'KEY_UNFIT', 4],
    ['another curve', 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme', 'KEY_UNFIT', 4],
    ['another method', 'did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w', 'INPUT_INVALID', 2],
    ['no DID', 'example.com', 'INPUT_INVALID', 2],
  ])('%s is refused', async (_name, did, code, exit) => {
    await expect(here(did)).rejects.toMatchObject({ exit, code });
  });
});

describe('1.1 did:web over TLS', () => {
  test.each([
    ['without a path', [], '/.well-known/did.json'],
    ['with a path', ['agents', 'alice'], '/agents/alice/did.json'],
  ])('%s: port, keys and place as the packages of others find them', async (_name, path, place) => {
    const did = didAt(...path);
    await publish(place, { text: canonical(didWebDocument(did, alice.publicKey, [alice.did])) });
    const mine = await resolve(did);
    expect([mine.exit, keysOf(mine)]).toEqual([0, [alice.did]]);
    expect((mine.report as { data: object }).data).toMatchObject({ alsoKnownAs: [alice.did], source: { url: `https://localhost:${publisher.port}${place}`, at: NOW, cached: false } });
    const { didIo, resolver } = await otherReaders(did);
    const { document } = (mine.report as { data: { document: object } }).data;
    expect([didIo, resolver]).toEqual([document, document]);
  });

  test('a rotated key is kept for the record, in a form that the packages of others read', async () => {
    const did = didAt('rotated');
    const history = { root: alice.did, keys: [{ did: alice.did, from: null, ended: { at: '2026-01-01T00:00:00.000Z', cause: 'superseded' as const } }, { did: bob.did, from: '2026-01-01T00:00:00.000Z', ended: null }] };
    await publish('/rotated/did.json', { text: canonical(didWebHistory(did, history, [alice.did])) });
    const mine = await resolve(did);
    expect(keysOf(mine)).toEqual([bob.did]);
    expect((mine.report as { data: object }).data).toMatchObject({ keys: [{ id: `${did}#key-1`, did: alice.did, relationships: [], expires: '2026-01-01T00:00:00.000Z' }, { id: `${did}#key-2`, did: bob.did }] });
    const { didIo, resolver } = await otherReaders(did);
    for (const read of [didIo, resolver]) expect([read.assertionMethod, read.verificationMethod?.length]).toEqual([[`${did}#key-2`], 2]);
  });

  test('9.3 --out writes a root to trust, and no other file over', async () => {
    const did = didAt('root');
    await publish('/root/did.json', { text: canonical(didWebDocument(did, alice.publicKey)) });
    expect((await resolve(did, ['--out', 'root.json'])).exit).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'root.json'), 'utf8'))).toMatchObject({ id: did });
    expect(await resolve(did, ['--out', 'root.json'])).toMatchObject({ exit: 1, fault: { code: 'REFUSED' } });
  });

  describe('what was read is kept for a quarter of an hour', () => {
    const did = 'did:web:agents.example.com';
    let answer: HttpResponse;
    let asked = 0;
    const http = { fetchPublic: () => Promise.resolve((asked += 1, answer)) };
    const says = (publicKey: Uint8Array) => { answer = { status: 200, headers: {}, body: canonical(didWebDocument(did, publicKey)) }; };
    const keysAt = async (now: string, refresh = false) => (await here(did, { now, refresh, http })).assertionKeys.map((key) => key.did);
    const keptFile = () => join(folder, '.config/dids', readdirSync(join(folder, '.config/dids'))[0] ?? '');
    beforeEach(async () => {
      says(alice.publicKey);
      await keysAt(NOW);
      says(bob.publicKey);
      asked = 0;
    });

    test('in a private file that tells nothing by its name', () => {
      expect([keptFile(), statSync(keptFile()).mode & 0o777]).toEqual([expect.stringMatching(/[0-9a-f]{64}\.json$/), 0o600]);
    });

    test.each([['2026-11-22T12:14:59.999Z', false, alice.did, 0], ['2026-11-22T12:15:00.000Z', false, bob.did, 1], ['2026-11-22T12:00:01.000Z', true, bob.did, 1]])('at %s, with --refresh %s', async (now, refresh, key, times) => {
      expect([await keysAt(now, refresh), asked]).toEqual([[key], times]);
    });

    test('a stale one is never used, not even when the publisher has nothing to say', async () => {
      answer = { status: 503, headers: {}, body: '' };
      await expect(keysAt('2026-11-22T12:15:00.000Z')).rejects.toMatchObject({ code: 'NETWORK', exit: 6 });
    });

    test('one from the future would never grow old', async () => {
      expect(await keysAt('2026-11-22T11:59:59.999Z')).toEqual([bob.did]);
    });

    test.each([['half of it', (text: string) => text.slice(0, 40)], ['that of another DID', (text: string) => text.replace(did, 'did:web:evil.example')], ['one more member', (text: string) => text.replace('{', '{"more":1,')]])('%s is as good as nothing', async (_name, change) => {
      writeFileSync(keptFile(), change(readFileSync(keptFile(), 'utf8')));
      expect(await keysAt('2026-11-22T12:00:01.000Z')).toEqual([bob.did]);
    });

    test('the document of another that somebody put there is refused like one that was fetched', async () => {
      writeFileSync(keptFile(), readFileSync(keptFile(), 'utf8').replaceAll('example.com#', 'evil.example#').replace('\\"id\\":\\"did:web:agents.example.com\\"', '\\"id\\":\\"did:web:evil.example\\"'));
      await expect(keysAt('2026-11-22T12:00:01.000Z')).rejects.toMatchObject({ code: 'KEY_UNFIT' });
    });

    test('a folder that cannot be written to costs nothing but the memory', async () => {
      rmSync(join(folder, '.config'), { recursive: true });
      writeFileSync(join(folder, '.config'), '');
      expect(await keysAt(NOW)).toEqual([bob.did]);
    });
  });
});

describe('1.1 a publisher who cannot be believed', () => {
  const honest = () => didWebDocument(didAt('x'), alice.publicKey);
  const cases: readonly (readonly [string, () => Published, string, number, string])[] = [
    ['the document of another DID', () => ({ text: canonical(didWebDocument(didAt('y'), alice.publicKey)) }), 'KEY_UNFIT', 4, 'is about'],
    ['no JSON', () => ({ text: '<!doctype html>' }), 'INPUT_INVALID', 2, 'JSON'],
    ['JSON of another shape', () => ({ text: '[]' }), 'INPUT_INVALID', 2, 'object'],
    ['duplicate keys', () => ({ text: canonical(honest()).replace('{', '{"id":"did:web:evil.example",') }), 'INPUT_INVALID', 2, 'duplicate'],
    ['more than 64 KiB', () => ({ text: canonical({ ...honest(), padding: 'x'.repeat(65_536) }) }), 'NETWORK', 6, 'longer than'],
    ['no end', () => ({ slow: true }), 'NETWORK', 6, 'within 10000 ms'],
    ['nothing', () => ({ status: 404 }), 'EVIDENCE_MISSING', 3, 'no DID document'],
    ['an error', () => ({ status: 500 }), 'NETWORK', 6, 'status 500'],
    ['a redirect inside', () => ({ redirect: 'http://10.0.0.1/did.json' }), 'NETWORK', 6, 'redirect'],
    ['a redirect inside, as IPv6', () => ({ redirect: 'https://[::ffff:10.0.0.1]/did.json' }), 'NETWORK', 6, 'redirect'],
    ['a redirect to a file', () => ({ redirect: 'file:///etc/passwd' }), 'NETWORK', 6, 'redirect'],
    ['a redirect to itself', () => ({ redirect: '/x/did.json' }), 'NETWORK', 6, 'redirect'],
  ];
  test.each(cases)('%s', async (_name, what, code, exit, because) => {
    await publish('/x/did.json', what());
    expect(await resolve(didAt('x'))).toMatchObject({ exit, fault: { code, message: expect.stringContaining(because) } });
  }, 20_000);

  test.each([
    ['did:web:10.0.0.1'], ['did:web:169.254.169.254:latest'], ['did:web:0x0a000001'], ['did:web:2130706433%3A80'.replace('2130706433', '167772161')], ['did:web:192.168.1.1%3A8443:x'],
  ])('%s is an address of the inside', async (did) => {
    await expect(here(did)).rejects.toMatchObject({ exit: 1, code: 'REFUSED', message: expect.stringContaining('not a public address') });
  });

  test.each([['did:web:[::1]'], ['did:web:%5B::ffff:10.0.0.1%5D'], ['did:web:user@example.com'], ['did:web:example.com:..:x'], ['did:web:example.com%2Fx'], ['did:web:example.com%3A99999999'], ['did:web:exаmple.com']])('%s is no did:web', async (did) => {
    await expect(here(did)).rejects.toMatchObject({ exit: 2, code: 'INPUT_INVALID' });
  });

  test('a name that leads to an address of the inside', async () => {
    const { address } = await lookup(hostname());
    // The name of this machine, as every resolver knows it; where it is on the open internet, no publisher answers at that port.
    await expect(here(`did:web:${hostname()}%3A${publisher.port}`)).rejects.toMatchObject({ code: isPublicAddress(address) ? 'NETWORK' : 'REFUSED' });
  });

  test('a certificate that nobody vouches for, even where Node is told not to mind', async () => {
    await publish('/x/did.json', { text: canonical(honest()) });
    expect((await resolve(didAt('x'))).exit).toBe(0);
    for (const env of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' }]) {
      expect(await resolve(didAt('x'), ['--refresh'], { NODE_EXTRA_CA_CERTS: '', ...env })).toMatchObject({ exit: 6, fault: { code: 'NETWORK' } });
    }
  });
});
