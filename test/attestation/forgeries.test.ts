/** The certificate in the hands of forgers: each trick with its exact exit status and the link that finds it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { certificateStatement, type CertificatePredicate } from '../../src/attestation/certificate.js';
import { readEnvelope, addSignature, envelopeText, preAuthEncoding, signEnvelope, type Envelope } from '../../src/attestation/dsse.js';
import { signAct } from '../../src/attestation/human-act.js';
import { sigstoreBundle } from '../../src/attestation/sigstore-bundle.js';
import { parseStatement, PAYLOAD_TYPE, statementBytes } from '../../src/attestation/statement.js';
import { statusListOf } from '../../src/attestation/status-list.js';
import { signCredential } from '../../src/attestation/credential.js';
import { signSuccession, signWithdrawal } from '../../src/attestation/succession.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes } from '../../src/domain/digest.js';
import { parseJson, type Json } from '../../src/domain/json.js';
import type { Signer } from '../../src/domain/ports.js';
import { soleKey } from '../../src/identity/key-history.js';
import { signerOf } from '../../src/identity/signer.js';
import { verifyCertificate, type CertificateCheck } from '../../src/index.js';
import { signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { CHECK, holds, told, type Forgery } from './forgery.js';
import { act, ann, BUILD, CANDIDATE, certificate, log, NOW, ORIGIN, organisation, ownership, PACT, predicate, SECTIONS, stranger } from './certified.js';

const genuine = await certificate();
const text = envelopeText(genuine);
const payload = Buffer.from(genuine.payload, 'base64').toString('utf8');
const [sig = { keyid: '', sig: '' }] = genuine.signatures;
const check: CertificateCheck = { ...CHECK, envelope: text };
const ISSUED = '2026-11-20T00:00:00.000Z';

/** Another payload under the signature as it was. */
const edited = (change: (text: string) => string): string => {
  const after = change(payload);
  if (after === payload) throw new Error('the forgery changes nothing');
  return envelopeText({ ...genuine, payload: Buffer.from(after).toString('base64') });
};
/** Another payload under a signature that holds: what a careless or bent issuer would sign. */
const resigned = async (change: (text: string) => string | Uint8Array, signer: Signer = organisation) => {
  const after = change(payload);
  if (after === payload) throw new Error('the forgery changes nothing');
  return envelopeText(await signEnvelope(PAYLOAD_TYPE, Buffer.from(after), signer));
};
const claiming = async (changes: Partial<CertificatePredicate>, signer?: Signer) => envelopeText(await certificate(changes, signer));
const withSig = (change: Partial<typeof sig>, rest: Partial<Envelope> = {}) => envelopeText({ ...genuine, ...rest, signatures: [{ ...sig, ...change }] });

/** The bundle with other members; undefined takes one away. */
const bundled = (changes: Record<string, unknown>) => JSON.stringify({ ...(sigstoreBundle(genuine, organisation.did) as object), ...changes });

describe('9.3 keys', () => {
  const next = () => signerOf(new Uint8Array(32).fill(21));
  const succession = async (at: string, to?: Signer) => signSuccession({ identity: organisation.did, from: organisation.did, to: (to ?? (await next())).did, at }, organisation, to ?? (await next()));
  const withdrawn = (cause: 'ceased' | 'compromised', since: string) => signWithdrawal({ identity: organisation.did, key: organisation.did, cause, since, by: organisation.did, at: NOW }, organisation);
  const forgeries: readonly Forgery[] = [
    ['wrong key', claiming({}, stranger), 4, 'signer', `signed by ${stranger.did}, but it names ${organisation.did}`],
    ['wrong key under the right key id', certificate({}, stranger).then((one) => envelopeText({ ...one, signatures: one.signatures.map((each) => ({ ...each, keyid: organisation.did })) })), 4, 'signer', 'no signature'],
    ['key id pointing at an attacker', withSig({ keyid: stranger.did }), 4, 'signer', 'another key'],
    ['key id that is an address', withSig({ keyid: 'https://attacker.example/key.json' }), 4, 'signer', 'another key'],
    ['unknown root', text, 3, 'authority', 'not among the roots', { trust: [stranger.did] }],
    ['key withdrawn as compromised, as the reader knows', text, 1, 'authority', 'compromised', { trust: [{ root: organisation.did, keys: [{ did: organisation.did, from: null, ended: { at: NOW, cause: 'compromised' } }] }] }],
    ['key withdrawn as compromised, as the certificate itself shows', withdrawn('compromised', ISSUED).then((one) => claiming({ keys: [one] })), 1, 'authority', 'compromised'],
    ['key that ended before it signed', withdrawn('ceased', '2026-11-01T00:00:00.000Z').then((one) => claiming({ keys: [one] })), 4, 'authority', 'no longer spoke'],
    ['key that the reader saw end before it signed', text, 4, 'authority', 'no longer spoke', { trust: [{ root: 'did:web:example.com', keys: [{ did: organisation.did, from: null, ended: { at: '2026-11-01T00:00:00.000Z', cause: 'superseded' } }] }] }],
    ['key valid later only', next().then(async (key) => envelopeText(await certificate({ keys: [await succession('2026-11-21T00:00:00.000Z')] }, key))), 4, 'authority', 'did not speak yet'],
    ['former key after it was succeeded', succession('2026-11-10T00:00:00.000Z').then((one) => claiming({ keys: [one] })), 4, 'authority', 'no longer spoke'],
    ['successor that only the attacker signed', next().then(async (key) => {
      const forged = await signSuccession({ identity: organisation.did, from: stranger.did, to: key.did, at: '2026-11-10T00:00:00.000Z' }, stranger, key);
      return envelopeText(await certificate({ keys: [forged] }, key));
    }), 4, 'signer', 'keys do not hold'],
    ['succession that lost one of its signatures', next().then(async (key) => {
      const whole = await succession('2026-11-10T00:00:00.000Z');
      return envelopeText(await certificate({ keys: [{ ...whole, signatures: whole.signatures.slice(1) }] }, key));
    }), 4, 'signer', 'keys do not hold'],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));

  test('a later key of the same organisation is as good, for who trusts the first one', async () => {
    const key = await next();
    const envelope = envelopeText(await certificate({ keys: [await succession('2026-11-10T00:00:00.000Z')] }, key));
    expect(await told(envelope)).toMatchObject({ exit: 0 });
    expect(await told(envelope, { trust: [{ root: 'did:web:example.com', keys: [...soleKey(key.did).keys] }] })).toMatchObject({ exit: 0 });
    expect(await told(envelope, { trust: [{ root: organisation.did, keys: [{ did: organisation.did, from: null, ended: { at: '2026-11-10T00:00:00.000Z', cause: 'superseded' } }] }] })).toMatchObject({ exit: 0 });
    // Who knows that the first one was stolen believes no hand-over by it.
    expect(await told(envelope, { trust: [{ root: organisation.did, keys: [{ did: organisation.did, from: null, ended: { at: ISSUED, cause: 'compromised' } }] }] })).toMatchObject({ exit: 1, link: 'authority' });
  });
});

describe('9.3 envelope', () => {
  const forgeries: readonly Forgery[] = [
    ['payload type swapped', envelopeText({ ...genuine, payloadType: 'application/json' }), 4, 'signer', 'no signature'],
    ['payload type swapped and signed', signEnvelope('text/plain', Buffer.from(payload), organisation).then(envelopeText), 4, 'signer', 'not an in-toto statement'],
    ['signature over the bare payload, without its type', organisation.sign(Buffer.from(payload)).then((bytes) => withSig({ sig: Buffer.from(bytes).toString('base64') })), 4, 'signer', 'no signature'],
    ['two signatures', certificate({}, stranger).then((one) => envelopeText({ ...genuine, signatures: [sig, ...one.signatures] })), 4, 'signer', '2 signatures'],
    ['one signature of two is enough for nobody', addSignature(genuine, ann).then(envelopeText), 4, 'signer', '2 signatures'],
    ['the same signature twice counts once', envelopeText({ ...genuine, signatures: [sig, sig] }), 4, 'signer', '2 signatures'],
    ['no signature', envelopeText({ ...genuine, signatures: [] }), 4, 'envelope', 'not a DSSE envelope'],
    ['signature cut short', withSig({ sig: Buffer.from(sig.sig, 'base64').subarray(0, 63).toString('base64') }), 4, 'signer', 'no signature'],
    ['all zero signature', withSig({ sig: Buffer.alloc(64).toString('base64') }), 4, 'signer', 'no signature'],
    ['algorithm confusion: a JWS of type none', JSON.stringify({ payload: genuine.payload, protected: 'eyJhbGciOiJub25lIn0', signature: '' }), 4, 'envelope', 'not a DSSE envelope'],
    ['algorithm named beside the signature', JSON.stringify({ ...genuine, signatures: [{ ...sig, alg: 'none' }] }), 4, 'envelope', 'keyid and sig'],
    ['a PEM key brought along', JSON.stringify({ ...genuine, signatures: [{ ...sig, cert: 'MCowBQYDK2VwAyEA' }] }), 4, 'envelope', 'keyid and sig'],
    ['duplicated key outside', text.replace('{"payload":', '{"payload":"e30=","payload":'), 4, 'envelope', 'duplicate key'],
    ['duplicated key spelled with an escape', text.replace('{"payload":', '{"p\\u0061yload":"e30=","payload":'), 4, 'envelope', 'duplicate key'],
    ['lookalike member name', text.replace('"payloadType"', '"payl\u043eadType"'), 4, 'envelope', 'not a DSSE envelope'],
    ['base64 with a second reading', text.replace('","payloadType', '=","payloadType'), 4, 'envelope', 'base64'],
    ['line break in base64', text.replace('{"payload":"', '{"payload":"\\n'), 4, 'envelope', 'base64'],
    ['mixed alphabets in base64', withSig({ sig: '-/'.repeat(43).slice(0, 86) }), 4, 'signer', 'base64'],
    ['text after the end', `${text}{}`, 4, 'envelope', 'text after'],
    ['byte order mark before the start', `\ufeff${text}`, 4, 'envelope', ''],
    ['in a bundle: two signatures', Promise.resolve(JSON.stringify({ ...(sigstoreBundle(genuine, organisation.did) as object), dsseEnvelope: { ...genuine, signatures: [sig, sig] } })), 4, 'signer', '2 signatures'],
    ['in a bundle: of a later kind', JSON.stringify({ ...(sigstoreBundle(genuine, organisation.did) as object), mediaType: 'application/vnd.dev.sigstore.bundle.v9+json' }), 4, 'envelope', 'known version'],
    ['in a bundle: another envelope in it', bundled({ dsseEnvelope: { ...genuine, payload: 'e30=' } }), 4, 'envelope', 'Statement'],
    ['in a bundle: another content beside it', bundled({ messageSignature: {} }), 4, 'envelope', 'holds one content'],
    ['in a bundle: without verification material', bundled({ verificationMaterial: undefined }), 4, 'envelope', 'verificationMaterial'],
    ['in a bundle: verification material that is none', bundled({ verificationMaterial: [] }), 4, 'envelope', 'verificationMaterial'],
    ['in a bundle: verification material without key or certificate', bundled({ verificationMaterial: { tlogEntries: [] } }), 4, 'envelope', 'verificationMaterial'],
    ['in a bundle: verification material with two answers', bundled({ verificationMaterial: { publicKey: { hint: organisation.did }, certificate: { rawBytes: '' } } }), 4, 'envelope', 'several'],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));

  test.each([
    ['printed with white space', JSON.stringify(genuine, null, 2)],
    ['in another order of members', JSON.stringify({ signatures: genuine.signatures, payloadType: genuine.payloadType, payload: genuine.payload })],
    ['in the URL-safe alphabet', envelopeText({ ...genuine, payload: genuine.payload.replaceAll('+', '-').replaceAll('/', '_'), signatures: [{ ...sig, sig: sig.sig.replaceAll('+', '-').replaceAll('/', '_') }] })],
    ['without a key id', withSig({ keyid: '' })],
    ['in a Sigstore bundle', `${canonical(sigstoreBundle(genuine, organisation.did))}\n`],
  ])('re-encoded: %s, the same is signed, and holds', async (_name, envelope) => {
    expect(await told(envelope)).toMatchObject({ exit: 0 });
  });

  test('truncated at every 97th byte: exit 4, or no certificate at all while nothing of it can be seen', async () => {
    for (let end = 1; end < text.length - 2; end += 97) expect([end, (await told(text.slice(0, end))).exit]).toEqual([end, 4]);
  });
});

describe('9.3 what is signed', () => {
  const forgeries: readonly Forgery[] = [
    ['swapped organisation', edited((one) => one.replaceAll(organisation.did, stranger.did)), 4, 'signer', ''],
    ['swapped organisation, signed by the other', resigned((one) => one.replace(`"organisation":{"did":"${organisation.did}"`, `"organisation":{"did":"${stranger.did}"`), stranger), 4, 'ownership', 'another agent or owner', { trust: [stranger.did] }],
    ['name of the organisation with a lookalike', edited((one) => one.replace('Example Mail', 'Ex\u0430mple Mail')), 4, 'signer', 'no signature'],
    ['swapped subject', edited((one) => one.replace(/"sha256":"[0-9a-f]{64}"\},"name":"artifacts/, `"sha256":"${'e'.repeat(64)}"},"name":"artifacts`)), 4, 'envelope', 'first subject'],
    ['swapped subject, signed', resigned((one) => one.replace(/"sha256":"[0-9a-f]{64}"\},"name":"artifacts/, `"sha256":"${'e'.repeat(64)}"},"name":"artifacts`)), 4, 'envelope', 'first subject'],
    ['subjects exchanged, signed', predicate().then((claim) => signEnvelope(PAYLOAD_TYPE, statementBytes(certificateStatement(claim, claim.pact.digest, claim.pact.digest)), organisation)).then(envelopeText), 4, 'envelope', 'first subject'],
    ['no subject, signed', resigned((one) => one.replace(/"subject":\[.*\]\}$/, '"subject":[]}')), 4, 'envelope', 'Statement'],
    ['an older statement type, signed', resigned((one) => one.replace('Statement/v1', 'Statement/v0.1')), 4, 'envelope', 'Statement'],
    ['wrong predicate type, signed', resigned((one) => one.replace('agent-certification/v1', 'agent-certification/v9')), 4, 'envelope', 'type'],
    ['predicate type of a stranger, signed', resigned((one) => one.replace('https://agentctl.dev/attestations/agent-certification/v1', 'https://slsa.dev/provenance/v1')), 4, 'envelope', 'type'],
    ...(['validUntil', 'candidate', 'signOffs', 'ownership', 'ledger', 'ceremony', 'steps', 'waivers', 'previous'] as const).map((name): Forgery => [
      `stripped of ${name}, signed`, resigned((one) => canonical(without(parseJson(one, 'payload'), name))), 4, 'envelope', `/${name} is missing`,
    ]),
    ['a member more, signed', resigned((one) => one.replace('"stakes":', '"staked":1,"stakes":').replace('"staked":1,"stakes":', '"sta":1,"stakes":')), 4, 'envelope', '/sta is not allowed'],
    ['duplicated key inside, signed', resigned((one) => one.replace('"stakes":', '"stakes":"low","stakes":')), 4, 'envelope', 'duplicate key'],
    ['duplicated key deep inside, signed', resigned((one) => one.replace('"n":2100', '"n":1,"n":2100')), 4, 'envelope', 'duplicate key'],
    ['an unseen character in a member beside the true one, signed', resigned((one) => one.replace('"n":2100', '"n":2100,"n\u200b":1')), 4, 'envelope', ''],
    ['a step shown twice, passed and failed, signed', predicate().then(({ steps }) => claiming({ steps: [...steps, { id: 'audit', state: 'failed', required: false }] })), 4, 'envelope', 'audit is shown twice'],
    ['duplicated key spelled with an escape, signed', resigned((one) => one.replace('"stakes":', '"st\\u0061kes":"low","stakes":')), 4, 'envelope', 'duplicate key'],
    ['lookalike member name, signed', resigned((one) => one.replace('"stakes":', '"st\u0430kes":')), 4, 'envelope', ''],
    ['a name in another normal form, edited', edited((one) => one.replace('Ann Example', 'A\u006e\u0303n Example').replace('Example Mail', 'Exa\u0301mple Mail')), 4, 'signer', 'no signature'],
    ['a lone surrogate, signed', resigned((one) => one.replace('"mail-triage"', '"mail-\\ud800triage"')), 4, 'envelope', 'lone surrogate'],
    ['bytes that are no UTF-8, signed', resigned((one) => Buffer.concat([Buffer.from(one.slice(0, 200)), Buffer.from([0xff]), Buffer.from(one.slice(201))])), 4, 'envelope', 'UTF-8'],
    ['__proto__ as a member, signed', resigned((one) => one.replace('"dimensions":{', '"dimensions":{"__proto__":"0.5",')), 4, 'envelope', '__proto__'],
    ['white space inside, signed', resigned((one) => ` ${one}`), 4, 'envelope', 'canonical'],
    ['members in another order, signed', resigned((one) => one.replace(/^\{"_type":("[^"]*"),(.*)\}$/, '{$2,"_type":$1}')), 4, 'envelope', 'canonical'],
    ['a number in another spelling, signed', resigned((one) => one.replace('"n":2100', '"n":2.1e3')), 4, 'envelope', 'canonical'],
    ['an integer that is rounded, signed', resigned((one) => one.replace('"n":2100', '"n":9007199254740993')), 4, 'envelope', '2^53'],
    ['later expiry', edited((one) => one.replace('2027-02-18', '2029-02-18')), 4, 'signer', 'no signature'],
    ['past expiry', text, 3, 'freshness', 'expired', { now: '2027-02-18T00:00:00.000Z' }],
    ['from the future', claiming({ validFrom: '2026-12-24T00:00:00.000Z' }), 3, 'freshness', 'not valid before'],
    ['a day that there is none of, signed', claiming({ validUntil: '2027-13-45T00:00:00.000Z' }), 4, 'envelope', 'time'],
    ['`previous` bent', claiming({ previous: digestBytes('another') }).then((one) => one.replace(one, edited((before) => before.replace('"previous":null', `"previous":"${digestBytes('another')}"`)))), 4, 'signer', 'no signature'],
    ['candidate of another build, signed', claiming({ candidate: PACT }), 4, 'envelope', 'candidate'],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));
});

describe('9.3 what it rests on', () => {
  const forgeries: readonly Forgery[] = [
    ['sign-off borrowed from another candidate', signAct(act(), PACT, ann).then((one) => claiming({ signOffs: [one] })), 4, 'sign-offs', 'signed something else'],
    ['sign-off for another agent', signAct(act({ agent: { id: 'other', did: null, version: null, build: null } }), CANDIDATE, ann).then((one) => claiming({ signOffs: [one] })), 4, 'sign-offs', 'signed something else'],
    ['an act that is no sign-off', signAct(act({ act: 'certify.decline' }), CANDIDATE, ann).then((one) => claiming({ signOffs: [one] })), 4, 'sign-offs', 'signed something else'],
    ['sign-off with one changed word', signAct(act(), CANDIDATE, ann).then((one) => claiming({ signOffs: [{ ...one, payload: Buffer.from(Buffer.from(one.payload, 'base64').toString('utf8').replace('Ann', 'Bob')).toString('base64') }] })), 4, 'sign-offs', 'does not hold'],
    ['the same person twice for a quorum of two', Promise.all([signAct(act(), CANDIDATE, ann), signAct(act({ operator: { id: 'ann-again', name: 'Ann Again', did: ann.did } }), CANDIDATE, ann)]).then((signOffs) => claiming({ signOffs, quorum: { count: 2, roles: ['operations', 'legal'], each: false } })), 1, 'sign-offs', '1 of operations or legal'],
    ['a quorum of both roles with one of them', claiming({ quorum: { count: 1, roles: ['operations', 'legal'], each: true } }), 1, 'sign-offs', 'nobody of legal'],
    ['ownership of another agent', ownership(organisation, stranger).then((pair) => claiming({ ownership: pair })), 4, 'ownership', 'another agent'],
    ['ownership by another owner', ownership(stranger).then((pair) => claiming({ ownership: pair })), 4, 'ownership', 'another agent or owner'],
    ['acceptance of another credential', Promise.all([ownership(), ownership(stranger)]).then(([a, b]) => claiming({ ownership: { credential: a.credential, acceptance: b.acceptance } })), 4, 'ownership', 'another'],
    ['checkpoint of another size', signCheckpointNote({ origin: ORIGIN, size: 41, root: 'd'.repeat(64) }, log).then((checkpoint) => ledgerWith({ checkpoint })), 4, 'checkpoint', '42 entries'],
    ['checkpoint of another log', signCheckpointNote({ origin: 'other/log', size: 42, root: 'd'.repeat(64) }, log).then((checkpoint) => ledgerWith({ checkpoint })), 4, 'checkpoint', ''],
    ['checkpoint signed by a stranger', signCheckpointNote({ origin: ORIGIN, size: 42, root: 'd'.repeat(64) }, stranger).then((checkpoint) => ledgerWith({ checkpoint })), 4, 'checkpoint', ''],
    ['checkpoint without signature', ledgerWith({ checkpoint: `${ORIGIN}\n42\n${Buffer.alloc(32).toString('base64')}\n` }), 4, 'checkpoint', ''],
    ['another agent of the same build', text, 3, 'subject', 'another agent', { subject: { agent: '00000000-0000-4000-8000-000000000000', build: BUILD, sections: SECTIONS } }],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));
});

describe('9.4 revocation by a list that the reader brings along', () => {
  const url = 'https://agents.example.com/status/1.json';
  const place = { list: url, index: 7 };
  const listed = claiming({ status: place });
  const list = async (changes: Partial<Parameters<typeof statusListOf>[0]> = {}, signer: Signer = organisation) =>
    signCredential(statusListOf({ url, issuer: { id: signer.did, name: 'Example Mail' }, validFrom: '2026-11-21T00:00:00.000Z', validUntil: '2026-12-05T00:00:00.000Z', revoked: [3], ...changes }), signer, '2026-11-21T00:00:00.000Z');
  const cases: readonly (readonly [name: string, status: Promise<string> | string | undefined, exit: number, is: string, words: string, change?: Partial<CertificateCheck>])[] = [
    ['no list', undefined, 0, 'unknown', 'not looked up'],
    ['no list, and the policy wants one', undefined, 3, 'unknown', 'not looked up', { policy: { requireStatus: true } }],
    ['not among the revoked', list(), 0, 'yes', 'not revoked'],
    ['among the revoked', list({ revoked: [7] }), 1, 'no', 'place 7'],
    ['status flipped after signing', list({ revoked: [7] }).then(async (one) => one.replace(/"encodedList":"[^"]+"/, (await list()).match(/"encodedList":"[^"]+"/)?.[0] ?? '')), 4, 'no', 'signature'],
    ['signed by a stranger', list({}, stranger), 4, 'no', stranger.did],
    ['signed by a stranger in the name of the organisation', list({ issuer: { id: organisation.did, name: 'Example Mail' } }, stranger), 4, 'no', 'does not let'],
    ['expired', list({ validFrom: '2026-11-01T00:00:00.000Z', validUntil: '2026-11-15T00:00:00.000Z' }), 3, 'unknown', 'expired'],
    ['from the future', list({ validFrom: '2026-11-25T00:00:00.000Z' }), 3, 'unknown', 'not valid before'],
    ['another list of the same organisation: the wrong file', list({ url: 'https://agents.example.com/status/2.json' }), 2, 'unknown', 'status/2.json'],
    ['another list, of a stranger', list({ url: 'https://agents.example.com/status/2.json' }, stranger), 4, 'no', stranger.did],
    ['a list that says another address after it was signed', list().then((one) => one.replace(`"id":"${url}"`, '"id":"https://agents.example.com/status/2.json"')), 4, 'no', 'signature'],
    ['the certificate in place of the list', text, 2, 'unknown', 'no status list'],
    ['a text that is no JSON', 'revoked: none', 2, 'unknown', 'no status list'],
    ['nothing', '', 2, 'unknown', 'no status list'],
    ['truncated', list().then((one) => one.slice(0, 300)), 4, 'no', ''],
    ['duplicated key', list().then((one) => one.replace('{"@context"', '{"id":"x","@context"')), 4, 'no', 'duplicate key'],
  ];
  test.each(cases)('%s', async (...[, status, exit, is, words, change]) => {
    const given = await status;
    const { exit: found, links } = await verifyCertificate({ ...check, envelope: await listed, ...(given === undefined ? {} : { status: given }), ...change });
    const link = links.find((one) => one.link === 'revocation');
    expect([found, link?.is]).toEqual([exit, is]);
    expect(link?.because).toContain(words);
  });

  test('a place outside the list', async () => {
    expect(await told(await claiming({ status: { list: url, index: 131_072 } }), { status: await list() })).toMatchObject({ exit: 4, link: 'revocation' });
  });

  test('a list by the later key of an organisation whose keys the reader knows', async () => {
    const key = await signerOf(new Uint8Array(32).fill(21));
    const trust = [{ root: 'did:web:example.com', keys: [{ did: organisation.did, from: null, ended: { at: '2026-11-20T12:00:00.000Z', cause: 'superseded' as const } }, { did: key.did, from: null, ended: null }] }];
    expect(await told(await listed, { trust, status: await list({}, key) })).toMatchObject({ exit: 0 });
    // The former key no longer says what is revoked.
    expect(await told(await listed, { trust, status: await list() })).toMatchObject({ exit: 4, link: 'revocation' });
  });
});

const OVER = '2026-11-22T00:00:00.000Z';
const annCeased = JSON.stringify(await signWithdrawal({ identity: ann.did, key: ann.did, cause: 'ceased', since: OVER, by: ann.did, at: NOW }, ann));

describe('9.3 the sign-offs, once a key has ended', () => {
    const withdrawn = (cause: 'ceased' | 'compromised', since: string, by: Signer = ann, key = ann.did) => signWithdrawal({ identity: key, key, cause, since, by: by.did, at: NOW }, by);
  const after = (one: Promise<Envelope>, changes: Partial<CertificatePredicate> = {}) => one.then((statement) => claiming({ ...changes, keys: [statement] }));
  const later = () => signerOf(new Uint8Array(32).fill(31));
  const followed = async (at: string) => signSuccession({ identity: ann.did, from: ann.did, to: (await later()).did, at }, ann, await later());
  const signedWith = async (signer: Signer, at = NOW) => signAct(act({ operator: { id: 'ann', name: 'Ann Example', did: signer.did }, at }), CANDIDATE, signer);
  const forgeries: readonly Forgery[] = [
    ['withdrawn before the sign-off', after(withdrawn('ceased', OVER)), 4, 'sign-offs', 'Ann Example does not count: '],
    ['withdrawn before the sign-off, by the organisation', after(withdrawn('ceased', OVER, organisation)), 4, 'sign-offs', 'no longer spoke'],
    ['withdrawn to the millisecond of the sign-off', after(withdrawn('ceased', NOW)), 4, 'sign-offs', 'no longer spoke'],
    ['withdrawn as compromised, however early it signed', after(withdrawn('compromised', '2026-11-22T12:00:00.000Z')), 1, 'sign-offs', 'withdrawn as compromised'],
    ['succeeded before the sign-off', after(followed(OVER)), 4, 'sign-offs', 'no longer spoke'],
    ['the later key before it began', later().then(async (key) => after(followed(NOW), { signOffs: [await signedWith(key, OVER)] })), 4, 'sign-offs', 'did not speak yet'],
    ['withdrawn by a stranger: the statement is none', after(withdrawn('ceased', OVER, stranger)), 4, 'signer', 'keys do not hold'],
    ['withdrawn in a statement beside the certificate', text, 4, 'sign-offs', 'no longer spoke', { keys: annCeased }],
    ['beside it: a statement that is damaged', text, 4, 'signer', 'the statements about keys that lie beside it (keys.intoto.jsonl) do not hold', { keys: annCeased.slice(0, -9) }],
    ['ended, as the root of the reader says', text, 4, 'sign-offs', 'no longer spoke', { trust: [organisation.did, { root: 'did:web:example.com', keys: [{ did: ann.did, from: null, ended: { at: OVER, cause: 'superseded' } }] }] }],
    ['a forged one beside one of a stolen key: the worse is told', Promise.all([withdrawn('compromised', OVER), signAct(act(), CANDIDATE, ann), signAct(act(), PACT, ann)]).then(([statement, good, borrowed]) => claiming({ keys: [statement], signOffs: [good, borrowed] })), 4, 'sign-offs', 'signed something else'],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));

  test.each<[string, () => Promise<string>]>([
    ['withdrawn later: it stays good in its time', async () => after(withdrawn('ceased', NOW), { signOffs: [await signedWith(ann, OVER)] })],
    ['another key of the same identity that was withdrawn', async () => after(withdrawn('ceased', OVER, stranger, stranger.did))],
    ['the later key, from when it began', async () => after(followed(OVER), { signOffs: [await signedWith(await later())] })],
  ])('%s', async (_name, envelope) => {
    expect(await told(await envelope())).toMatchObject({ exit: 0 });
  });
});

describe('9.3 what came before', () => {
  const first = text;
  const second = claiming({ previous: digestBytes(payload), validFrom: '2026-11-21T00:00:00.000Z' });
  const history = second.then((one) => `${first}${one}`);
  const foreign = claiming({ agent: { id: 'other', did: stranger.did, name: 'other', version: '1' } });
  const cases: readonly (readonly [name: string, envelope: string | Promise<string>, history: string | Promise<string> | undefined, exit: number, is: string, words: string])[] = [
    ['the first one, alone', first, undefined, 0, 'yes', 'the first certificate'],
    ['a renewal, alone: decides nothing', second, undefined, 0, 'unknown', 'not looked at'],
    ['a renewal with both', second, history, 0, 'yes', '1 before it'],
    ['a renewal with those before it only', second, first, 0, 'yes', '1 before it'],
    ['the first one, with a later one', first, history, 0, 'yes', 'the first certificate'],
    ['those before it, without the one that it renews', claiming({ previous: digestBytes('gone') }), first, 3, 'no', 'another line'],
    ['of another agent', second, foreign, 3, 'no', 'another line'],
    ['with a gap', second, second, 4, 'no', 'does not follow'],
    ['signed by a stranger', second, claiming({}, stranger), 4, 'no', 'no signature'],
    ['edited', second, edited((one) => one.replace('0.931', '0.999')), 4, 'no', ''],
    ['a text that is none', second, 'hello', 4, 'no', ''],
    ['nothing', second, '', 3, 'no', 'no certificate'],
  ];
  test.each(cases)('%s', async (_name, envelope, given, exit, is, words) => {
    const before = await given;
    const { exit: found, links } = await verifyCertificate({ ...check, envelope: await envelope, ...(before === undefined ? {} : { history: before }) });
    const link = links.find((one) => one.link === 'previous');
    expect([found, link?.is]).toEqual([exit, is]);
    expect(link?.because).toContain(words);
  });
});

describe('9.3 the quick reading is the strict one', () => {
  const strict = (bytes: Uint8Array): boolean => {
    try {
      const json = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), 'x');
      return Buffer.from(canonical(json)).equals(bytes);
    } catch {
      return false;
    }
  };
  const quick = (bytes: Uint8Array): boolean => {
    try {
      parseStatement(bytes);
      return true;
    } catch {
      return false;
    }
  };
  const around = (predicateText: string) => Buffer.from(`{"_type":"https://in-toto.io/Statement/v1","predicate":${predicateText},"predicateType":"t","subject":[{"digest":{"sha256":"${'a'.repeat(64)}"},"name":"n"}]}`);

  test.each(['{}', '{"a":1,"a":1}', '{"b":1,"a":1}', '{"a":-0}', '{"a":1e3}', '{"a":1000}', '{"a":1e21}', '{"a":1e+21}', '{"a":100000000000000000000}', '{"a":9007199254740992}', '{"10":1,"9":1}', '{"9":1,"10":1}', '{"__proto__":1}', '{"a":"__proto__"}', '{"a":"\\ud800"}', '{"a":"\ud83d\ude00"}', '{"a":"\\u00e9"}', '{"a":"é"}', '{"a":"\\u001f"}', '{"a":"\\u001F"}', '{"a":[1, 2]}', '{"":1,"a":1}', '{"\uff21":1,"\ud83d\ude00":1}', `{"a":${'['.repeat(60)}${']'.repeat(60)}}`, `{"a":${'['.repeat(70)}${']'.repeat(70)}}`, '{"a":1.50}', '{"a":1.5}', '{"a":1e400}'])('%s', (one) => {
    expect(quick(around(one))).toBe(strict(around(one)));
  });

  test('for any JSON, written canonically or not', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (value, ordered) => {
      const one = around(ordered ? safely(value as Json) : JSON.stringify(value));
      expect(quick(one)).toBe(strict(one));
    }), { numRuns: 400 });
  });

  test('of envelopes too: one text has one reading', () => {
    const one = text.trimEnd();
    for (const bent of [one, `${one}\n`, `${one}\n\n`, ` ${one}`, one.replace('"keyid"', '"keyid":"x","keyid"'), one.replace('"signatures":[', '"signatures":[],"signatures":['), one.replace('"sig":"', '"sig":"\\u0041')]) {
      const outcome = (read: () => unknown) => { try { read(); return true; } catch { return false; } };
      expect(outcome(() => readEnvelope(bent))).toBe(outcome(() => parseJson(bent, 'x')));
    }
  });
});

test('DSSE: lengths count bytes, not characters', () => {
  expect(Buffer.from(preAuthEncoding('t/é', new TextEncoder().encode('ü'))).toString()).toBe('DSSEv1 4 t/é 2 ü');
});

function without(statement: Json, name: string): Json {
  const { predicate: claim, ...rest } = statement as { predicate: Record<string, Json> };
  const { [name]: _gone, ...left } = claim;
  return { ...rest, predicate: left };
}

async function ledgerWith(changes: Partial<CertificatePredicate['ledger']>): Promise<string> {
  const { ledger } = await predicate();
  return claiming({ ledger: { ...ledger, ...changes } });
}

function safely(value: Json): string {
  try {
    return canonical(value);
  } catch {
    return JSON.stringify(value);
  }
}
