/** Step 1's questions, each on facts that make it yes, no or unknown; the credentials are really signed. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { envelopeText } from '../../src/attestation/dsse.js';
import { signAcceptance, signOwnership, type Ownership } from '../../src/attestation/ownership.js';
import { digestBytes, digestJson } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Signer } from '../../src/domain/ports.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { signerOf } from '../../src/identity/signer.js';
import { declaredPermissions, identity } from '../../src/steps/01-identity.js';
import { digestOf, findingOf, NOW, type Seen } from '../support/step-io.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

afterAll(removeTinies);

const [organisation, agent, stranger] = await Promise.all([1, 2, 3].map((byte) => signerOf(new Uint8Array(32).fill(byte)))) as [Signer, Signer, Signer];
const SECTION = { apiKey: { environment: 'test', lifetime: 'P90D' } };
const PERMISSIONS = ['note:move', 'note:read'];
const CAPABILITIES = [{ id: 'sorting', permissions: ['note:read', 'note:move'] }];
const BUILD = digestOf('b');

/** Credential and acceptance as `identity register` leaves them; each party can be exchanged, and so can what was accepted. */
async function registered({ owner = organisation, owned = agent, accepted = NOW }: { owner?: Signer; owned?: Signer; accepted?: string } = {}): Promise<Seen> {
  const claim = (at: string): Ownership => ({ agent: { id: 'c', did: owned.did }, organisation: { name: 'o', did: owner.did }, log: 'o/c+00000000+AAAA', permissions: digestJson(PERMISSIONS), at });
  const credential = envelopeText(await signOwnership(claim(NOW), owner));
  const acceptance = envelopeText(await signAcceptance(await signOwnership(claim(accepted), owner), NOW, owned));
  const [a, b] = [digestBytes(credential), digestBytes(acceptance)];
  return {
    organisation: organisation.did, capabilities: CAPABILITIES, blobs: { [a]: credential, [b]: acceptance },
    entries: [{ type: 'identity.registered', data: { agentDid: agent.did, organisationDid: organisation.did, credential: a, acceptance: b } }],
  };
}
const OTHER_OWNER = await registered({ owner: stranger });
const OTHER_AGENT = await registered({ owned: stranger });
const OTHER_CREDENTIAL = await registered({ accepted: '2026-11-21T12:00:00.000Z' });
const SEEN = await registered();
const [CREDENTIAL = '', ACCEPTANCE = ''] = Object.values(SEEN.blobs ?? {});
const more = (seen: Seen, ...entries: NonNullable<Seen['entries']>): Seen => ({ ...seen, entries: [...(seen.entries ?? []), ...entries] });
const forged = (digest: string, text: string): Seen => ({ ...SEEN, blobs: { ...SEEN.blobs, [digest]: text } });
/** The text of an envelope whose signature is another one, as long as the true one. */
const unsigned = (text: string) => text.replace(/"sig":"....../, '"sig":"AAAAAA');

const key = (change: JsonObject = {}): JsonObject => ({ scopes: PERMISSIONS, permissionsDigest: digestJson(PERMISSIONS), expiresAt: '2027-02-20T12:00:00.000Z', revokedAt: null, ...change });
const keys = (...states: readonly JsonObject[]): Seen => ({ ...SEEN, projections: { 'api-keys': Object.fromEntries(states.map((state, index) => [`key_${index}`, state])) } });
const action = (change: JsonObject = {}) => ({ type: 'action.recorded', data: { decision: 'permit' }, agent: { id: 'c', did: agent.did, version: '1.0.0', build: BUILD, ...change } });
const BEFORE = { type: 'action.recorded', data: { decision: 'permit' }, agent: { id: 'c', did: null, version: '1.0.0', build: BUILD } };

const DOCUMENT = digestOf('d');
/** An organisation with a web address, whose document is on record, and how it was verified since. */
const web = (...verified: readonly JsonObject[]): Seen => ({
  ...SEEN, organisationWeb: 'https://example.com',
  entries: [...(SEEN.entries ?? []).map((one) => ({ ...one, data: { ...one.data, organisationDocument: DOCUMENT } })), ...verified.map((data) => ({ type: 'identity.verified', data }))],
});

describe('probes', () => {
  const CASES: readonly (readonly [row: string, probe: string, what: string, seen: Seen, is: string, because: RegExp])[] = [
    ['1.1', 'identity.did', 'nothing registered', {}, 'unknown', /not registered/],
    ['1.1', 'identity.did', 'a DID', SEEN, 'yes', /^did:key:z6Mk/],
    ['1.2', 'identity.ownership', 'no credential', {}, 'unknown', /no credential/],
    ['1.2', 'identity.ownership', 'both signatures', SEEN, 'yes', /both directions/],
    ['1.2', 'identity.ownership', 'a credential that is gone from the store', { ...SEEN, blobs: {} }, 'unknown', /no credential/],
    ['1.2', 'identity.ownership', 'a credential of another organisation', OTHER_OWNER, 'no', /from another organisation/],
    ['1.2', 'identity.ownership', 'a credential about another agent', OTHER_AGENT, 'no', /about another agent/],
    ['1.2', 'identity.ownership', 'an acceptance of another credential', OTHER_CREDENTIAL, 'no', /accepted another credential/],
    ['1.2', 'identity.ownership', 'a credential that nobody signed', forged(digestBytes(CREDENTIAL), unsigned(CREDENTIAL)), 'no', /signature/],
    ['1.2', 'identity.ownership', 'an acceptance that nobody signed', forged(digestBytes(ACCEPTANCE), unsigned(ACCEPTANCE)), 'no', /signature/],
    ['1.2', 'identity.ownership', 'another organisation in agent.yaml', { ...SEEN, organisation: stranger.did }, 'unknown', new RegExp(`credential is from ${organisation.did}`)],
    ['1.3', 'identity.api-key', 'no key', SEEN, 'unknown', /no key issued/],
    ['1.3', 'identity.api-key', 'a live key', keys(key()), 'yes', /note:move, note:read until 2027-02-20.*only its hash/],
    ['1.3', 'identity.api-key', 'a key for other permissions', keys(key({ permissionsDigest: digestJson(['note:read']) })), 'unknown', /permissions changed/],
    ['1.3', 'identity.api-key', 'a key that holds more than is declared', keys(key({ scopes: [...PERMISSIONS, 'note:send'] })), 'unknown', /permissions changed/],
    ['1.3', 'identity.api-key', 'a revoked key', keys(key({ revokedAt: NOW })), 'unknown', /revoked or expired/],
    ['1.3', 'identity.api-key', 'an expired key', keys(key({ expiresAt: NOW })), 'unknown', /revoked or expired/],
    ['1.3', 'identity.api-key', 'a revoked and a live key', keys(key({ revokedAt: NOW }), key()), 'yes', /key_1/],
    ['1.3', 'identity.key-drill', 'no drill', SEEN, 'unknown', /has not run/],
    ['1.3', 'identity.key-drill', 'a drill', more(SEEN, { type: 'key.drilled', data: {} }), 'yes', /refused at the next decision, on 2026-11-22/],
    ['1.3', 'identity.key-drill', 'a drill of last year', more({ ...SEEN, now: '2027-11-22T12:00:00.000Z' }, { type: 'key.drilled', data: {} }), 'unknown', /older than P90D/],
    ['1.1', 'identity.published', 'neither has a web address', SEEN, 'not-applicable', /its own document/],
    ['1.1', 'identity.published', 'nobody looked', web(), 'unknown', /not read there .*: organisation$/],
    ['1.1', 'identity.published', 'verified offline only', web({ signature: 'verified' }), 'unknown', /not read there/],
    ['1.1', 'identity.published', 'read as it is on record', web({ published: [DOCUMENT] }), 'yes', /^organisation: read there on 2026-11-22/],
    ['1.1', 'identity.published', 'read, and verified offline since', web({ published: [DOCUMENT] }, { signature: 'verified' }), 'yes', /as on record/],
    ['1.1', 'identity.published', 'read before another document was registered', web({ published: [digestOf('9')] }), 'unknown', /not read there/],
    ['1.4', 'identity.signed-requests', 'no self-test', SEEN, 'unknown', /has not run/],
    ['1.4', 'identity.signed-requests', 'a self-test', more(SEEN, { type: 'identity.verified', data: { signature: 'verified' } }, { type: 'request.signed', data: {} }), 'yes', /self-test verified; on record so far: 1, counting each address once in a run/],
    ['1.4', 'identity.signed-requests', 'a self-test, and nothing signed since', more(SEEN, { type: 'identity.verified', data: { signature: 'verified' } }), 'yes', /no signed request on record yet$/],
    ['1.4', 'identity.own-traffic', 'whatever was recorded', SEEN, 'unknown', /not seen/],
    ['1.5', 'identity.version', 'no build', {}, 'unknown', /no build/],
    ['1.5', 'identity.version', 'no action', SEEN, 'yes', /build bbbbbbbbbbbb; the newest 0/],
    ['1.5', 'identity.version', 'an action that names all three', more(SEEN, action()), 'yes', /newest 1/],
    ['1.5', 'identity.version', 'an action without DID', more(SEEN, action(), action({ did: null })), 'no', /1 of the newest 2/],
    ['1.5', 'identity.version', 'an action without build', more(SEEN, action({ build: null })), 'no', /1 of the newest 1/],
    ['1.5', 'identity.version', 'an action without version', more(SEEN, action({ version: null })), 'no', /1 of the newest 1/],
    ['1.5', 'identity.version', 'an action from before the DID was bound', { ...SEEN, entries: [BEFORE, ...(SEEN.entries ?? []), action()] }, 'yes', /newest 1 actions/],
  ];
  test.each(CASES)('%s %s on %s', async (row, probe, _what, seen, is, because) => {
    const found = await findingOf(identity, SECTION, seen, probe);
    expect([found.row, found.is]).toEqual([row, is]);
    expect(found.because).toMatch(because);
  });

  test('1.1 with an address of its own the agent\'s document has to be read there, too', async () => {
    const seen = (read: readonly string[]): Seen => {
      const { entries = [], ...rest } = web({ published: [...read] });
      return { ...rest, entries: entries.map((one) => (one.type === 'identity.registered' ? { ...one, data: { ...one.data, didDocument: digestOf('a') } } : one)) };
    };
    const both = { ...SECTION, web: 'https://example.com/agents/c' };
    expect(await findingOf(identity, both, seen([DOCUMENT]), 'identity.published')).toMatchObject({ is: 'unknown', because: expect.stringContaining('agent, organisation') });
    expect(await findingOf(identity, both, seen([digestOf('a'), DOCUMENT]), 'identity.published')).toMatchObject({ is: 'yes' });
  });

  test('1.3 the scope of a key is every declared permission, sorted, each once', () => {
    expect(declaredPermissions({ capabilities: [{ permissions: ['b:x', 'a:y'] }, { permissions: ['a:y', 'a:x'] }] })).toEqual(['a:x', 'a:y', 'b:x']);
  });
});

describe('the state of the step', () => {
  const stateOf = (one: Tiny) => one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    const { state, because, next } = steps.find((step) => step.id === 'identity') ?? { state: '', because: '', next: null };
    return { state, because, next };
  }, false);

  test('unproven until each verb has run; stale after another build, another permission or another owner', async () => {
    const one = await tiny();
    for (const verb of ['register', 'verify', 'key issue']) {
      expect((await stateOf(one)).state).toBe('unproven');
      await one.run('identity', verb);
    }
    expect(await stateOf(one)).toMatchObject({ state: 'passed', next: null });
    const edits: readonly (readonly [string, (text: string) => string, RegExp])[] = [
      ['rules.json', (text) => `${text}\n`, /rules\.json changed/],
      ['agent.yaml', (text) => text.replace('"note:move"]', '"note:move", "note:copy"]'), /permissions: .*note:copy/],
      ['agent.yaml', (text) => text.replace('name: Tiny Cooperative', 'name: Tiny Company'), /owner: .*Tiny Company/],
    ];
    for (const [file, edit, because] of edits) {
      const other = one.copy();
      other.edit(file, edit);
      expect(await stateOf(other)).toMatchObject({ state: 'stale', because: expect.stringMatching(because), next: 'agentctl identity register' });
    }
  }, 60_000);
});
