/** The certificate as a verification result, in the hands of forgers: less is in it, and what is not is never a yes. */
import { describe, expect, test } from '@jest/globals';
import { certificateStatement } from '../../src/attestation/certificate.js';
import { envelopeText, signEnvelope } from '../../src/attestation/dsse.js';
import { sigstoreBundle } from '../../src/attestation/sigstore-bundle.js';
import { PAYLOAD_TYPE, signStatement, statementBytes } from '../../src/attestation/statement.js';
import { signSuccession, signWithdrawal } from '../../src/attestation/succession.js';
import { svrStatement } from '../../src/attestation/svr.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestJson } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Signer } from '../../src/domain/ports.js';
import { signerOf } from '../../src/identity/signer.js';
import { verifyCertificate, type CertificateCheck } from '../../src/index.js';
import { CHECK, holds, told, type Forgery } from './forgery.js';
import { AGENT_ID, BUILD, NOW, organisation, PACT, predicate, SECTIONS, stranger } from './certified.js';

const SUBJECT = { agent: AGENT_ID, build: BUILD, sections: SECTIONS };
const EARLIER = '2026-11-10T00:00:00.000Z';
const claim = await predicate();
const statement = svrStatement(claim, certificateStatement(claim, digestJson(BUILD), PACT).subject);
const genuine = await signStatement(statement, organisation);
const text = envelopeText(genuine);
const payload = Buffer.from(genuine.payload, 'base64').toString('utf8');
const [sig = { keyid: '', sig: '' }] = genuine.signatures;
const edited = (from: string, to: string) => {
  if (!payload.includes(from)) throw new Error('the forgery changes nothing');
  return envelopeText({ ...genuine, payload: Buffer.from(payload.replace(from, to)).toString('base64') });
};
const made = async (changes: JsonObject, signer: Signer = organisation) => envelopeText(await signStatement({ ...statement, predicate: { ...statement.predicate, ...changes } }, signer));
const withSig = (changes: Partial<typeof sig>) => envelopeText({ ...genuine, signatures: [{ ...sig, ...changes }] });
const [ended, later] = ['2026-11-21T00:00:00.000Z', await signerOf(new Uint8Array(32).fill(9))];
const withdrawn = async (cause: 'ceased' | 'compromised', since: string) => JSON.stringify(await signWithdrawal({ identity: organisation.did, key: organisation.did, cause, since, by: organisation.did, at: ended }, organisation));
const handedOver = async (at: string) => JSON.stringify(await signSuccession({ identity: organisation.did, from: organisation.did, to: later.did, at }, organisation, later));
const renamed = await made({}, later);

describe('9.3 the certificate as a verification result: less is in it, and what is not is never a yes', () => {
  test.each<[string, string]>([['alone', text], ['in a Sigstore bundle', canonical(sigstoreBundle(genuine, organisation.did))], ['without a key id', withSig({ keyid: '' })]])('genuine, %s: exit 3, each link that it does not carry unknown', async (_name, envelope) => {
    const { exit, links } = await told(envelope);
    expect(exit).toBe(3);
    expect(links.map(({ link, is }) => `${link} ${is}`)).toEqual([
      'envelope yes', 'signer yes', 'authority yes', 'ownership unknown', 'sign-offs unknown', 'checkpoint unknown', 'subject unknown', 'freshness unknown', 'revocation unknown', 'policy unknown',
    ]);
    expect(links.filter((one) => one.is === 'unknown' && one.exit === 3).map((one) => one.because).join('\n')).toContain('certificate.dsse.json');
  });

  test('it names no issuer, but who signed it is told; where no signature holds, nobody is', async () => {
    const whose = async (envelope: string) => (({ issuer, signer }) => ({ issuer, signer }))(await verifyCertificate({ ...CHECK, envelope }));
    expect(await whose(text)).toEqual({ issuer: null, signer: organisation.did });
    expect(await whose(await made({}, stranger))).toEqual({ issuer: null, signer: stranger.did });
    expect(await whose(withSig({ keyid: stranger.did }))).toEqual({ issuer: null, signer: null });
  });

  test('no flag, policy or root makes it a yes', async () => {
    for (const change of [{ allowScripted: true }, { maximumAge: 'P30D' }, { policy: { steps: ['identity'] } }, { policy: { maximumAge: 'P30D' } }, { trust: [organisation.did, stranger.did] }] satisfies Partial<CertificateCheck>[]) expect((await told(text, change)).exit).toBe(3);
  });

  test.each<readonly [string, string, Promise<string>, number, string, string]>([
    ['a key that was stolen', text, withdrawn('compromised', EARLIER), 1, 'no', 'nothing that it signed counts'],
    ['a key that had ended', text, withdrawn('ceased', EARLIER), 4, 'no', 'no longer spoke'],
    ['a key that ended since', text, withdrawn('ceased', ended), 3, 'yes', 'you trust'],
    ['a key that the trusted one names', renamed, handedOver(EARLIER), 3, 'yes', 'you trust'],
    ['a key that it names later', renamed, handedOver(ended), 4, 'no', 'did not speak yet'],
    ['a statement that was edited', text, withdrawn('compromised', EARLIER).then((line) => line.replace(/"sig":"../, '"sig":"AA')), 4, 'no', 'lie beside it (keys.intoto.jsonl) do not hold'],
    ['lines that are empty', text, Promise.resolve('\n\r\n'), 3, 'yes', 'you trust'],
  ])('the statements about keys that lie beside it count: %s', async (_which, envelope, keys, exit, is, because) => {
    const { exit: found, links } = await told(envelope, { keys: await keys });
    expect([found, links.find(({ link }) => link === 'authority')]).toMatchObject([exit, { is, because: expect.stringContaining(because) }]);
  });

  const forgeries: readonly Forgery[] = [
    ['a changed property', edited('STEP_IDENTITY', 'STEP_TRUST'), 4, 'signer', 'no signature'],
    ['a swapped subject', edited(digestJson(BUILD).slice(7), 'd'.repeat(64)), 4, 'signer', 'no signature'],
    ['a later time', edited('2026-11-20', '2026-11-22'), 4, 'signer', 'no signature'],
    ['by a stranger in the name of the organisation', signStatement(statement, stranger).then((one) => envelopeText({ ...one, signatures: one.signatures.map((each) => ({ ...each, keyid: organisation.did })) })), 4, 'signer', 'no signature'],
    ['by a stranger in his own name', made({}, stranger), 3, 'authority', 'not among the roots'],
    ['the key id pointing at an attacker', withSig({ keyid: stranger.did }), 4, 'signer', 'no signature'],
    ['a key id that is an address', withSig({ keyid: 'https://attacker.example/key.json' }), 4, 'signer', 'another key'],
    ['two signatures', envelopeText({ ...genuine, signatures: [sig, sig] }), 4, 'signer', '2 signatures'],
    ['no signature', envelopeText({ ...genuine, signatures: [] }), 4, 'envelope', 'not a DSSE envelope'],
    ['another payload type', envelopeText({ ...genuine, payloadType: 'application/json' }), 4, 'signer', 'no signature'],
    ['truncated', text.slice(0, text.length / 2), 4, 'envelope', ''],
    ['a duplicated key outside', text.replace('{"payload":', '{"payload":"e30=","payload":'), 4, 'envelope', 'duplicate key'],
    ['a duplicated key inside, signed', signEnvelope(PAYLOAD_TYPE, Buffer.from(payload.replace('"timeCreated":', '"timeCreated":"2026-11-22T00:00:00.000Z","timeCreated":')), organisation).then(envelopeText), 4, 'envelope', 'duplicate key'],
    ['a member more, signed', made({ verdict: 'PASSED' }), 4, 'envelope', '/verdict is not allowed'],
    ['properties that are none of ours, signed', made({ properties: ['SLSA_BUILD_LEVEL_3'] }), 4, 'envelope', 'properties'],
    ['one subject, signed', signEnvelope(PAYLOAD_TYPE, statementBytes({ ...statement, subject: statement.subject.slice(0, 1) }), organisation).then(envelopeText), 4, 'envelope', 'two subjects'],
    ['in a bundle without verification material', JSON.stringify({ ...(sigstoreBundle(genuine, organisation.did) as object), verificationMaterial: undefined }), 4, 'envelope', 'verificationMaterial'],
    ['no root', text, 3, 'authority', 'not said whom you trust', { trust: null }],
    ['no root, and no key id', withSig({ keyid: '' }), 3, 'signer', 'names no key', { trust: null }],
    ['an unknown root', text, 3, 'authority', 'not among the roots', { trust: [stranger.did] }],
    ['a key that the reader saw end before', text, 4, 'authority', 'no longer spoke', { trust: [{ root: 'did:web:example.com', keys: [{ did: organisation.did, from: null, ended: { at: EARLIER, cause: 'superseded' } }] }] }],
    ['a key that was withdrawn as compromised', text, 1, 'authority', 'compromised', { trust: [{ root: organisation.did, keys: [{ did: organisation.did, from: null, ended: { at: NOW, cause: 'compromised' } }] }] }],
    ['signed by a script where people are asked for', signStatement(svrStatement({ ...claim, ceremony: 'scripted' }, statement.subject), organisation).then(envelopeText), 1, 'policy', 'people'],
    ['a step that the reader asks for is not named', text, 1, 'policy', 'review', { policy: { steps: ['review'] } }],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));

  test.each<[string, string | Promise<string>, string, string, Partial<CertificateCheck>]>([
    ['another build lies here', text, 'subject', 'another build', { subject: { ...SUBJECT, build: { ...BUILD, prompts: [] } } }],
    ['what lies here cannot be read', text, 'subject', 'a link', { subject: () => Promise.resolve({ problem: 'a link' }) }],
    ['too old', text, 'freshness', 'older than P1D', { maximumAge: 'P1D' }],
    ['from the future', made({ timeCreated: '2026-11-22T12:05:00.001Z' }), 'freshness', 'in the future', {}],
  ])('%s: exit 3, and a no', async (_name, envelope, link, words, change) => {
    const { exit, links } = await told(await envelope, change);
    expect([exit, links.find((one) => one.link === link)]).toEqual([3, expect.objectContaining({ is: 'no', because: expect.stringContaining(words) as unknown })]);
  });
});
