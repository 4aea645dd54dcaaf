/** Forged cards and folders: each has to end in its exit status, and be found at its place. */
import { describe, expect, test } from '@jest/globals';
import { signAgentCard } from '../../src/attestation/agent-card.js';
import { credentialOf, signCredential } from '../../src/attestation/credential.js';
import { envelopeText, signEnvelope } from '../../src/attestation/dsse.js';
import { sigstoreBundle } from '../../src/attestation/sigstore-bundle.js';
import { signStatement } from '../../src/attestation/statement.js';
import { signSuccession, signWithdrawal } from '../../src/attestation/succession.js';
import { SVR } from '../../src/attestation/svr.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import { Fault } from '../../src/domain/fault.js';
import type { Signer } from '../../src/domain/ports.js';
import { didKeyDocument, didWebDocument, didWebHistory } from '../../src/identity/did-document.js';
import { signerOf } from '../../src/identity/signer.js';
import { signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { keyDirectory, PUBLISHED } from '../../src/registries/publication.js';
import type { Walk } from '../../src/engine/trust/walk.js';
import { agent, ann, NOW, organisation, stranger } from '../attestation/certified.js';
import { certificateOf, INTERFACE, ORIGIN, PLACE, publication, statusList, UNTIL, walkOver, type Making } from './publication.js';

const next = await signerOf(new Uint8Array(32).fill(11));
const later = await signerOf(new Uint8Array(32).fill(12));
const ROTATED = '2026-11-21T00:00:00.000Z';
const succession = await signSuccession({ identity: organisation.did, from: organisation.did, to: next.did, at: ROTATED }, organisation, next);

const thief = await signWithdrawal({ identity: organisation.did, key: next.did, cause: 'compromised', since: '2026-11-21T12:00:00.000Z', by: next.did, at: '2026-11-21T12:00:00.000Z' }, next);
const stolen = await signWithdrawal({ identity: organisation.did, key: organisation.did, cause: 'compromised', since: ROTATED, by: next.did, at: NOW }, next);
const annCeased = await signWithdrawal({ identity: ann.did, key: ann.did, cause: 'ceased', since: ROTATED, by: organisation.did, at: NOW }, organisation);
const annStolen = await signWithdrawal({ identity: ann.did, key: ann.did, cause: 'compromised', since: NOW, by: ann.did, at: NOW }, ann);
const certificate = await certificateOf();

type Verdict = Awaited<ReturnType<typeof walkOver>>;
const broken = ({ links }: Verdict) => links.filter((one) => one.exit !== 0).map((one) => `${one.link}: ${one.is}: ${one.because}`).join('\n');

/** What every forger can do, the organisation's signature over the list of files aside. */
async function forged(change: (files: Map<string, string>) => void | Promise<void>, walkChanges: Partial<Walk> = {}, making: Making = {}): Promise<Verdict> {
  const files = await publication(making);
  await change(files);
  return walkOver(files, walkChanges);
}

describe('11.3 11.4 a whole folder', () => {
  test('every link holds, each form of the certificate and the status list among them', async () => {
    const verdict = await walkOver(await publication());
    expect([verdict.exit, broken(verdict)]).toEqual([0, '']);
    expect(verdict.links.map((one) => one.link)).toEqual(['list', 'identity', 'owner', 'card', 'envelope', 'signer', 'authority', 'ownership', 'sign-offs', 'checkpoint', 'freshness', 'revocation', 'policy', 'credential', 'summary', 'build', 'pact', 'log', 'keys', 'history']);
    expect(verdict.links.find((one) => one.link === 'revocation')).toMatchObject({ is: 'yes', because: expect.stringContaining('not revoked as of') as unknown as string });
  });

  test('what an older certificate does not have is left out, and no link is made of it', async () => {
    const verdict = await forged(() => undefined, {}, { listed: (files) => { files.delete(PUBLISHED.credential); files.delete(PUBLISHED.summary); } });
    expect(verdict.exit).toBe(0);
    expect(verdict.links.map((one) => one.link)).not.toContain('credential');
  });

  test('the status list is signed anew alone, and the signed list of files stays', async () => {
    const files = await publication();
    files.set('status/1.json', await statusList(organisation, { validFrom: '2026-11-22T00:00:00.000Z', validUntil: '2026-12-06T00:00:00.000Z' }));
    expect((await walkOver(files)).exit).toBe(0);
  });
});

type Signing = (card: JsonObject, signer: Signer) => Promise<JsonObject>;
const signedBy = (signer: Signer, terms: { kid?: string; jku?: string } = {}): Signing => (card) => signAgentCard(card, signer, { kid: signer.did, ...terms });
/** A signature with whatever header, made by whoever has the organisation's key. */
const withHeader = (header: JsonObject, signer: Signer = organisation): Signing => async (card) => {
  const encode = (value: Json) => Buffer.from(canonical(value)).toString('base64url');
  const protectedHeader = encode(header);
  const signature = await signer.sign(new TextEncoder().encode(`${protectedHeader}.${encode(card)}`));
  return { ...card, signatures: [{ protected: protectedHeader, signature: Buffer.from(signature).toString('base64url') }] };
};
const HEADER = { alg: 'EdDSA', kid: organisation.did, typ: 'JOSE' };

describe('11.3 a forged card', () => {
  test.each<[string, Signing, RegExp]>([
    ['not signed', (card) => Promise.resolve(card), /not signed/],
    ['an empty list of signatures', (card) => Promise.resolve({ ...card, signatures: [] }), /not signed/],
    ['signed by a stranger in his own name', signedBy(stranger), /no signature of the card belongs to a key that was expected/],
    ['signed by a stranger in the name of the organisation', signedBy(stranger, { kid: organisation.did }), /no signature/],
    ['signed by the organisation in the name of a stranger', signedBy(organisation, { kid: stranger.did }), /no signature/],
    ['signed by the agent itself', signedBy(agent), /no signature/],
    ['algorithm none', async (card) => ({ ...(await withHeader({ ...HEADER, alg: 'none' })(card, organisation)) }), /algorithm "none"/],
    ['algorithm HS256', withHeader({ ...HEADER, alg: 'HS256' }), /algorithm "HS256"/],
    ['algorithm RS256', withHeader({ ...HEADER, alg: 'RS256' }), /algorithm "RS256"/],
    ['algorithm ES256', withHeader({ ...HEADER, alg: 'ES256' }), /algorithm "ES256"/],
    ['algorithm eddsa, in small letters', withHeader({ ...HEADER, alg: 'eddsa' }), /algorithm "eddsa"/],
    ['no algorithm', withHeader({ kid: organisation.did, typ: 'JOSE' }), /algorithm null/],
    ['no key id', withHeader({ alg: 'EdDSA', typ: 'JOSE' }), /names no key/],
    ['a critical extension', withHeader({ ...HEADER, crit: ['exp'] }), /crit, b64/],
    ['b64', withHeader({ ...HEADER, b64: false, crit: ['b64'] }), /crit, b64/],
    ['made for something else', withHeader({ ...HEADER, typ: 'vc+jwt' }), /made for something else/],
    ['keys of an attacker', withHeader({ ...HEADER, jku: 'https://evil.example/jwks.json' }), /not an https address of the card's own origin/],
    ['keys on a private address', withHeader({ ...HEADER, jku: 'https://10.0.0.1/jwks.json' }), /not an https address/],
    ['keys in plain text', withHeader({ ...HEADER, jku: 'http://agents.example.com/jwks.json' }), /not an https address/],
    ['keys behind a name before the @', withHeader({ ...HEADER, jku: `https://agents.example.com@evil.example/jwks.json` }), /not an https address/],
    ['keys that are no text', withHeader({ ...HEADER, jku: 7 }), /not an https address/],
    ['signatures that are none', (card) => Promise.resolve({ ...card, signatures: ['x', 7, { protected: '%%', signature: '%%' }] }), /no JWS/],
    ['too many signatures', async (card) => { const one = (await signedBy(organisation)(card, organisation))['signatures'] as readonly Json[]; return { ...card, signatures: Array.from({ length: 17 }, () => one[0] ?? null) }; }, /17 signatures/],
  ])('%s: exit 4 at the card', async (_name, card, finding) => {
    const verdict = await walkOver(await publication({ card }));
    expect([verdict.exit, verdict.links.filter((one) => one.exit !== 0).map((one) => one.link)]).toEqual([4, ['card']]);
    expect(broken(verdict)).toMatch(finding);
  });

  test.each<[string, Signing]>([
    ['keys at its own origin', withHeader({ ...HEADER, jku: `${ORIGIN}/jwks.json` })],
    ['the newer name of the algorithm', withHeader({ ...HEADER, alg: 'Ed25519' })],
    ['one more signature, of a stranger', async (card, by) => signAgentCard(await signedBy(stranger)(card, by), organisation, { kid: organisation.did })],
  ])('a good one: %s', async (_name, card) => {
    const verdict = await walkOver(await publication({ card }));
    expect([verdict.exit, broken(verdict)]).toEqual([0, '']);
  });

  const edits: readonly [string, (card: JsonObject) => JsonObject, RegExp][] = [
    ['another address to send work to', (card) => ({ ...card, supportedInterfaces: [{ url: 'https://evil.example/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] }), /no signature/],
    ['a look-alike in its name', (card) => ({ ...card, name: 'mail-triаge' }), /no signature/],
    ['the same letters composed otherwise', (card) => ({ ...card, description: 'e\u0301' }), /no signature/],
    ['an invisible letter', (card) => ({ ...card, name: 'mail\u200b-triage' }), /no signature/],
    ['a capability more', (card) => ({ ...card, skills: [...(card['skills'] as readonly Json[]), { id: 'pay', name: 'Pay', description: 'Pays.', tags: ['pay'] }] }), /no signature/],
    ['the status of its certificate', (card) => JSON.parse(JSON.stringify(card).replace('"certified"', '"certified forever"')) as JsonObject, /no signature/],
  ];
  test.each(edits)('edited after it was signed: %s', async (_name, edit, finding) => {
    const verdict = await walkOver(await publication({ card: async (card, signer) => edit(await signedBy(signer)(card, signer)) }));
    expect([verdict.exit, broken(verdict)]).toEqual([4, expect.stringMatching(finding)]);
  });

  test('said twice, so that two readers see two names', async () => {
    const verdict = await walkOver(await publication({ listed: (files) => files.set(PUBLISHED.card, (files.get(PUBLISHED.card) ?? '').replace('{', '{"name":"evil",')) }));
    expect([verdict.exit, broken(verdict)]).toEqual([4, expect.stringMatching(/card: no: .*name/)]);
  });

  test('empty values that were added say nothing: what was signed is what is read', async () => {
    const padded: Signing = async (card, by) => {
      const { capabilities, ...rest } = await signedBy(by)(card, by);
      const { extensions, ...others } = capabilities as JsonObject;
      return { ...rest, securitySchemes: {}, iconUrl: '', capabilities: { ...others, extensions: [...(extensions as readonly Json[]), {}] } };
    };
    expect((await walkOver(await publication({ card: padded }))).exit).toBe(0);
    const second: Signing = async (card, by) => {
      const { capabilities, ...rest } = await signedBy(by)(card, by);
      return { ...rest, capabilities: { ...(capabilities as JsonObject), extensions: [{ uri: (capabilities as { extensions: { uri: string }[] }).extensions[0]?.uri ?? '', params: { status: 'certified' } }] } };
    };
    expect((await walkOver(await publication({ card: second }))).exit).toBe(4);
  });

  test.each<[string, (params: JsonObject) => JsonObject, number, RegExp]>([
    ['of another agent', (params) => ({ ...params, did: stranger.did }), 4, /another agent or issuer/],
    ['of another organisation', (params) => ({ ...params, issuer: stranger.did }), 4, /another agent or issuer/],
    ['of another certificate', (params) => ({ ...params, certificate: digestBytes('other') }), 3, /another certificate, build or version/],
    ['of another build', (params) => ({ ...params, build: digestBytes('other') }), 3, /another certificate, build or version/],
    ['with another end', (params) => ({ ...params, validUntil: '2030-01-01T00:00:00.000Z' }), 3, /another certificate, build or version/],
    ['with a status that is none', (params) => ({ ...params, status: 'certified ' }), 4, /"certified ", which is no status/],
    ['with a status in other letters', (params) => ({ ...params, status: 'сertified' }), 4, /no status/],
    ['uncertified, though it is', (params) => ({ ...params, status: 'uncertified' }), 3, /says "uncertified", but the certificate stands until/],
    ['expired, though it is not', (params) => ({ ...params, status: 'expired' }), 3, /says "expired", but the certificate stands until/],
    ['revoked, though no list says so', (params) => ({ ...params, status: 'revoked' }), 1, /believe the worse/],
  ])('genuine, but %s', async (_name, edit, exit, finding) => {
    const card: Signing = async (bare, by) => {
      const { capabilities, ...rest } = bare as { capabilities: { extensions: { params: JsonObject }[] } } & JsonObject;
      const [extension] = capabilities.extensions;
      return signedBy(by)({ ...rest, capabilities: { ...capabilities, extensions: [{ ...extension, params: edit(extension?.params ?? {}) }] } } as unknown as JsonObject, by);
    };
    const verdict = await walkOver(await publication({ card }));
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test('two statuses on one card: a reader could take either', async () => {
    const card: Signing = async (bare, by) => {
      const { capabilities, ...rest } = bare as { capabilities: { extensions: JsonObject[] } } & JsonObject;
      const [extension = {}] = capabilities.extensions;
      return signedBy(by)({ ...rest, capabilities: { ...capabilities, extensions: [extension, extension] } } as unknown as JsonObject, by);
    };
    expect((await walkOver(await publication({ card }))).exit).toBe(4);
  });
});

describe('11.3 what the card says, the calendar and the status list', () => {
  test.each<[string, Making, Partial<Walk>, number, string]>([
    ['certified, and the certificate ran out', {}, { now: UNTIL }, 3, 'card: unknown: the card says "certified", but the certificate expired on 2027-02-18 00:00 UTC: the card is out of date'],
    ['certified, and the list says revoked', { status: { revoked: [PLACE] } }, {}, 1, 'card: unknown: the card says "certified", but the certificate was revoked: the card is out of date'],
    ['revoked, as the list says', { word: 'revoked', status: { revoked: [PLACE] } }, {}, 1, 'revocation: no: revoked: place 94567 of'],
  ])('%s', async (_name, making, walking, exit, finding) => {
    const verdict = await walkOver(await publication(making), walking);
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringContaining(finding)]);
  });

  test('a card that says what is so is no broken link, whatever it says', async () => {
    const revoked = await walkOver(await publication({ word: 'revoked', status: { revoked: [PLACE] } }));
    expect(revoked.links.find((one) => one.link === 'card')).toMatchObject({ is: 'yes', because: expect.stringContaining('says revoked') as unknown as string });
    const expired = await walkOver(await publication({ word: 'expired', status: { validUntil: '2027-03-01T00:00:00.000Z' } }), { now: UNTIL });
    expect(expired.links.find((one) => one.link === 'card')).toMatchObject({ is: 'yes', because: expect.stringContaining('says expired') as unknown as string });
    expect(expired.exit).toBe(3);
  });
});

describe('9.4 11.4 a forged status list', () => {
  const put = (text: string | Promise<string>) => async (files: Map<string, string>) => void files.set('status/1.json', await text);
  const changed = (change: (list: JsonObject) => JsonObject, signer: Signer = organisation) => put(statusList(signer, {}, change));
  const subject = (list: JsonObject, more: JsonObject) => ({ ...list, credentialSubject: { ...(list['credentialSubject'] as JsonObject), ...more } });
  test.each<[string, (files: Map<string, string>) => Promise<void> | void, number, RegExp]>([
    ['taken away', (files) => void files.delete('status/1.json'), 3, /revocation: unknown: status\/1\.json is not published here/],
    ['an older one, from before the revocation', put(statusList(organisation, { validFrom: '2026-11-01T00:00:00.000Z', validUntil: '2026-11-15T00:00:00.000Z' })), 3, /revocation: unknown: expired/],
    ['one from tomorrow', put(statusList(organisation, { validFrom: '2026-11-23T00:00:00.000Z' })), 3, /revocation: unknown: .*in the future/],
    ['of another purpose', changed((list) => subject(list, { statusPurpose: 'suspension' })), 4, /purpose/],
    ['of another address', changed((list) => ({ ...list, id: `${ORIGIN}/status/2.json` })), 4, /status\/2\.json/],
    ['of a stranger', put(statusList(stranger)), 4, /revocation: no/],
    ['of a stranger in the name of the organisation', changed((list) => ({ ...list, issuer: { id: organisation.did, name: 'Example Mail' } }), stranger), 4, /revocation: no/],
    ['without an end', changed(({ validUntil: _end, ...list }) => list), 3, /until when it counts/],
    ['a flipped bit, unsigned', async (files) => { const revoked = JSON.parse(await statusList(organisation, { revoked: [PLACE] })) as JsonObject; const clear = JSON.parse(await statusList(organisation)) as JsonObject; files.set('status/1.json', JSON.stringify({ ...revoked, credentialSubject: clear['credentialSubject'] })); }, 4, /revocation: no/],
    ['too short', changed((list) => subject(list, { encodedList: 'uH4sIAAAAAAAAA2NgAAAAAwABc1_ABQAAAA' })), 4, /revocation: no/],
    ['no JSON', put('<html>'), 4, /revocation: no/],
    ['said twice', async (files) => void files.set('status/1.json', (await statusList(organisation)).replace('{', '{"id":"x",')), 4, /revocation: no/],
  ])('%s', async (_name, change, exit, finding) => {
    const verdict = await forged(change);
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test('the bit of another certificate says nothing of this one', async () => {
    expect((await walkOver(await publication({ status: { revoked: [PLACE - 1, PLACE + 1, 0] } }))).exit).toBe(0);
  });

  test('a list that lies elsewhere is asked for there, and a private address is refused: no false signature', async () => {
    const claim = { status: { list: 'https://status.example.com/status/1.json', index: PLACE } };
    const files = await publication({ claim });
    files.delete('status/1.json');
    expect(broken(await walkOver(files, { elsewhere: (url) => Promise.reject(new Fault('REFUSED', `refused to ask ${url}: 10.0.0.1 is not a public address`)) }))).toMatch(/^revocation: no: refused to ask https:\/\/status/);
    const verdict = await walkOver(files, { elsewhere: () => Promise.reject(new Fault('REFUSED', 'refused')) });
    expect(verdict.exit).toBe(1);
    expect((await walkOver(files, { elsewhere: () => Promise.reject(new Fault('NETWORK', 'nobody there')) })).exit).toBe(6);
    const moved = (url: string) => statusList(organisation, {}, (list) => ({ ...list, id: url }));
    expect((await walkOver(files, { elsewhere: moved })).exit).toBe(0);
  });
});

describe('11.4 a forged folder', () => {
  const json = (value: Json) => canonical(value);
  const other = { ...certificate.claim, agent: { ...certificate.claim.agent, did: stranger.did } };
  const web = 'did:web:agents.example.com';
  const twice = (() => { const document = didWebDocument(web, agent.publicKey, [agent.did]); const [method] = document['verificationMethod'] as readonly JsonObject[]; return { ...document, verificationMethod: [method ?? {}, { ...method, publicKeyMultibase: stranger.did.slice(8) }] }; })();
  test.each<[string, (files: Map<string, string>) => void, number, RegExp]>([
    ['the document of another agent', (files) => files.set(PUBLISHED.did, json(didKeyDocument(stranger.publicKey))), 4, /identity: no: .*another key/],
    ['two ids in one document', (files) => files.set(PUBLISHED.did, json(didKeyDocument(agent.publicKey)).replace('{', `{"id":"${stranger.did}",`)), 4, /identity: no/],
    ['two keys under one id', (files) => files.set(PUBLISHED.did, json(twice)), 4, /identity: no: .*twice/],
    ['one more key, of a stranger', (files) => files.set(PUBLISHED.did, json(didWebHistory(web, { root: agent.did, keys: [agent, stranger].map(({ did }) => ({ did, from: null, ended: null })) }, [agent.did]))), 4, /identity: no: .*another key/],
    ['a DID that is published elsewhere', (files) => files.set(PUBLISHED.did, json(didWebDocument('did:web:elsewhere.example.com', agent.publicKey, [agent.did]))), 3, /identity: unknown: .*this place cannot confirm it/],
    ['another organisation', (files) => files.set(PUBLISHED.organisation, json(didKeyDocument(stranger.publicKey))), 4, /owner: no: .*another key/],
    ['another key for requests', (files) => files.set(PUBLISHED.keys, keyDirectory(stranger.publicKey)), 4, /keys: no: .*another key/],
    ['one more key for requests', (files) => files.set(PUBLISHED.keys, keyDirectory(agent.publicKey, stranger.publicKey)), 4, /keys: no: .*another key/],
    ['a key for requests under the name of another', (files) => files.set(PUBLISHED.keys, keyDirectory(stranger.publicKey).replace(/"kid":"[^"]*"/, (/"kid":"[^"]*"/.exec(keyDirectory(agent.publicKey)) ?? [''])[0])), 4, /keys: no: .*under the name of another/],
    ['no key for requests', (files) => files.set(PUBLISHED.keys, json({ keys: [] })), 4, /keys: no/],
    ['another build', (files) => files.set(PUBLISHED.build, '{}'), 4, /build: no/],
    ['another pact', (files) => files.set(PUBLISHED.pact, files.get(PUBLISHED.certificate) ?? ''), 4, /pact: no/],
    ['no history', (files) => files.set(PUBLISHED.history, '\n'), 3, /history: unknown: .*no certificate/],
    ['a history that is no JSON', (files) => files.set(PUBLISHED.history, 'x\n'), 4, /history: no: certificate 1 of the history/],
    ['a history with the same certificate twice', (files) => files.set(PUBLISHED.history, (files.get(PUBLISHED.history) ?? '').repeat(2)), 4, /history: no: certificate 2 .*does not follow/],
  ])('%s, and the organisation signed the list of files all the same', async (_name, listed, exit, finding) => {
    const verdict = await walkOver(await publication({ listed }));
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test.each<[string, () => Promise<[string, string]>, number, RegExp]>([
    ['a credential of another agent', async () => [PUBLISHED.credential, await signCredential(credentialOf(other, certificate.digest, organisation.did), organisation, NOW)], 4, /credential: no: .*says something else .*credentialSubject/],
    ['a credential of another certificate', async () => [PUBLISHED.credential, await signCredential(credentialOf(certificate.claim, digestBytes('x'), organisation.did), organisation, NOW)], 4, /credential: no: .*another certificate/],
    ['a credential with a later end', async () => [PUBLISHED.credential, await signCredential(credentialOf({ ...certificate.claim, validUntil: '2030-01-01T00:00:00.000Z' }, certificate.digest, organisation.did), organisation, NOW)], 4, /credential: no: .*validUntil/],
    ['a credential of a stranger', async () => [PUBLISHED.credential, await signCredential(credentialOf(certificate.claim, certificate.digest, stranger.did), stranger, NOW)], 4, /credential: no: .*is no key of this identity/],
    ['a credential of a stranger in the name of the organisation', async () => [PUBLISHED.credential, await signCredential(credentialOf(certificate.claim, certificate.digest, organisation.did), stranger, NOW)], 4, /credential: no/],
    ['a summary that promises more', async () => [PUBLISHED.summary, envelopeText(await signStatement({ subject: [{ name: 'artifacts/build.json', digest: digestBytes('x') }], predicateType: SVR, predicate: {} }, organisation))], 4, /summary: no/],
    ['a summary of a stranger', async () => [PUBLISHED.summary, envelopeText(await signStatement({ subject: [{ name: 'artifacts/build.json', digest: digestBytes('x') }], predicateType: SVR, predicate: {} }, stranger))], 4, /summary: no/],
    ['the checkpoint of another log', async () => [PUBLISHED.checkpoint, await signCheckpointNote({ origin: 'other/2', size: 50, root: 'd'.repeat(64) }, stranger)], 4, /log: no/],
    ['the checkpoint of a stranger in the name of the log', async () => [PUBLISHED.checkpoint, await signCheckpointNote({ origin: 'example/1', size: 50, root: 'd'.repeat(64) }, stranger)], 4, /log: no/],
    ['the certificate of a stranger', async () => [PUBLISHED.certificate, envelopeText(await signEnvelope('application/vnd.in-toto+json', new TextEncoder().encode('{}'), stranger))], 4, /envelope: no/],
  ])('%s', async (_name, make, exit, finding) => {
    const [path, text] = await make();
    const verdict = await walkOver(await publication({ listed: (files) => void files.set(path, text) }));
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test('a shorter log than the one that was certified', async () => {
    const shorter = await certificateOf({ ledger: { ...certificate.claim.ledger, size: 43 } });
    expect(shorter.claim.ledger.size).toBe(43);
    const verdict = await walkOver(await publication({ claim: { ledger: { ...certificate.claim.ledger, size: 43 } } }));
    expect([verdict.exit, broken(verdict)]).toEqual([4, expect.stringMatching(/log: no: the log had 43 entries/)]);
  });

  test.each<[string, (files: Map<string, string>) => void, number, RegExp]>([
    ['a file edited', (files) => files.set(PUBLISHED.page, '<h1>evil</h1>'), 4, /list: no: changed since it was signed: index\.html/],
    ['a file taken away', (files) => void files.delete(PUBLISHED.bundle), 3, /./],
    ['the list taken away', (files) => void files.delete(PUBLISHED.list), 3, /list: unknown: publication\.dsse\.json is not published here/],
    ['the list signed by a stranger', (files) => files.set(PUBLISHED.list, (files.get(PUBLISHED.list) ?? '').replace(/"sig":"../, '"sig":"AA')), 4, /list: no/],
    ['the certificate taken away', (files) => void files.delete(PUBLISHED.certificate), 3, /certificate: unknown/],
  ])('after the list was signed: %s', async (name, change, exit, finding) => {
    const making = name === 'a file taken away' ? { listed: (files: Map<string, string>) => void files.set(PUBLISHED.bundle, '{}') } : {};
    const verdict = await forged(change, {}, making);
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });

  test('a list that leaves out the card', async () => {
    const files = await publication({ listed: (all) => void all.delete(PUBLISHED.card) });
    files.set(PUBLISHED.card, 'anything');
    expect(broken(await walkOver(files))).toMatch(/list: unknown: the signed list of files leaves out \.well-known\/agent-card\.json/);
  });

  test.each<[string, (files: Map<string, string>) => string]>([
    ['a list', () => '[]'],
    ['nothing', () => ''],
    ['a web page', () => '<!doctype html>'],
    ['another object', () => '{"hello":"world"}'],
    ['the card', (files) => files.get(PUBLISHED.card) ?? ''],
    ['the list of files', (files) => files.get(PUBLISHED.list) ?? ''],
    ['its own credential', (files) => files.get(PUBLISHED.credential) ?? ''],
    ['its own verification result', (files) => files.get(PUBLISHED.summary) ?? ''],
    ['its own bundle', () => canonical(sigstoreBundle(certificate.envelope, organisation.did))],
  ])('in the place of the certificate: %s: the mistake of the publisher, exit 4', async (_name, instead) => {
    const verdict = await forged((files) => void files.set(PUBLISHED.certificate, instead(files)));
    expect([verdict.exit, broken(verdict)]).toEqual([4, expect.stringMatching(/^certificate: no: not what certificate\.dsse\.json has to be/)]);
  });

  test('a credential beside the list is nobody\'s word, and is not looked at', async () => {
    const files = await publication({ listed: (all) => void all.delete(PUBLISHED.credential) });
    files.set(PUBLISHED.credential, '{"evil":true}');
    expect((await walkOver(files)).exit).toBe(0);
  });
});

describe('1.1 11.4 keys that change', () => {
  const both: Signing = async (card) => signAgentCard(await signedBy(organisation)(card, organisation), next, { kid: next.did });

  test('after a rotation the new key signs card, lists and folder: a reader who knows the first key follows', async () => {
    const verdict = await walkOver(await publication({ signer: next, statements: [succession] }));
    expect([verdict.exit, broken(verdict)]).toEqual([0, '']);
    expect(verdict.links[0]).toMatchObject({ link: 'succession', because: 'Example Mail has had 2 keys, mail-triage 1 key, each named by the one before' });
  });

  test('while readers follow, the card carries both signatures', async () => {
    expect((await walkOver(await publication({ signer: next, statements: [succession], card: both }))).exit).toBe(0);
  });

  test('an organisation with a did:web states the key that speaks, and keeps the former one for the record', async () => {
    const history = { root: organisation.did, keys: [{ did: organisation.did, from: null, ended: { at: ROTATED, cause: 'superseded' as const } }, { did: next.did, from: ROTATED, ended: null }] };
    const listed = (files: Map<string, string>) => void files.set(PUBLISHED.organisation, canonical(didWebHistory('did:web:example.com', history, [organisation.did])));
    const verdict = await walkOver(await publication({ signer: next, statements: [succession], listed }));
    expect([verdict.exit, broken(verdict)]).toEqual([0, '']);
  });

  test.each<[string, Parameters<typeof statusList>[1], number, string]>([
    ['in its time: it counts until it ends', {}, 0, ''],
    ['in its time, with the certificate revoked', { revoked: [PLACE] }, 1, 'revocation: no: revoked'],
    ['after it was succeeded', { validFrom: '2026-11-22T00:00:00.000Z' }, 4, 'revocation: no: .* no longer spoke'],
    ['after it was succeeded, where it still was the day before', { validFrom: '2026-11-20T23:00:00-12:00' }, 4, 'revocation: no: .* no longer spoke'],
  ])('9.4 a status list that the former key signed %s', async (_when, status, exit, words) => {
    const files = await publication({ signer: next, statements: [succession] });
    files.set('status/1.json', await statusList(organisation, status));
    const verdict = await walkOver(files);
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(words)]);
  });

  test('two keys of an agent that is just being rotated are both in the directory until the first ends', async () => {
    const rotated = await signSuccession({ identity: agent.did, from: agent.did, to: later.did, at: '2026-11-22T18:00:00.000Z' }, agent, later);
    const listed = (files: Map<string, string>) => void files.set(PUBLISHED.keys, keyDirectory(agent.publicKey, later.publicKey));
    const verdict = await walkOver(await publication({ statements: [rotated], listed }), { now: '2026-11-22T18:00:00.000Z' });
    expect([verdict.exit, broken(verdict)]).toEqual([3, expect.stringMatching(/keys: unknown: .*out of date: .*no longer spoke/)]);
    expect((await walkOver(await publication({ statements: [rotated], directory: [later.publicKey] }), { now: '2026-11-22T18:00:00.000Z' })).exit).toBe(0);
  });

  test.each<[string, Making, number, RegExp]>([
    ['only the former key signed the card', { signer: next, statements: [succession], card: signedBy(organisation) }, 3, /card: unknown: .*does not speak: .*no longer spoke/],
    ['the former key signed the folder', { signer: organisation, statements: [succession] }, 4, /list: no: .*no longer spoke/],
    ['a successor that nobody named', { signer: next }, 4, /list: no/],
    ['a succession that only the new key signed', { signer: next, statements: [{ ...succession, signatures: succession.signatures.slice(1) }] }, 4, /succession: no/],
    ['a succession with the halves in each other\'s name', { signer: next, statements: [{ ...succession, signatures: [...succession.signatures].reverse() }] }, 4, /succession: no/],
    ['a key that was withdrawn as compromised', { signer: next, statements: [succession, thief] }, 4, /card: no: .*nothing that it signed counts/],
    ['the key of an operator, withdrawn before he signed off', { statements: [annCeased] }, 4, /sign-offs: no: the sign-off of Ann Example does not count: .*no longer spoke/],
    ['the key of an operator, withdrawn as compromised', { statements: [annStolen] }, 1, /sign-offs: no: .*nothing that it signed counts/],
    ['the key that signed the certificate, withdrawn as compromised afterwards', { signer: next, statements: [succession, stolen] }, 4, /signer: no: .*nothing that it signed counts/],
  ])('%s', async (_name, making, exit, finding) => {
    const verdict = await walkOver(await publication(making));
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });
});

describe('11.4 asked for by a DID', () => {
  const web = `did:web:${new URL(INTERFACE).host}`;
  const listed = (files: Map<string, string>) => void files.set(PUBLISHED.did, canonical(didWebDocument(web, agent.publicKey, [agent.did])));
  test.each<[string, string, Making, number, RegExp]>([
    ['the did:key of the agent', agent.did, {}, 0, /^$/],
    ['the did:key of the organisation', organisation.did, {}, 0, /^$/],
    ['the did:web of the agent', web, { listed }, 0, /^$/],
    ['the did:key of somebody else', stranger.did, {}, 4, /did: no: .*is neither the agent/],
    ['a did:web that this place does not publish', web, {}, 4, /did: no/],
    ['a did:web with another path', `${web}:other`, { listed }, 3, /did: unknown: other\/did\.json is not published here/],
    ['a did:web with the key of a stranger', web, { listed: (files) => void files.set(PUBLISHED.did, canonical(didWebDocument(web, stranger.publicKey, [agent.did]))) }, 4, /did: no: .*is neither the agent/],
  ])('%s', async (_name, asked, making, exit, finding) => {
    const verdict = await walkOver(await publication(making), { asked });
    expect([verdict.exit, broken(verdict)]).toEqual([exit, expect.stringMatching(finding)]);
  });
});
