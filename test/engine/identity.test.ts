/** Step 1's verbs on the tiny agent: who owns it, which keys it holds, how its requests are signed, and the twins that must fail. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { envelopeText } from '../../src/attestation/dsse.js';
import { signAcceptance, signOwnership, verifyOwnership } from '../../src/attestation/ownership.js';
import { digestBytes, digestJson } from '../../src/domain/digest.js';
import type { Keys, Signer } from '../../src/domain/ports.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime, status } from '../../src/engine/status.js';
import { readBlobText, record, textBlob } from '../../src/engine/session.js';
import { signerOf } from '../../src/identity/signer.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let bare: Tiny;
let registered: Tiny;
/** Registered, with one API key. */
let keyed: Tiny;
beforeAll(async () => {
  bare = await tiny();
  registered = bare.copy();
  await registered.run('identity', 'register');
  keyed = registered.copy();
  await keyed.run('identity', 'key issue');
}, 60_000);
afterAll(removeTinies);

const stranger = await signerOf(new Uint8Array(32).fill(9));
const dataOf = async (one: Tiny, type: string) => (await one.entries(type)).at(-1)?.data ?? {};
const findingOf = (one: Tiny, id: string) => one.withSession(async (session) => {
  const { steps } = await computeStates(session, await gateTime(session));
  return steps[0]?.findings.find((finding) => finding.id === id);
}, false);

describe('identity register', () => {
  test.each<[string, (one: Tiny) => Promise<unknown>]>([
    ['for the first time', async () => undefined],
    ['with a key and a check', async (one) => { for (const verb of ['register', 'key issue', 'verify']) await one.run('identity', verb); }],
    ['after an edit of the build', async (one) => {
      for (const verb of ['register', 'key issue', 'verify']) await one.run('identity', verb);
      one.edit('prompts/policy.txt', (text) => `${text}\n`);
    }],
    ['where what runs already is measured first', async (one) => one.edit('agent.yaml', (text) => text.replace('stakes: standard', 'stakes: standard\npath: already-in-production'))],
  ])('1.1 1.3 register, verify and key issue propose what status proposes: %s', async (_name, before) => {
    const one = bare.copy();
    await before(one);
    for (const verb of ['register', 'verify', 'key issue']) {
      const { next } = await one.run('identity', verb);
      expect(await status(one.world, { yes: true })).toMatchObject({ data: { next } });
    }
  });

  test('1.1 1.2 a DID of its own, owned by a credential of the organisation and an acceptance of the agent', async () => {
    const data = await dataOf(registered, 'identity.registered');
    const document = JSON.parse(readFileSync(registered.path('artifacts/did.json'), 'utf8')) as { id: string };
    expect(document.id).toBe(data['agentDid']);
    await registered.withSession(async ({ store, manifest, agent, build }) => {
      const [credential = '', acceptance = ''] = await Promise.all([readBlobText(store, data['credential']), readBlobText(store, data['acceptance'])]);
      expect(await verifyOwnership(credential, acceptance)).toMatchObject({ ok: true, ownership: { agent: { id: manifest.metadata.id, did: document.id }, organisation: manifest.owner.organisation } });
      expect([agent.did, build.digest]).toEqual([document.id, data['build']]);
    }, false);
    expect(await findingOf(registered, 'identity.ownership')).toMatchObject({ is: 'yes' });
  });

  test('1.1 a second time it is the same DID; with a web address the document is a did:web that names it', async () => {
    const one = registered.copy();
    await one.run('identity', 'register');
    expect((await dataOf(one, 'identity.registered'))['agentDid']).toBe((await dataOf(registered, 'identity.registered'))['agentDid']);
    one.edit('agent.yaml', (text) => text.replace('identity:\n', 'identity:\n  web: https://agents.example.com/tiny\n'));
    await one.run('identity', 'register');
    const document = JSON.parse(readFileSync(one.path('artifacts/did.json'), 'utf8')) as { id: string; alsoKnownAs: readonly string[] };
    expect([document.id, document.alsoKnownAs]).toEqual(['did:web:agents.example.com:tiny', [(await dataOf(one, 'identity.registered'))['agentDid']]]);
  });

  test('1.2 an organisation whose key is not here signs nothing', async () => {
    const one = bare.copy();
    one.edit('agent.yaml', (text) => text.replace(/(name: Tiny Cooperative\n +did: ).*/, `$1${stranger.did}`));
    expect(await one.fault('identity', 'register')).toMatchObject({ code: 'KEY_MISSING', exit: 6 });
    expect(await one.entries('identity.registered')).toEqual([]);
  });

  test('1.5 the version commits to the build: another model is another build under the same version', async () => {
    const one = registered.copy();
    one.edit('rules.json', (text) => text.replace('"prize"', '"prize", "jackpot"'));
    const builds = await Promise.all([registered, one].map(async (each) => (await each.run('identity', 'show')).facts.find((fact) => fact.label === 'build')?.value));
    expect(builds[0]).toMatch(/^sha256:/);
    expect(builds[1]).not.toBe(builds[0]);
  });
});

describe('1.2 a credential that somebody swapped', () => {
  /** Registers anew with an organisation or an agent of the forger's choice, as one who owns the store could. */
  async function swap(one: Tiny, { owner, owned }: { owner?: Signer; owned?: Signer }): Promise<void> {
    await one.withSession(async (session) => {
      const { keys, chain, manifest, store } = session;
      const was = (await store.latest(chain, 'identity.registered'))?.data ?? {};
      const [organisation, agent] = [owner ?? (await keys.openByDid('organisation', manifest.owner.organisation.did)), owned ?? (await keys.open({ role: 'agent', name: chain }))];
      const claim = { agent: { id: chain, did: agent.did }, organisation: { name: manifest.owner.organisation.name, did: organisation.did }, log: String(was['log']), permissions: digestJson([]), at: session.world.clock.now() };
      const signed = await signOwnership(claim, organisation);
      const [credential, acceptance] = [envelopeText(signed), envelopeText(await signAcceptance(signed, claim.at, agent))];
      await record(session, { type: 'identity.registered', data: { ...was, credential: digestBytes(credential), acceptance: digestBytes(acceptance) } }, [textBlob(credential), textBlob(acceptance)]);
    });
  }

  test.each([
    ['the organisation', { owner: stranger }, 'the credential is from another organisation'],
    ['the agent', { owned: stranger }, 'the credential is about another agent'],
  ] as const)('%s: verify ends in 4 and records nothing, the step has failed', async (_who, parties, problem) => {
    const one = registered.copy();
    await swap(one, parties);
    expect(await one.run('identity', 'verify')).toMatchObject({ exit: 4, headline: 'identity does not hold', data: { ownership: problem } });
    expect(await one.entries('identity.verified')).toEqual([]);
    expect(await findingOf(one, 'identity.ownership')).toMatchObject({ is: 'no', because: problem });
  });

  test('another organisation in agent.yaml: verify ends in 4, and the question is open until it signs', async () => {
    const one = registered.copy();
    const other = await one.world.keys(one.path('.agentctl')).create({ role: 'organisation', name: 'other' });
    one.edit('agent.yaml', (text) => text.replace(/(name: Tiny Cooperative\n +did: ).*/, `$1${other.did}`));
    expect(await findingOf(one, 'identity.ownership')).toMatchObject({ is: 'unknown' });
    expect(await one.run('identity', 'verify')).toMatchObject({ exit: 4, data: { ownership: 'the credential is from another organisation' } });
    await one.run('identity', 'register');
    expect(await findingOf(one, 'identity.ownership')).toMatchObject({ is: 'yes' });
  });
});

describe('identity verify', () => {
  test('1.2 1.4 ownership holds, a signed request verifies, a changed one is refused', async () => {
    const one = registered.copy();
    expect(await one.run('identity', 'verify')).toMatchObject({ exit: 0, data: { ownership: 'holds', signature: 'verified' } });
    expect(await one.entries('identity.verified')).toHaveLength(1);
  });

  test('needs an agent that is registered', async () => {
    expect(await bare.fault('identity', 'verify')).toMatchObject({ code: 'EVIDENCE_MISSING', exit: 3, hint: 'agentctl identity register' });
  });

  /** Keys that hand out the agent's key, spoilt. */
  const spoilt = (one: Tiny, spoil: (signer: Signer) => Signer): Tiny => one.in({
    keys: (folder) => {
      const keys = one.world.keys(folder);
      return { ...bound(keys), open: async (name) => (name.role === 'agent' ? spoil(await keys.open(name)) : keys.open(name)) };
    },
  });
  test.each<[string, (signer: Signer) => Signer]>([
    ['signs with another key', (signer) => ({ ...signer, publicKey: signer.publicKey, sign: (bytes) => stranger.sign(bytes) })],
    ['signs the same bytes whatever is sent', (signer) => ({ ...signer, publicKey: signer.publicKey, sign: () => signer.sign(new Uint8Array(1)) })],
    ['signs nothing', (signer) => ({ ...signer, publicKey: signer.publicKey, sign: () => Promise.resolve(new Uint8Array(64)) })],
  ])('1.4 twin: a signer that %s fails the self-test, and nothing is recorded', async (_name, spoil) => {
    const one = registered.copy();
    expect(await spoilt(one, spoil).run('identity', 'verify')).toMatchObject({ exit: 4, data: { ownership: 'holds', signature: expect.stringContaining('does not verify') } });
    expect(await one.entries('identity.verified')).toEqual([]);
    expect(await findingOf(one, 'identity.signed-requests')).toMatchObject({ is: 'unknown' });
  });
});

function bound(keys: Keys): Keys {
  return {
    openFormer: keys.openFormer.bind(keys), successor: keys.successor.bind(keys), rewrap: keys.rewrap.bind(keys), replace: keys.replace.bind(keys), useSsh: keys.useSsh.bind(keys), exportPrivate: keys.exportPrivate.bind(keys), importPrivate: keys.importPrivate.bind(keys),
    create: keys.create.bind(keys), open: keys.open.bind(keys), openByDid: keys.openByDid.bind(keys), has: keys.has.bind(keys), list: keys.list.bind(keys), placement: keys.placement.bind(keys),
  };
}

describe('1.3 API keys', () => {
  const issuedTo = async (one: Tiny) => {
    const { keyId, hash } = await dataOf(one, 'key.issued');
    const file = one.path('.agentctl/keys', `${String(keyId)}.token`);
    return { keyId: String(keyId), hash, file, token: readFileSync(file, 'utf8').trim() };
  };
  const check = (one: Tiny, permission: string, file: string) => one.run('identity', 'key check', { permission, keyFile: file });

  test('scoped to exactly the declared permissions, in a file for its owner alone', async () => {
    const { file, hash, token } = await issuedTo(keyed);
    expect(await dataOf(keyed, 'key.issued')).toMatchObject({ scopes: ['note:move', 'note:read'], permissionsDigest: digestJson(['note:move', 'note:read']), environment: 'test', expiresAt: '2027-02-20T12:00:00.000Z' });
    expect([statSync(file).mode & 0o777, hash]).toEqual([0o600, digestBytes(token)]);
    expect(await findingOf(keyed, 'identity.api-key')).toMatchObject({ is: 'yes' });
  });

  test('only its hash is at rest: neither the token nor its secret part is in the store, the artifacts or what was said', async () => {
    const { token, file } = await issuedTo(keyed);
    const files = readdirSync(keyed.folder, { recursive: true, encoding: 'utf8' }).map((name) => keyed.path(name)).filter((path) => statSync(path).isFile() && path !== file);
    expect(files).toContain(keyed.path('.agentctl/ledger.db'));
    for (const text of [token, token.slice(15, -6)]) {
      expect(files.filter((path) => readFileSync(path).includes(text))).toEqual([]);
      expect(JSON.stringify([keyed.said, await keyed.run('identity', 'show'), await check(keyed, 'note:read', file)])).not.toContain(text);
    }
  });

  test('what it may do is yes, what it may not is no and named', async () => {
    const { file } = await issuedTo(keyed);
    for (const permission of ['note:read', 'note:move']) expect(await check(keyed, permission, file)).toMatchObject({ exit: 0, data: { ok: true } });
    for (const permission of ['note:send', 'note:*', 'note', 'refund:send']) expect(await check(keyed, permission, file)).toMatchObject({ exit: 1, headline: `no: the key does not hold ${permission}`, data: { ok: false } });
    expect(await keyed.fault('identity', 'key check', { keyFile: file })).toMatchObject({ code: 'USAGE', message: '--permission is missing' });
  });

  test('a key of somebody else, a mistyped one and none at all are told apart', async () => {
    const other = registered.copy();
    await other.run('identity', 'key issue');
    const { file, token } = await issuedTo(other);
    expect(await check(keyed, 'note:read', file)).toMatchObject({ exit: 1, data: { because: 'the key is unknown here' } });
    writeFileSync(file, token.replace(/.$/, (last) => (last === '0' ? '1' : '0')));
    expect(await check(keyed, 'note:read', file)).toMatchObject({ exit: 1, data: { because: expect.stringContaining('malformed'), keyId: null } });
    expect(await keyed.fault('identity', 'key check', { permission: 'note:read', keyFile: keyed.path('nowhere.token') })).toMatchObject({ code: 'IO', exit: 6 });
  });

  test('other permissions in agent.yaml make it void, and its time ends', async () => {
    const one = keyed.copy();
    const { file } = await issuedTo(one);
    one.edit('agent.yaml', (text) => text.replace('"note:move"]', '"note:move", "note:copy"]'));
    expect(await check(one, 'note:read', file)).toMatchObject({ exit: 1, data: { because: expect.stringContaining('permissions have changed') } });
    expect(await findingOf(one, 'identity.api-key')).toMatchObject({ is: 'unknown' });
    const later = keyed.copy();
    later.clock.set('2027-02-20T12:00:00.000Z');
    expect(await check(later, 'note:read', file)).toMatchObject({ exit: 1, data: { because: expect.stringContaining('expired') } });
  });

  test('rotation: a second key beside the first; revoked, the first ends at the next decision and the second goes on', async () => {
    const one = keyed.copy();
    const first = await issuedTo(one);
    const out = one.path('second.token');
    await one.run('identity', 'key issue', { out });
    await one.run('identity', 'key revoke', { reason: 'Mr Smith posted it' }, [first.keyId]);
    expect(await check(one, 'note:read', first.file)).toMatchObject({ exit: 1, data: { because: expect.stringContaining('was revoked') } });
    expect(await check(one, 'note:read', out)).toMatchObject({ exit: 0 });
    expect((await one.run('identity', 'show')).tables?.[0]?.rows.map((row) => row.at(-1)).sort()).toEqual(['live', 'revoked']);
    const [revoked] = await one.entries('key.revoked');
    expect(JSON.stringify(revoked)).not.toContain('Smith');
    await one.withSession(async ({ store, chain }) => expect(await store.payload(chain, revoked?.seq ?? -1)).toEqual({ reason: 'Mr Smith posted it' }), false);
  });

  test('revoked alone, the step is open again and says what to type', async () => {
    const one = keyed.copy();
    const { keyId } = await issuedTo(one);
    await one.run('identity', 'verify');
    await one.run('identity', 'key revoke', { reason: 'leaked' }, [keyId]);
    expect(await findingOf(one, 'identity.api-key')).toMatchObject({ is: 'unknown', because: 'every key is revoked or expired', remedy: 'agentctl identity key issue' });
    expect(await one.fault('identity', 'key revoke', { reason: 'leaked' }, [keyId])).toMatchObject({ code: 'REFUSED', exit: 1 });
  });

  test.each<[string, Record<string, string>, string]>([
    ['an unknown key', { reason: 'leaked' }, 'no API key "key_0"'],
    ['no reason', {}, '--reason is missing'],
  ])('revoke with %s', async (_name, options, message) => {
    expect(await keyed.fault('identity', 'key revoke', options, ['key_0'])).toMatchObject({ code: 'USAGE', exit: 2, message });
  });

  test('an agent without DID gets no key', async () => {
    expect(await bare.fault('identity', 'key issue')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl identity register' });
  });
});
