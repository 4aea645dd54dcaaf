import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentCard } from '@a2a-js/sdk';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, importJWK } from 'jose';
import { digestBytes } from '../../src/domain/digest.js';
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
async function walkAt(url: string, options: Record<string, string | boolean | readonly string[]> = {}): Promise<CertificateReport & { exit: number }> {
  const card = stepById('trust')?.verbs.find((verb) => verb.name === 'verify');
  if (!card) throw new Error('no verb');
  const world = { ...published.world, surroundings: { ...published.world.surroundings, cwd: OUTSIDE } };
  const report = await runVerb(world, { yes: false }, 'trust', card, { args: [url], options: { trust: [organisation], allowScripted: true, ...options } });
  if (report.kind !== 'certificate') throw new Error(report.kind);
  return { ...report.data, exit: report.exit };
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

const FILES = [
  '.well-known/agent-card.json', '.well-known/did.json', '.well-known/http-message-signatures-directory', '.well-known/http-message-signatures-directory.headers.json', 'build.json', 'certificate.dsse.json', 'certificate.sigstore.json',
  'certificates.intoto.jsonl', 'checkpoint.txt', 'index.html', 'organisation/did.json', 'pact.dsse.json', 'publication.dsse.json',
];

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
    expect(files).toEqual([...FILES].sort());
    const { payload } = JSON.parse(readFileSync(published.path('published/publication.dsse.json'), 'utf8')) as { payload: string };
    const { subject } = JSON.parse(Buffer.from(payload, 'base64').toString()) as { subject: { name: string; digest: { sha256: string } }[] };
    for (const { name, digest } of subject) expect(digestBytes(readFileSync(published.path('published', name)))).toBe(`sha256:${digest.sha256}`);
    expect(subject).toHaveLength(FILES.length - 1);
    expect((await published.entries('trust.published')).at(-1)?.data).toMatchObject({ files: FILES.length, history: 1 });
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
    const elsewhere = await walkAt(await serve(one.path('published')), { trust: [String((await one.entries('identity.registered'))[0]?.data['organisationDid'])] });
    expect([elsewhere.exit, broken(elsewhere)]).toEqual([3, expect.stringContaining('this place cannot confirm it')]);
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
    expect(verdict.links.map((one) => one.link)).toEqual(['list', 'identity', 'owner', 'card', 'envelope', 'signer', 'authority', 'ownership', 'sign-offs', 'checkpoint', 'freshness', 'revocation', 'policy', 'build', 'pact', 'log', 'keys', 'history']);
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
    await expect(walkAt('http://agents.example.com')).rejects.toMatchObject({ code: 'REFUSED' });
    expect(await walkAt(await serve(OUTSIDE))).toMatchObject({ exit: 3, links: [{ link: 'certificate', is: 'unknown' }] });
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
