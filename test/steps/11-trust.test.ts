import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentCard } from '@a2a-js/sdk';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, importJWK } from 'jose';
import { digestBytes } from '../../src/domain/digest.js';
import { Fault } from '../../src/domain/fault.js';
import type { World } from '../../src/domain/ports.js';
import type { CertificateReport, StepView } from '../../src/domain/report.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { stepById } from '../../src/steps/index.js';
import { certified, launched } from '../support/launched.js';
import { removeTinies, type Tiny } from '../support/tiny.js';

const SERVER = new URL('../support/static-server.mjs', import.meta.url).pathname;
const OUTSIDE = mkdtempSync(join(tmpdir(), 'agentctl-outside-'));
const servers: ChildProcess[] = [];
let published: Tiny;
let organisation: string;

beforeAll(async () => {
  published = await certified();
  await published.run('trust', 'card');
  await published.run('trust', 'publish');
  organisation = String((await published.entries('identity.registered'))[0]?.data['organisationDid']);
}, 60_000);
afterAll(() => {
  for (const child of servers) child.kill();
  rmSync(OUTSIDE, { recursive: true, force: true });
  removeTinies();
});

/** Another process serves the folder, and knows nothing of us. */
async function serve(folder: string): Promise<string> {
  const child = spawn(process.execPath, [SERVER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.push(child);
  const port = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(String(data).trim())));
  return `http://127.0.0.1:${port}`;
}

/** `agentctl trust verify` as a stranger: a folder without agent.yaml, store and keys. */
async function walkAt(url: string | readonly string[], options: Record<string, string | boolean | readonly string[]> = {}, names: Names = {}): Promise<CertificateReport & { exit: number }> {
  const card = stepById('trust')?.verbs.find((verb) => verb.name === 'verify');
  if (!card) throw new Error('no verb');
  const world = { ...published.world, http: named(published.world.http, names), surroundings: { ...published.world.surroundings, cwd: OUTSIDE } };
  const report = await runVerb(world, { yes: false }, 'trust', card, { args: [url].flat(), options: { trust: [organisation], allowScripted: true, ...options } });
  if (report.kind !== 'certificate') throw new Error(report.kind);
  return { ...report.data, exit: report.exit };
}
/** Origins that stand for a server of ours: a name service with a few lines. Nobody else is reached. */
type Names = Readonly<Record<string, string>>;
function named(http: World['http'], names: Names): World['http'] {
  return {
    ...http,
    fetchPublic: (url, limits) => {
      const { origin } = new URL(url);
      if (!(origin in names) && origin.startsWith('https:') && origin.endsWith('.example.com')) return Promise.reject(new Fault('NETWORK', `${origin} could not be reached`));
      return http.fetchPublic(url.replace(origin, names[origin] ?? origin), limits);
    },
  };
}
const broken = ({ links }: CertificateReport) => links.filter((one) => one.exit !== 0).map((one) => `${one.link}: ${one.because}`).join('\n');

async function trustStep(one: Tiny): Promise<StepView> {
  return one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const step = steps.find((view) => view.id === 'trust');
    if (!step) throw new Error('no step trust');
    return step;
  }, false);
}

/** Each in the signed list, or the list itself. */
const FILES = [
  '.well-known/agent-card.json', '.well-known/did.json', '.well-known/http-message-signatures-directory', '.well-known/http-message-signatures-directory.headers.json', 'build.json', 'certificate.dsse.json', 'certificate.sigstore.json', 'certificate.svr.dsse.json', 'certificate.vc.json',
  'certificates.intoto.jsonl', 'checkpoint.txt', 'index.html', 'organisation/did.json', 'pact.dsse.json', 'publication.dsse.json',
];
/** Signed anew more often than the list, and read by the web server. */
const BESIDE = ['status/1.json', '_headers'];

describe('11.3 11.4 11.6 card and publication', () => {
  test('the step passes, and says what it does not know', async () => {
    const step = await trustStep(published);
    expect(step.findings.map((one) => [one.row, one.id.slice(6), one.is])).toEqual([
      ['11.1', 'armalo', 'not-applicable'], ['11.2', 'bond', 'not-applicable'], ['11.3', 'card-signed', 'yes'], ['11.3', 'card-accurate', 'yes'],
      ['11.4', 'walk', 'yes'], ['11.4', 'reachable', 'unknown'], ['11.5', 'erc8004', 'not-applicable'], ['11.6', 'track-record', 'yes'],
    ]);
    expect(step.state).toBe('passed');
    expect(step.findings[0]?.because).toBe('registered nowhere, by choice');
  });

  test('the folder holds what a counterparty needs, each file in the signed list', async () => {
    const files = readdirSync(published.path('published'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(published.path('published').length + 1)).sort();
    expect(files).toEqual([...FILES, ...BESIDE].sort());
    const { payload } = JSON.parse(readFileSync(published.path('published/publication.dsse.json'), 'utf8')) as { payload: string };
    const { subject } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { subject: { name: string; digest: { sha256: string } }[] };
    for (const { name, digest } of subject) expect(digestBytes(readFileSync(published.path('published', name)))).toBe(`sha256:${digest.sha256}`);
    expect(subject).toHaveLength(FILES.length - 1);
    expect((await published.entries('trust.published')).at(-1)?.data).toMatchObject({ files: FILES.length + BESIDE.length, history: 1 });
  });

  test('11.3 the card reads with the A2A SDK and names the certificate', () => {
    const json = JSON.parse(readFileSync(published.path('artifacts/agent-card.json'), 'utf8')) as Record<string, unknown>;
    const card = AgentCard.fromJSON(json);
    expect([card.name, card.version, card.skills.map((skill) => skill.id), card.signatures.length]).toEqual(['tiny', '1.0.0', ['sorting'], 1]);
    expect(card.capabilities?.extensions?.[0]?.params).toMatchObject({ status: 'certified', issuer: organisation, certificateUrl: 'https://agents.example.com/certificate.dsse.json' });
  });

  test('the key directory is a JWKS that other tools read', async () => {
    const { keys } = JSON.parse(readFileSync(published.path('published/.well-known/http-message-signatures-directory'), 'utf8')) as { keys: { kid: string; kty: 'OKP'; crv: string; x: string }[] };
    const [key] = keys;
    if (!key) throw new Error('no key');
    expect(await calculateJwkThumbprint(key)).toBe(key.kid);
    await importJWK(key, 'EdDSA');
  });

  test('a did:web with a path is published where its readers look', async () => {
    const one = await launched((text) => text.replace('lifetime: P90D }', 'lifetime: P90D }\n  web: https://agents.example.com/tiny'));
    await one.run('certify', 'renew', { as: 'omar' });
    await one.run('trust', 'card');
    await one.run('trust', 'publish');
    const document = JSON.parse(readFileSync(one.path('published/tiny/did.json'), 'utf8')) as { id: string };
    expect(document.id).toBe('did:web:agents.example.com:tiny');
    const url = await serve(one.path('published'));
    const trust = [String((await one.entries('identity.registered'))[0]?.data['organisationDid'])];
    const unreachable = await walkAt(url, { trust });
    expect([unreachable.exit, broken(unreachable)]).toEqual([6, 'identity: https://agents.example.com could not be reached']);
    const names = { 'https://agents.example.com': url };
    expect(broken(await walkAt(url, { trust }, names))).toBe('');
    const byDid = await walkAt('did:web:agents.example.com:tiny', { trust }, names);
    expect([byDid.exit, broken(byDid), byDid.links[0]]).toEqual([0, '', { link: 'did', is: 'yes', because: 'did:web:agents.example.com:tiny is the agent', exit: 0 }]);
    const other = await walkAt('did:web:agents.example.com:other', { trust }, names);
    expect([other.exit, broken(other)]).toEqual([3, 'did: other/did.json is not published here']);
  }, 60_000);
});

describe('11.4 a counterparty, over HTTP, from another process', () => {
  let url: string;
  beforeAll(async () => {
    url = await serve(published.path('published'));
  });

  test('walks identity, owner, card and certificate: exit 0, without agent.yaml', async () => {
    const verdict = await walkAt(url);
    expect(broken(verdict)).toBe('');
    expect(verdict.exit).toBe(0);
    expect(verdict.links.map((one) => one.link)).toEqual(['list', 'identity', 'owner', 'card', 'envelope', 'signer', 'authority', 'ownership', 'sign-offs', 'checkpoint', 'freshness', 'revocation', 'policy', 'credential', 'summary', 'build', 'pact', 'log', 'keys', 'history']);
    expect(existsSync(join(OUTSIDE, '.agentctl'))).toBe(false);
  });

  test('the address of the card will do as well', async () => {
    expect((await walkAt(`${url}/.well-known/agent-card.json`)).exit).toBe(0);
  });

  test.each<[string, Record<string, string | boolean | readonly string[]>, number, string]>([
    ['no root', { trust: [] }, 3, 'you have not said whom you trust'],
    ['another root', { trust: ['did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw'] }, 3, 'not among the roots'],
    ['no scripts', { allowScripted: false }, 1, 'scripted stand-in'],
  ])('%s', async (_name, options, exit, words) => {
    const verdict = await walkAt(url, options);
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringContaining(words)]);
  });

  test('nobody there, nothing there, no address', async () => {
    await expect(walkAt('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'NETWORK', exit: 6 });
    await expect(walkAt('agents.example.com')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(walkAt('http://agents.example.org')).rejects.toMatchObject({ code: 'REFUSED', exit: 1 });
    await expect(walkAt('https://10.0.0.1')).rejects.toMatchObject({ code: 'REFUSED', exit: 1, message: expect.stringContaining('not a public address') as unknown as string });
    await expect(walkAt('did:web:192.168.1.1')).rejects.toMatchObject({ code: 'REFUSED', exit: 1 });
    expect(await walkAt(await serve(OUTSIDE))).toMatchObject({ exit: 3, links: [{ link: 'certificate', is: 'unknown' }] });
  });
});

describe('11.4 asked for by a DID', () => {
  test('a did:key does not say where it is published; with the address beside it, it has to be found there', async () => {
    const url = await serve(published.path('published'));
    const agent = String((await published.entries('identity.registered'))[0]?.data['agentDid']);
    await expect(walkAt(agent)).rejects.toMatchObject({ code: 'USAGE', message: 'a did:key does not say where it is published', hint: `agentctl trust verify https://agents.example.com ${agent}` });
    await expect(walkAt([agent, agent])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(walkAt([url, 'did:key:z6Mk'])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(walkAt('did:web:..%2f')).rejects.toMatchObject({ code: 'USAGE' });
    await expect(walkAt('did:plc:abc')).rejects.toMatchObject({ code: 'USAGE' });
    expect((await walkAt([url, agent])).links[0]).toMatchObject({ link: 'did', is: 'yes', because: `${agent} is the agent` });
    expect((await walkAt([url, organisation])).links[0]).toMatchObject({ link: 'did', is: 'yes', because: `${organisation} is Tiny Cooperative` });
    const other = await walkAt([url, 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw']);
    expect([other.exit, broken(other)]).toEqual([4, expect.stringContaining('is neither the agent that is certified here nor its organisation')]);
  });
});

describe('11.4 a place that serves badly', () => {
  /** The published folder, with one answer of its own. */
  async function badly(path: string, answer: (response: ServerResponse) => void): Promise<string> {
    const server = createServer((request, response) => {
      if (request.url === path) return answer(response);
      const file = published.path('published', request.url ?? '');
      if (!existsSync(file)) return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': file.endsWith('directory') ? 'application/http-message-signatures-directory+json' : 'application/octet-stream' }).end(readFileSync(file));
    });
    closing.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const closing: Server[] = [];
  afterAll(() => { for (const server of closing) server.close(); });

  test.each<[string, string, (response: ServerResponse) => void, number, RegExp]>([
    ['its start page for every file', '/pact.dsse.json', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>'), 3, /pact\.dsse\.json is not published here: a web page answers in its place/],
    ['the key directory as plain JSON', '/.well-known/http-message-signatures-directory', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(readFileSync(published.path('published/.well-known/http-message-signatures-directory'))), 3, /keys: .*is served as application\/json: readers of signed requests want/],
    ['nothing for the card', '/.well-known/agent-card.json', (response) => response.writeHead(410).end(), 3, /card: .*is not published here/],
    ['a stranger\'s status list', '/status/1.json', (response) => response.writeHead(200).end('{"issuer":"did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"}'), 4, /revocation/],
  ])('%s', async (_name, path, answer, exit, finding) => {
    const verdict = await walkAt(await badly(path, answer));
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test.each<[string, string, (response: ServerResponse) => void, RegExp]>([
    ['a redirect', '/.well-known/agent-card.json', (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(), /redirect, which is not followed/],
    ['a file without end', '/build.json', (response) => { response.writeHead(200); for (let part = 0; part < 9; part += 1) response.write('x'.repeat(1024 * 1024)); response.end(); }, /longer than/],
    ['an error', '/certificate.dsse.json', (response) => response.writeHead(500).end(), /status 500/],
  ])('%s is no verdict: exit 6', async (_name, path, answer, message) => {
    await expect(walkAt(await badly(path, answer))).rejects.toMatchObject({ code: 'NETWORK', exit: 6, message: expect.stringMatching(message) as unknown as string });
  });
});

describe('11.4 sabotage: a published file that was changed or taken away is found', () => {
  let copy: Tiny;
  let url: string;
  beforeAll(async () => {
    copy = published.copy();
    url = await serve(copy.path('published'));
  });

  test.each(FILES)('changed: %s', async (file) => {
    const path = copy.path('published', file);
    const before = readFileSync(path);
    appendFileSync(path, file.endsWith('.jsonl') ? '{}\n' : ' x');
    const verdict = await walkAt(url);
    writeFileSync(path, before);
    expect([verdict.exit, broken(verdict)]).toEqual([4, expect.stringMatching(file.startsWith('publication') || file === 'certificate.dsse.json' ? /publication|text after|envelope/ : new RegExp(file.replaceAll('.', '\\.')))]);
  });

  test.each(FILES)('taken away: %s', async (file) => {
    const path = copy.path('published', file);
    const before = readFileSync(path);
    rmSync(path);
    const verdict = await walkAt(url);
    writeFileSync(path, before);
    expect([verdict.exit, broken(verdict)]).toEqual([3, expect.stringContaining(file)]);
  });

  test('put back, the walk holds again', async () => {
    expect((await walkAt(url)).exit).toBe(0);
  });

  test.each(['build.json', 'checkpoint.txt', '.well-known/did.json'])('a folder in which %s went wrong while it was written is no evidence', async (file) => {
    const one = published.copy();
    const { files } = one.world;
    const world: World = { ...one.world, files: { ...files, write: (path, data, mode) => files.write(path, path.endsWith(`/published/${file}`) ? `${String(data)} ` : data, mode) } };
    const card = stepById('trust')?.verbs.find((verb) => verb.name === 'publish');
    if (!card) throw new Error('no verb');
    await expect(runVerb(world, { yes: true }, 'trust', card, { args: [], options: {} })).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining(file) as unknown as string });
    expect(await one.entries('trust.published')).toHaveLength(1);
  });

  test('a card of another agent, though genuine', async () => {
    const other = await certified();
    await other.run('trust', 'card');
    const path = copy.path('published/.well-known/agent-card.json');
    const before = readFileSync(path);
    writeFileSync(path, readFileSync(other.path('artifacts/agent-card.json')));
    const verdict = await walkAt(url);
    writeFileSync(path, before);
    expect(verdict.exit).toBe(4);
    expect(verdict.links.find((one) => one.link === 'card')?.is).toBe('no');
  }, 60_000);
});

describe('9.4 11.3 11.4 a certificate that is revoked', () => {
  test('card, folder and list say so; whoever walks reads it, and nobody is told that the step passes', async () => {
    const one = published.copy();
    await one.run('certify', 'revoke', { cause: 'evidence-false', reason: 'the data set was wrong' });
    expect((await trustStep(one)).state).not.toBe('passed');
    expect(await one.fault('trust', 'publish')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl trust card' });
    // The list alone is enough for a stranger to see it, and says that the card is old.
    await one.run('trust', 'publish', { statusOnly: true });
    const url = await serve(one.path('published'));
    const early = await walkAt(url);
    expect([early.exit, broken(early)]).toEqual([1, expect.stringMatching(/^card: the card says "certified", but the certificate was revoked.*\nrevocation: revoked: place \d+ of https:\/\/agents\.example\.com\/status\/1\.json is set$/s)]);
    expect((await one.run('trust', 'card')).headline).toBe('the card of tiny is signed: revoked');
    expect((await one.run('trust', 'publish')).headline).toContain('reads that the certificate is revoked');
    expect(await one.entries('trust.published')).toHaveLength(1);
    const late = await walkAt(url);
    expect([late.exit, broken(late)]).toEqual([1, expect.stringMatching(/^revocation: revoked: place \d+ of \S+ is set$/)]);
    expect(readFileSync(one.path('published/index.html'), 'utf8')).toContain('Its certificate was revoked');
    expect((await trustStep(one)).findings.find((finding) => finding.id === 'trust.walk')).toMatchObject({ is: 'no' });
  }, 60_000);

  test('after its end the card says so, and the walk cannot say yes', async () => {
    const one = published.copy();
    one.clock.set('2027-05-01T00:00:00.000Z');
    await one.run('certify', 'status', { refresh: true });
    await one.run('trust', 'card');
    expect((await one.run('trust', 'publish')).headline).toContain('is expired');
    expect(readFileSync(one.path('published/.well-known/agent-card.json'), 'utf8')).toContain('"status":"expired"');
  }, 60_000);
});

describe('1.1 11.3 11.4 the organisation has a new key', () => {
  test('card and folder are signed with it, the card with the former one too; whoever trusts the first key follows', async () => {
    const one = published.copy();
    one.clock.set('2026-11-22T13:00:00.000Z');
    await one.run('identity', 'rotate', { role: 'organisation' });
    await one.run('certify', 'status', { refresh: true });
    await one.run('trust', 'card');
    const { signatures } = JSON.parse(readFileSync(one.path('artifacts/agent-card.json'), 'utf8')) as { signatures: { protected: string }[] };
    const kids = signatures.map((signature) => (JSON.parse(Buffer.from(signature.protected, 'base64url').toString()) as { kid: string }).kid);
    expect([kids.length, kids[1], kids[0] === kids[1]]).toEqual([2, organisation, false]);
    await one.run('trust', 'publish');
    const url = await serve(one.path('published'));
    const world = published.world.clock as { set?(instant: string): void; now(): string };
    const before = world.now();
    world.set?.('2026-11-22T13:00:00.000Z');
    const verdict = await walkAt(url);
    world.set?.(before);
    expect([verdict.exit, broken(verdict), verdict.links[0]?.because]).toEqual([0, '', 'Tiny Cooperative has had 2 keys, tiny 1 key, each named by the one before']);
  }, 60_000);
});

describe('1.1 11.3 11.4 former keys turn out to be stolen', () => {
  test.each(['organisation', 'agent'] as const)('the one of the %s: with new keys everything is certified and published again, and the old certificate says that it does not count', async (role) => {
    const one = published.copy();
    one.clock.set('2026-11-23T12:00:00.000Z');
    const { data } = await one.run('identity', 'rotate', { role });
    one.clock.set('2026-11-24T12:00:00.000Z');
    await one.run('identity', 'withdraw', { role, key: String(data['from']), cause: 'compromised' });
    await one.run('identity', 'register');
    await one.run('certify', 'run');
    await one.run('certify', 'renew', { as: 'omar' });
    await one.run('trust', 'card');
    expect(await one.run('trust', 'publish')).toMatchObject({ exit: 0, headline: expect.stringContaining('every link of the walk holds') });
    const rows = (await one.run('trust', 'history')).tables?.[0]?.rows.map((row) => row.at(-1));
    expect(rows).toEqual([role === 'organisation' ? 'key stolen' : 'in force', 'in force']);
  }, 60_000);

  test('a folder that leads nobody through is not written: what is served stays', async () => {
    const one = published.copy();
    const before = readFileSync(one.path('published/publication.dsse.json'), 'utf8');
    one.clock.set('2026-11-24T12:00:00.000Z');
    await one.run('certify', 'run');
    await one.run('certify', 'renew', { as: 'omar' });
    await one.run('trust', 'card');
    rmSync(one.path('artifacts/status'), { recursive: true });
    expect(await one.fault('trust', 'publish')).toMatchObject({ code: 'REFUSED', exit: 1, hint: 'agentctl certify status --refresh' });
    expect(readFileSync(one.path('published/publication.dsse.json'), 'utf8')).toBe(before);
  }, 60_000);
});

describe('9.4 a mirror', () => {
  test('cannot hide a revocation behind the list from before it, while the address that the certificate names answers', async () => {
    const one = published.copy();
    const mirror = await serve(one.copy().path('published'));
    await one.run('certify', 'revoke', { cause: 'evidence-false', reason: 'the data set was wrong' });
    await one.run('trust', 'publish', { statusOnly: true });
    const named = await serve(one.path('published'));
    const at = async (names: Names) => (await walkAt(mirror, {}, names)).links.find(({ link }) => link === 'revocation');
    expect(await at({ 'https://agents.example.com': named })).toMatchObject({ is: 'no', exit: 1, because: expect.stringContaining('revoked') });
    expect(await at({})).toMatchObject({ is: 'yes', because: expect.stringContaining('the address itself did not answer') });
  }, 60_000);
});

describe('11.6 the history travels', () => {
  let renewed: Tiny;
  beforeAll(async () => {
    renewed = published.copy();
    await renewed.run('certify', 'run');
    await renewed.run('certify', 'renew', { as: 'lena' });
  }, 60_000);

  async function checkAt(file: string, trust: readonly string[] = [organisation]) {
    const card = stepById('trust')?.verbs.find((verb) => verb.name === 'history');
    if (!card) throw new Error('no verb');
    const world = { ...renewed.world, surroundings: { ...renewed.world.surroundings, cwd: OUTSIDE } };
    const report = await runVerb(world, { yes: false }, 'trust', card, { args: [], options: { check: file, trust } });
    if (report.kind !== 'certificate') throw new Error(report.kind);
    return { ...report.data, exit: report.exit };
  }

  test('in words, and as a file that a stranger verifies without agent.yaml', async () => {
    const shown = await renewed.run('trust', 'history', { out: 'history.jsonl' });
    expect(shown.headline).toBe('2 certificates of tiny, each signed by Tiny Cooperative and naming the one before');
    expect(shown.tables?.[0]?.rows.map((row) => row.at(-1))).toEqual(['in force', 'in force']);
    const verdict = await checkAt(renewed.path('history.jsonl'));
    expect([verdict.exit, broken(verdict), verdict.links.map((one) => one.link)]).toEqual([0, '', ['history', 'authority', '1', '2']]);
    expect(existsSync(join(OUTSIDE, '.agentctl'))).toBe(false);
  });

  test.each<[string, (lines: readonly string[]) => readonly string[], readonly string[] | undefined, number, RegExp]>([
    ['nobody trusted', (lines) => lines, [], 3, /authority: the signature holds/],
    ['somebody else trusted', (lines) => lines, ['did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw'], 3, /authority: .*not among the roots/],
    ['the first left out', ([, second = '']) => [second], undefined, 4, /history: certificate 1 of the history: it does not follow/],
    ['in another order', ([first = '', second = '']) => [second, first], undefined, 4, /certificate 1 of the history: it does not follow/],
    ['one twice', ([first = '', second = '']) => [first, first, second], undefined, 4, /certificate 2 of the history: it does not follow/],
    ['one edited', ([first = '', second = '']) => [first.replace(/"payload":"(.{40})./, '"payload":"$1A'), second], undefined, 4, /certificate 1 of the history/],
    ['another statement in its place', ([first = '']) => [first, readFileSync(renewed.path('published/publication.dsse.json'), 'utf8').trim()], undefined, 4, /history/],
    ['nothing', () => [], undefined, 3, /holds no certificate/],
    ['no JSON', () => ['x'], undefined, 4, /history/],
  ])('%s', async (_name, change, trust, exit, finding) => {
    rmSync(renewed.path('changed.jsonl'), { force: true });
    await renewed.run('trust', 'history', { out: 'changed.jsonl' });
    writeFileSync(renewed.path('changed.jsonl'), change(readFileSync(renewed.path('changed.jsonl'), 'utf8').trimEnd().split('\n')).map((line) => `${line}\n`).join(''));
    const verdict = await checkAt(renewed.path('changed.jsonl'), trust);
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test('another file is not overwritten', async () => {
    expect(await renewed.fault('trust', 'history', { out: 'agent.yaml' })).toMatchObject({ code: 'REFUSED', exit: 1, at: renewed.path('agent.yaml') });
    expect(await renewed.fault('trust', 'history', { out: 'x.jsonl', check: 'y.jsonl' })).toMatchObject({ code: 'USAGE', exit: 2 });
  });

  test('no file, no certificate', async () => {
    await expect(checkAt('nothing.jsonl')).rejects.toMatchObject({ code: 'EVIDENCE_MISSING' });
    expect(await (await launched()).fault('trust', 'history')).toMatchObject({ code: 'EVIDENCE_MISSING' });
  }, 60_000);
});

describe('11.1 11.2 11.3 what is not proven', () => {
  test('no card without a certificate, no folder without a card', async () => {
    const one = await launched();
    expect(await one.fault('trust', 'card')).toMatchObject({ code: 'BLOCKED' });
    await one.run('certify', 'renew', { as: 'omar' });
    expect(await one.fault('trust', 'publish')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl trust card' });
    expect(await one.entries('trust.published')).toHaveLength(0);
    expect((await trustStep(one)).state).toBe('unproven');
  }, 60_000);

  test('11.6 a renewal makes card and folder stale; published again, the history is longer', async () => {
    const one = published.copy();
    await one.run('certify', 'run');
    await one.run('certify', 'renew', { as: 'lena' });
    const step = await trustStep(one);
    expect(step.state).toBe('stale');
    expect(step.findings.find((finding) => finding.id === 'trust.card-accurate')).toMatchObject({ is: 'unknown', because: 'the card is out of date: certificate' });
    expect(await one.fault('trust', 'publish')).toMatchObject({ code: 'EVIDENCE_MISSING' });
    await one.run('trust', 'card');
    await one.run('trust', 'publish');
    expect((await trustStep(one)).state).toBe('passed');
    expect(readFileSync(one.path('published/certificates.intoto.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2);
    expect((await walkAt(await serve(one.path('published')))).exit).toBe(0);
  });

  test('11.3 a card that no longer says what agent.yaml says', async () => {
    const one = published.copy();
    one.edit('agent.yaml', (text) => text.replace('description: Keeps or drops a note, and', 'description: Does everything, and'));
    const step = await trustStep(one);
    expect(step.findings.find((finding) => finding.id === 'trust.card-accurate')).toMatchObject({ is: 'unknown', because: 'the card is out of date: description' });
  });

  test.each(['armalo', 'erc8004'])('a configured registry (%s) is unknown: not yet checkable', async (kind) => {
    const one = published.copy();
    one.edit('agent.yaml', (text) => text.replace('registries: []', `registries: [{ kind: ${kind} }]`));
    const finding = (await trustStep(one)).findings.find((each) => each.id === `trust.${kind}`);
    expect(finding).toMatchObject({ is: 'unknown', because: expect.stringContaining('not yet checkable') as unknown as string });
  });

  test('11.2 financial authority asks for a bond, which nobody can check yet', async () => {
    const one = published.copy();
    one.edit('agent.yaml', (text) => text.replace('stakes: low', 'stakes: standard').replace('"note:move"]', '"note:move", "payments:send"]'));
    expect((await trustStep(one)).findings.find((finding) => finding.id === 'trust.bond')).toMatchObject({ is: 'unknown', because: expect.stringContaining('payments:send') as unknown as string });
  });

  test.each(['.', 'artifacts', '.agentctl/public', 'prompts'])('a folder that holds other things is refused: %s', async (folder) => {
    const one = published.copy();
    one.edit('agent.yaml', (text) => text.replace('folder: published', `folder: ${folder}`));
    expect(await one.fault('trust', 'publish')).toMatchObject({ code: 'MANIFEST_INVALID', at: expect.stringMatching(/^agent\.yaml:\d+:\d+$/) as unknown as string });
  });
});
