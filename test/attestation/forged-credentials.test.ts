/** The certificate as a credential, in the hands of forgers: asked the same questions as the envelope. */
import { describe, expect, test } from '@jest/globals';
import type { CertificatePredicate } from '../../src/attestation/certificate.js';
import { credentialOf, signCredential } from '../../src/attestation/credential.js';
import { addProof } from '../../src/attestation/data-integrity.js';
import { envelopeText, payloadOf } from '../../src/attestation/dsse.js';
import { signAct } from '../../src/attestation/human-act.js';
import { statusListOf } from '../../src/attestation/status-list.js';
import { signSuccession, signWithdrawal } from '../../src/attestation/succession.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import type { Signer } from '../../src/domain/ports.js';
import { signerOf } from '../../src/identity/signer.js';
import { verifyCertificate } from '../../src/index.js';
import { CHECK, holds, told, type Forgery } from './forgery.js';
import { act, AGENT_ID, ann, BUILD, CANDIDATE, certificate, NOW, organisation, ownership, PACT, predicate, SECTIONS, stranger } from './certified.js';

const ISSUED = '2026-11-20T00:00:00.000Z';
const SUBJECT = { agent: AGENT_ID, build: BUILD, sections: SECTIONS };
const EARLIER = '2026-11-10T00:00:00.000Z';
const next = await signerOf(new Uint8Array(32).fill(21));
const methodOf = (did: string) => `${did}#${did.slice('did:key:'.length)}`;
/** As an issuer signs it: with other claims, or by another key. */
const made = async (claim: Partial<CertificatePredicate> = {}, signer: Signer = organisation) => {
  const whole = await predicate(claim);
  return signCredential(credentialOf(whole, digestBytes(payloadOf(await certificate(claim, signer))), signer.did), signer, whole.validFrom);
};
const genuine = await made();
const json = JSON.parse(genuine) as JsonObject & { proof: JsonObject; credentialSubject: JsonObject; evidence: readonly JsonObject[] };
const { proof: _proof, ...unsigned } = json;
const changed = (changes: Record<string, Json | undefined>) => JSON.stringify({ ...json, ...changes });
const proven = (changes: Record<string, Json | undefined>) => JSON.stringify({ ...json, proof: { ...json.proof, ...changes } });
const edited = (from: string, to: string) => {
  if (!genuine.includes(from)) throw new Error('the forgery changes nothing');
  return genuine.replace(from, to);
};
/** Another document under a proof that holds: what a careless or bent issuer would sign. */
const resigned = async (changes: JsonObject, { by = organisation, ...terms }: { by?: Signer; verificationMethod?: string; created?: string; expires?: string } = {}) =>
  JSON.stringify(await addProof({ ...unsigned, ...changes }, by, { created: ISSUED, verificationMethod: methodOf(by.did), ...terms }));
const claimed = (changes: JsonObject) => resigned({ credentialSubject: { ...json.credentialSubject, ...changes } });
const without = (name: string) => resigned({ credentialSubject: Object.fromEntries(Object.entries(json.credentialSubject).filter(([key]) => key !== name)) });
const unproven = (type: string) => resigned({ evidence: json.evidence.filter((one) => one['type'] !== type) });
const withdrawn = (cause: 'ceased' | 'compromised', since: string) => signWithdrawal({ identity: organisation.did, key: organisation.did, cause, since, by: organisation.did, at: NOW }, organisation);
const handedOver = (at: string) => signSuccession({ identity: organisation.did, from: organisation.did, to: next.did, at }, organisation, next);

describe('9.3 the certificate as a credential', () => {
  test('genuine: exit 0, the very same sentence, under the name of the certificate', async () => {
    const verdict = await verifyCertificate({ ...CHECK, envelope: genuine });
    const same = await verifyCertificate({ ...CHECK, envelope: envelopeText(await certificate()) });
    expect(verdict.exit).toBe(0);
    expect(verdict.links.map(({ link, is }) => `${link} ${is}`)).toEqual(same.links.map(({ link, is }) => `${link} ${is}`));
    expect({ ...verdict, links: [] }).toEqual({ ...same, links: [] });
    expect(await told(JSON.stringify(Object.fromEntries(Object.entries(json).reverse()), null, 2))).toMatchObject({ exit: 0 });
    expect(await told(changed({ '@context': [...(json['@context'] as string[]), 'https://attacker.example/context'] }))).toMatchObject({ exit: 0 });
    expect(await told(await made({ keys: [await handedOver(EARLIER)] }, next))).toMatchObject({ exit: 0 });
  });

  const forgeries: readonly Forgery[] = [
    ['a changed word', edited('"standard"', '"low"'), 4, 'signer', 'not a signature'],
    ['a changed figure', edited('"0.931"', '"0.999"'), 4, 'signer', 'not a signature'],
    ['a later end', changed({ validUntil: '2029-02-18T00:00:00.000Z' }), 4, 'signer', 'not a signature'],
    ['a value that looks alike', edited('"Example Mail"', '"Ex\u0430mple Mail"'), 4, 'signer', 'not a signature'],
    ['a letter composed otherwise', edited('mail-triage', 'mail-tri\u0061\u0301ge'), 4, 'signer', 'not a signature'],
    ['another issuer, the proof left as it was', changed({ issuer: { id: stranger.did, name: 'Example Mail' } }), 4, 'signer', 'does not let'],
    ['by a stranger in his own name', made({}, stranger), 4, 'signer', `it names ${organisation.did}`],
    ['by a stranger in the name of the organisation', resigned({}, { by: stranger, verificationMethod: methodOf(organisation.did) }), 4, 'signer', 'not a signature'],
    ['the method pointing at the attacker', proven({ verificationMethod: methodOf(stranger.did) }), 4, 'signer', 'does not let'],
    ['an issuer whose document is not at hand', resigned({ issuer: { id: 'did:web:agents.example.com', name: 'Example Mail' } }), 3, 'signer', 'not at hand'],
    ['a value of another length', proven({ proofValue: 'z11' }), 4, 'signer', 'not a signature'],
    ['no proof', changed({ proof: undefined }), 4, 'envelope', 'no proof'],
    ['two proofs', changed({ proof: [json.proof, json.proof] }), 4, 'envelope', 'a list of 2 proofs'],
    ['one proof in a list', changed({ proof: [json.proof] }), 4, 'envelope', 'a list of 1 proof '],
    ['two proofs, the second by a stranger', resigned({ issuer: { id: stranger.did, name: 'Example Mail' } }, { by: stranger }).then((other) => changed({ proof: [json.proof, (JSON.parse(other) as JsonObject)['proof'] ?? null] })), 4, 'envelope', 'a list of 2 proofs'],
    ['a method under the DID of another, with the fragment of the organisation', proven({ verificationMethod: `${stranger.did}#${organisation.did.slice('did:key:'.length)}` }), 4, 'signer', 'does not let'],
    ['a method under the right DID, with the fragment of another', proven({ verificationMethod: `${organisation.did}#${stranger.did.slice('did:key:'.length)}` }), 4, 'signer', 'does not let'],
    ['a method that is a list', proven({ verificationMethod: [methodOf(organisation.did)] }), 4, 'signer', 'does not let'],
    ['a duplicated key deep inside', edited('"n":2100', '"n":1,"n":2100'), 4, 'envelope', 'duplicate key'],
    ['a duplicated key deep inside, spelled with an escape', edited('"n":2100', '"\\u006e":1,"n":2100'), 4, 'envelope', 'duplicate key'],
    ['an unseen character in a member beside the true one', edited('"n":2100', '"n\u200b":1,"n":2100'), 4, 'signer', 'not a signature'],
    ['another cryptosuite', proven({ cryptosuite: 'ecdsa-jcs-2019' }), 4, 'envelope', 'cryptosuite'],
    ['algorithm confusion: a JWS in the proof', proven({ type: 'JsonWebSignature2020', jws: 'eyJhbGciOiJub25lIn0..' }), 4, 'envelope', 'cryptosuite'],
    ['another purpose', proven({ proofPurpose: 'authentication' }), 4, 'envelope', 'authentication'],
    ['a proof for somebody in particular', proven({ challenge: 'x' }), 4, 'envelope', 'challenge'],
    ['a time of the proof that is none', resigned({}, { created: '2026-11-20T00:00:00' }), 4, 'envelope', 'a time of the proof'],
    ['an inline context', changed({ '@context': [...(json['@context'] as string[]), { '@vocab': 'https://attacker.example/#' }] }), 4, 'envelope', 'addresses'],
    ['an older vocabulary, signed', resigned({ '@context': ['https://www.w3.org/2018/credentials/v1'] }), 4, 'envelope', 'first context'],
    ['a duplicated key', edited('"validUntil":', '"validUntil":"2029-02-18T00:00:00.000Z","validUntil":'), 4, 'envelope', 'duplicate key'],
    ['a duplicated key spelled with an escape', edited('"validUntil":', '"valid\\u0055ntil":"2029-02-18T00:00:00.000Z","validUntil":'), 4, 'envelope', 'duplicate key'],
    ['a member that looks alike', edited('"issuer":', '"\u0456ssuer":'), 4, 'envelope', 'issuer'],
    ['a member more, signed', resigned({ note: 'and bonded' }), 4, 'envelope', 'note says something that no certificate says'],
    ['a member more without a value, signed', resigned({ note: null }), 4, 'envelope', 'note says something'],
    ...(['constructor', 'toString', 'hasOwnProperty'] as const).map((name): Forgery => [`a member called ${name}, signed`, resigned(JSON.parse(`{"${name}":"x"}`) as JsonObject), 4, 'envelope', `${name} says something`]),
    ['a member called constructor, signed by a stranger in his own name', resigned({ issuer: { id: stranger.did, name: 'Example Mail' }, ...(JSON.parse('{"constructor":"x"}') as JsonObject) }, { by: stranger }), 4, 'envelope', 'constructor says something'],
    ['a step shown twice, passed and failed, signed', claimed({ steps: [...(json.credentialSubject['steps'] as readonly JsonObject[]), { step: 'audit', state: 'failed', required: false }] }), 4, 'envelope', 'audit is shown twice'],
    ['a claim more, signed', claimed({ bonded: 'yes' }), 4, 'envelope', '/bonded is not allowed'],
    ['more evidence, signed', resigned({ evidence: [...json.evidence, { type: 'Promise', text: 'trust me' }] }), 4, 'envelope', 'evidence says something'],
    ['another type besides, signed', resigned({ type: ['VerifiableCredential', 'AgentCertification', 'EmployeeCredential'] }), 4, 'envelope', 'type says something'],
    ['two subjects, signed', resigned({ credentialSubject: [json.credentialSubject, json.credentialSubject] }), 4, 'envelope', 'single subject'],
    ...(['stakes', 'candidate', 'waivers', 'previous', 'ceremony', 'steps', 'pact', 'build', 'uuid'] as const).map((name): Forgery => [`stripped of ${name}, signed`, without(name), 4, 'envelope', 'is missing']),
    ...(['LogCheckpoint', 'AgentOwnership'] as const).map((type): Forgery => [`stripped of ${type}, signed`, unproven(type), 4, 'envelope', 'is missing']),
    ['stripped of the statement that it restates, signed', unproven('InTotoStatement'), 4, 'envelope', 'AgentCertification'],
    ['stripped of the sign-offs, signed', unproven('HumanSignOff'), 1, 'sign-offs', 'nobody of operations or legal'],
    ['another build, signed', claimed({ build: digestBytes('another') }), 4, 'envelope', 'candidate digest does not follow'],
    ['swapped agent, signed', claimed({ id: stranger.did }), 4, 'ownership', 'another agent'],
    ['swapped organisation, signed by the other', resigned({ issuer: { id: stranger.did, name: 'Example Mail' }, credentialSubject: { ...json.credentialSubject, organisation: stranger.did } }, { by: stranger }), 4, 'ownership', 'another agent or owner', { trust: [stranger.did] }],
    ['ownership of another agent, signed', ownership(organisation, stranger).then((pair) => made({ ownership: pair })), 4, 'ownership', 'another agent'],
    ['sign-off borrowed from another candidate', signAct(act(), PACT, ann).then((one) => made({ signOffs: [one] })), 4, 'sign-offs', 'signed something else'],
    ['sign-off of a key that was withdrawn before', signWithdrawal({ identity: ann.did, key: ann.did, cause: 'ceased', since: ISSUED, by: organisation.did, at: NOW }, organisation).then((one) => made({ keys: [one] })), 4, 'sign-offs', 'no longer spoke'],
    ['a script instead of a human', signAct(act({ ceremony: 'scripted' }), CANDIDATE, ann).then((one) => made({ signOffs: [one], ceremony: 'scripted' })), 1, 'policy', 'scripted'],
    ['a status that cannot be looked up, signed', resigned({ credentialStatus: { type: 'OtherStatus', id: 'https://example.com/1' } }), 4, 'envelope', 'status'],
    ['a later key, before it began', handedOver('2026-11-21T00:00:00.000Z').then((one) => made({ keys: [one] }, next)), 4, 'authority', 'did not speak yet'],
    ['a former key, after it was succeeded', handedOver(EARLIER).then((one) => made({ keys: [one] })), 4, 'authority', 'no longer spoke'],
    ['signed, as its proof says, after its key had ended', resigned({}, { created: '2026-11-21T12:00:00Z' }), 4, 'authority', 'no longer spoke for the organisation on 2026-11-21', { trust: [{ root: organisation.did, keys: [{ did: organisation.did, from: null, ended: { at: '2026-11-21T00:00:00.000Z', cause: 'superseded' } }] }] }],
    ['a key that was withdrawn as compromised', withdrawn('compromised', ISSUED).then((one) => made({ keys: [one] })), 1, 'authority', 'compromised'],
    ['a later key that nobody handed over to', made({}, next), 4, 'signer', `signed by ${next.did}`],
    ['an unknown root', genuine, 3, 'authority', 'not among the roots', { trust: [stranger.did] }],
    ['no root', genuine, 3, 'authority', 'not said whom you trust', { trust: null }],
    ['no checkout', genuine, 3, 'subject', '--subject', { subject: null }],
    ['another build lies here', genuine, 3, 'subject', 'another build', { subject: { ...SUBJECT, build: { ...BUILD, prompts: [] } } }],
    ['another policy lies here', genuine, 3, 'subject', 'limits', { subject: { ...SUBJECT, sections: { ...SECTIONS, limits: digestBytes('other') } } }],
    ['another agent lies here', genuine, 3, 'subject', 'another agent', { subject: { ...SUBJECT, agent: 'other' } }],
    ['past its end', genuine, 3, 'freshness', 'expired', { now: '2027-02-18T00:00:00.000Z' }],
    ['from the future', made({ validFrom: '2026-12-24T00:00:00.000Z' }), 3, 'freshness', 'in the future'],
    ['older than the reader accepts', genuine, 3, 'freshness', 'older than P1D', { maximumAge: 'P1D' }],
    ['a proof that expired', resigned({}, { expires: '2026-11-21T00:00:00.000Z' }), 3, 'freshness', 'the proof expired'],
    ['below the policy of the reader', genuine, 1, 'policy', 'high', { policy: { minimumStakes: 'high' } }],
    ['a list is asked for', genuine, 3, 'revocation', 'no status list', { policy: { requireStatus: true } }],
  ];
  test.each(forgeries)('%s', async (...forgery) => holds(forgery));

  test('truncated at every 97th byte: exit 4', async () => {
    for (let end = 1; end < genuine.trimEnd().length; end += 97) expect([end, (await told(genuine.slice(0, end))).exit]).toEqual([end, 4]);
  });

  test('its status list counts as for the envelope', async () => {
    const url = 'https://agents.example.com/status/1.json';
    const listed = await made({ status: { list: url, index: 7 } });
    const list = (revoked: readonly number[]) => signCredential(statusListOf({ url, issuer: { id: organisation.did, name: 'Example Mail' }, validFrom: ISSUED, validUntil: '2026-12-05T00:00:00.000Z', revoked }), organisation, ISSUED);
    expect(await told(listed, { status: await list([3]) })).toMatchObject({ exit: 0 });
    expect(await told(listed, { status: await list([7]) })).toMatchObject({ exit: 1, link: 'revocation' });
    // Another place under the proof as it was would be another credential.
    expect(await told(listed.replace('"statusListIndex":"7"', '"statusListIndex":"8"'), { status: await list([7]) })).toMatchObject({ exit: 4, link: 'signer' });
  });
});
