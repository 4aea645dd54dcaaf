/** Proof of possession between two parties: a counterparty asks, the agent answers, the answer counts once; and everything that is no such answer. */
import { createPublicKey, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dsse } from '@sigstore/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { envelopeText, signEnvelope } from '../../src/attestation/dsse.js';
import { openStatement } from '../../src/attestation/statement.js';
import { Fault } from '../../src/domain/fault.js';
import type { HttpResponse, World } from '../../src/domain/ports.js';
import type { OutcomeReport } from '../../src/domain/report.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { readBlobText } from '../../src/engine/session.js';
import { canonical } from '../../src/domain/canonical.js';
import { didWebDocument } from '../../src/identity/did-document.js';
import { keyOfDid, multikeyOf } from '../../src/identity/did-key.js';
import { publicJwk } from '../../src/identity/http-signature.js';
import { challengeBytes, makeChallenge, parseChallenge, POSSESSION, type Challenge } from '../../src/identity/possession.js';
import { signerOf } from '../../src/identity/signer.js';
import { stepById } from '../../src/steps/index.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

const NOW = '2026-11-22T12:00:00.000Z';
const stranger = await signerOf(new Uint8Array(32).fill(9));
let agent: Tiny;
let did: string;
beforeAll(async () => {
  agent = await tiny((text) => text.replace('lifetime: P90D }', 'lifetime: P90D }\n  web: https://agents.example.com/tiny'));
  await agent.run('identity', 'register');
  did = String((await agent.entries('identity.registered'))[0]?.data['agentDid']);
}, 60_000);
afterAll(removeTinies);

/** Folder of the counterparty: no agent.yaml, no store, no key. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentctl-asker-'));
  agent.clock.set(NOW);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (file: string) => join(folder, file);
const asker = (change: Partial<World> = {}): World => ({ ...agent.world, surroundings: { ...agent.world.surroundings, cwd: folder, configFolder: at('.config') }, ...change });

async function typed(world: World, verb: string, options: Record<string, string>) {
  const card = stepById('identity')?.verbs.find((one) => one.name === verb);
  if (!card) throw new Error('no verb');
  return runVerb(world, { yes: false }, 'identity', card, { args: [], options });
}

/** The counterparty asks, and keeps its challenge. */
async function ask(options: Record<string, string> = {}): Promise<Challenge> {
  const report = await typed(asker(), 'challenge', { for: did, domain: 'shop.example.com', ...options });
  if (report.kind !== 'text') throw new Error(report.kind);
  writeFileSync(at('challenge.json'), report.data.text);
  return JSON.parse(report.data.text) as Challenge;
}
const prove = (options: Record<string, string> = {}) => agent.run('identity', 'prove', { challenge: at('challenge.json'), out: at('proof.json'), ...options });
const refused = (options: Record<string, string> = {}) => agent.fault('identity', 'prove', { challenge: at('challenge.json'), out: at('proof.json'), ...options });

async function check(options: Record<string, string> = {}, world: World = asker()): Promise<OutcomeReport & { exit: number; open: readonly string[] }> {
  const report = await typed(world, 'check-proof', { challenge: 'challenge.json', proof: 'proof.json', ...options });
  if (report.kind !== 'outcome') throw new Error(report.kind);
  const links = report.data.data['links'] as unknown as readonly { link: string; is: string; because: string }[];
  return { ...report.data, exit: report.exit, open: links.filter((one) => one.is !== 'yes').map((one) => `${one.link}: ${one.because}`) };
}
const faultOf = (work: Promise<unknown>) => work.then(() => { throw new Error('no fault'); }, (error: unknown) => { if (error instanceof Fault) return error; throw error; });

describe('1.2 2.4 a counterparty asks, the agent answers', () => {
  test('who holds the key answers once, for the one who asked', async () => {
    const challenge = await ask();
    expect(challenge).toMatchObject({ did, domain: 'shop.example.com', created: NOW, expires: '2026-11-22T12:05:00.000Z' });
    expect(await prove({ domain: 'shop.example.com' })).toMatchObject({ exit: 0 });
    expect(await check()).toMatchObject({ exit: 0, open: [], data: { ok: true } });
    expect(await check()).toMatchObject({ exit: 1, open: ['once: the challenge was answered before'] });
    // Another place of memory knows nothing of it: one asker keeps one.
    expect(await check({ nonceStore: 'elsewhere' })).toMatchObject({ exit: 0 });
  });

  test('of many who check at once exactly one hears yes', async () => {
    await ask();
    await prove();
    const answers = await Promise.all(Array.from({ length: 8 }, () => check()));
    expect(answers.map((one) => one.exit).sort()).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
  });

  test('twin: with a memory that forgets, the second time would go through', async () => {
    await ask();
    await prove();
    const forgetful = asker({ nonces: { open: () => Promise.resolve({ seen: () => Promise.resolve(false), close: () => Promise.resolve() }) } });
    expect([(await check({}, forgetful)).exit, (await check({}, forgetful)).exit]).toEqual([0, 0]);
  });

  test('the answer verifies with the DSSE encoding of others and node:crypto', async () => {
    const challenge = await ask();
    await prove();
    const { payloadType, payload, signatures } = JSON.parse(readFileSync(at('proof.json'), 'utf8')) as { payloadType: string; payload: string; signatures: [{ sig: string }] };
    const bytes = Buffer.from(payload, 'base64');
    expect(JSON.parse(bytes.toString())).toEqual(challenge);
    const key = createPublicKey({ key: { ...publicJwk(keyOfDid(did)) }, format: 'jwk' });
    expect(verify(null, dsse.preAuthEncoding(payloadType, bytes), key, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
  });

  test('each challenge has a nonce of its own', async () => {
    const nonces = [await ask(), await ask()].map((one) => one.nonce);
    expect(new Set(nonces).size).toBe(2);
  });

  test('without --out the proof is the result', async () => {
    await ask();
    const report = await typed(agent.world, 'prove', { challenge: at('challenge.json') });
    expect(report).toMatchObject({ kind: 'text', exit: 0 });
    writeFileSync(at('proof.json'), report.kind === 'text' ? report.data.text : '');
    expect((await check()).exit).toBe(0);
  });

  test('a did:web is asked for by its name, and answers under the key that its document lists for authentication', async () => {
    const web = 'did:web:agents.example.com:tiny';
    const published = didWebDocument(web, keyOfDid(did), [did]);
    const serving = (document: object) => asker({ http: { ...agent.world.http, fetchPublic: (): Promise<HttpResponse> => Promise.resolve({ status: 200, headers: {}, body: JSON.stringify(document) }) } });
    await ask({ for: web });
    await prove();
    expect((await check({}, serving({ ...published, authentication: [] }))).open).toEqual([`key: the signature belongs to no key of ${web} for authentication`]);
    rmSync(at('.config'), { recursive: true });
    expect((await check({}, serving(published))).exit).toBe(0);
  });
});

describe('1.2 the agent answers no one who', () => {
  test.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['asks for another', { for: stranger.did }, {}, 'whose key is not the agent'],
    ['asks for another did:web', { for: 'did:web:agents.example.com:other' }, {}, 'whose key is not the agent'],
    ['is not the one that it is talking to', { domain: 'evil.example' }, { domain: 'shop.example.com' }, 'evil.example asks'],
  ])('%s', async (_name, asked, options, message) => {
    await ask(asked);
    expect(await refused(options)).toMatchObject({ code: 'REFUSED', exit: 1, message: expect.stringContaining(message) });
  });

  test.each([['comes late', '2026-11-22T12:05:00.000Z', 'expired'], ['asks from the future', '2026-11-22T11:59:00.000Z', 'future']])('%s', async (_name, now, message) => {
    await ask();
    agent.clock.set(now);
    expect(await refused()).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(message) });
  });

  test('shows an agent without identity what to do first', async () => {
    const bare = await tiny();
    await ask();
    expect(await bare.fault('identity', 'prove', { challenge: at('challenge.json') })).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl identity register' });
  });

  test('has it overwrite a file', async () => {
    await ask();
    writeFileSync(at('proof.json'), 'mine');
    expect(await refused()).toMatchObject({ code: 'REFUSED' });
  });
});

describe('1.2 what is no answer', () => {
  const signed = async (type: string, bytes: Uint8Array, signer = stranger, keyid = did) => writeFileSync(at('proof.json'), envelopeText(await signEnvelope(type, bytes, signer, keyid)));
  const agentSigner = () => agent.withSession(({ keys, chain }) => keys.open({ role: 'agent', name: chain }), false);

  test.each<[string, (challenge: Challenge) => Promise<void>, number, string]>([
    ['signed by a stranger under the name of the agent', (challenge) => signed(POSSESSION, challengeBytes(challenge)), 4, 'key: '],
    ['signed by a stranger under his own', (challenge) => signed(POSSESSION, challengeBytes(challenge), stranger, stranger.did), 4, 'key: '],
    ['to another nonce', async (challenge) => signed(POSSESSION, challengeBytes({ ...challenge, nonce: 'A'.repeat(43) }), await agentSigner()), 1, 'answer: '],
    ['to another asker', async (challenge) => signed(POSSESSION, challengeBytes({ ...challenge, domain: 'evil.example' }), await agentSigner()), 1, 'answer: '],
    ['with a longer life', async (challenge) => signed(POSSESSION, challengeBytes({ ...challenge, expires: '2026-11-22T12:59:00.000Z' }), await agentSigner()), 1, 'answer: '],
    ['under another type', async (challenge) => signed('application/vnd.in-toto+json', challengeBytes(challenge), await agentSigner()), 4, 'answer: '],
    ['the bytes without a type around them', async (challenge) => {
      const signer = await agentSigner();
      const sig = Buffer.from(await signer.sign(challengeBytes(challenge))).toString('base64');
      writeFileSync(at('proof.json'), JSON.stringify({ payloadType: POSSESSION, payload: Buffer.from(challengeBytes(challenge)).toString('base64'), signatures: [{ keyid: did, sig }] }));
    }, 4, 'key: '],
    ['another signed document of the agent', async () => {
      const digest = (await agent.entries('identity.registered'))[0]?.data['acceptance'];
      writeFileSync(at('proof.json'), (await agent.withSession(({ store }) => readBlobText(store, digest), false)) ?? '');
    }, 4, 'answer: '],
  ])('%s', async (_name, forge, exit, because) => {
    await forge(await ask());
    const answer = await check();
    expect([answer.exit, answer.open[0]]).toEqual([exit, expect.stringContaining(because)]);
    // A false answer uses nothing up.
    rmSync(at('proof.json'));
    await prove();
    expect((await check()).exit).toBe(0);
  });

  test('two signatures, the second of the agent', async () => {
    const challenge = await ask();
    const [false_, true_] = await Promise.all([signEnvelope(POSSESSION, challengeBytes(challenge), stranger), agentSigner().then((signer) => signEnvelope(POSSESSION, challengeBytes(challenge), signer))]);
    writeFileSync(at('proof.json'), JSON.stringify({ ...true_, signatures: [...false_.signatures, ...true_.signatures] }));
    expect(await check()).toMatchObject({ exit: 4, open: [expect.stringContaining('2 signatures')] });
  });

  test('one that comes late: it cannot be told any more', async () => {
    await ask({ ttl: 'PT1M' });
    await prove();
    agent.clock.set('2026-11-22T12:01:00.000Z');
    expect(await check()).toMatchObject({ exit: 3, open: ['time: the challenge expired on 2026-11-22 12:01 UTC'] });
  });

  test('an answer proves nothing else: no statement of the agent can be made of it', async () => {
    await ask();
    await prove();
    await expect(openStatement(readFileSync(at('proof.json'), 'utf8'), did, 'x')).rejects.toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining('not an in-toto statement') });
  });

  test.each([
    ['truncated', (text: string) => text.slice(0, -20)],
    ['with a member twice', (text: string) => text.replace('{', '{"payload":"",')],
    ['with another member', (text: string) => text.replace('{', '{"more":1,')],
    ['larger than any answer', (text: string) => text + ' '.repeat(20_000)],
  ])('%s', async (_name, change) => {
    await ask();
    await prove();
    writeFileSync(at('proof.json'), change(readFileSync(at('proof.json'), 'utf8')));
    expect(await faultOf(check())).toMatchObject({ code: 'INPUT_INVALID', exit: 2 });
  });
});

describe('1.2 what is no challenge', () => {
  const good = makeChallenge({ did: stranger.did, domain: 'shop.example.com', nonce: new Uint8Array(32), now: NOW, ttl: 'PT5M' });
  test.each<[string, object]>([
    ['another type', { type: 'https://in-toto.io/Statement/v1' }],
    ['no DID', { did: 'shop.example.com' }],
    ['a weak key', { did: `did:key:${multikeyOf(Uint8Array.from([1, ...new Uint8Array(31)]))}` }],
    ['a did:web that leads nowhere', { did: 'did:web:example.com:..' }],
    ['a short nonce', { nonce: 'AAAA' }],
    ['spaces in the domain', { domain: 'shop example' }],
    ['no end', { expires: NOW }],
    ['an end before its beginning', { expires: '2026-11-22T11:00:00.000Z' }],
    ['a life of more than an hour', { expires: '2026-11-22T13:00:00.001Z' }],
    ['a time that is none', { expires: '2026-11-22T25:00:00.000Z' }],
    ['one more member', { predicateType: 'x' }],
  ])('%s', (_name, change) => {
    expect(() => parseChallenge(canonical({ ...good, ...change }), 'challenge.json')).toThrow(Fault);
  });

  test('duplicate members and great length', () => {
    const text = canonical({ ...good });
    expect(parseChallenge(` ${text}\n`, 'challenge.json')).toEqual(good);
    for (const bad of [text.replace('{', '{"did":"did:web:a.example",'), text + ' '.repeat(5000)]) expect(() => parseChallenge(bad, 'challenge.json')).toThrow(Fault);
  });

  test.each<[string, Record<string, string>, string]>([
    ['no asker', { domain: '' }, 'INPUT_INVALID'], ['a day', { ttl: 'P1D' }, 'INPUT_INVALID'], ['no duration', { ttl: '5 minutes' }, 'INPUT_INVALID'], ['another method', { for: 'did:ion:x' }, 'USAGE'], ['no key at all', { for: 'did:key:zBogus' }, 'USAGE'],
  ])('is made with %s', async (_name, options, code) => {
    expect(await faultOf(ask(options))).toMatchObject({ code, exit: 2 });
  });
});
