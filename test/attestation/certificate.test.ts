/** Certificates: what a reader is told about genuine, foreign, old and forged ones. */
import { describe, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import { verifyCertificate, type CertificateCheck } from '../../src/index.js';
import { envelopeText, preAuthEncoding, signEnvelope, type Envelope } from '../../src/attestation/dsse.js';
import { signAct } from '../../src/attestation/human-act.js';
import { PAYLOAD_TYPE, statementBytes } from '../../src/attestation/statement.js';
import { certificateStatement, type CertificatePredicate } from '../../src/attestation/certificate.js';
import { act, AGENT_ID, ann, agent, BUILD, CANDIDATE, certificate, NOW, organisation, ownership, PACT, predicate, SECTIONS, stranger } from './certified.js';

const genuine = await certificate();
const scripted = await certificate({ ceremony: 'scripted', signOffs: [await signAct(act({ ceremony: 'scripted' }), CANDIDATE, ann)] });
const foreign = await certificate({}, stranger);
const engineer = await signAct(act({ roles: ['engineering'] }), CANDIDATE, ann);
const { steps } = await predicate();
const text = envelopeText(genuine);
const check: CertificateCheck = { envelope: text, trust: [organisation.did], now: NOW, subject: { agent: AGENT_ID, build: BUILD, sections: SECTIONS }, allowScripted: false };

async function told(change: Partial<CertificateCheck>) {
  const { exit, links } = await verifyCertificate({ ...check, ...change });
  const bad = links.find((link) => link.exit === exit && exit !== 0);
  return { exit, link: bad?.link, because: bad?.because ?? '' };
}
const edited = (change: (payload: string) => string): string => {
  const payload = change(Buffer.from(genuine.payload, 'base64').toString('utf8'));
  return envelopeText({ ...genuine, payload: Buffer.from(payload).toString('base64') });
};
const file = (path: string, sha: string) => ({ path, sha256: sha.repeat(64), mode: '644' as const });
const [first, second] = BUILD.files;
if (!first || !second) throw new Error('the fixture has two files');

describe('9.2 a genuine certificate', () => {
  test('holds, link by link', async () => {
    const verdict = await verifyCertificate(check);
    expect(verdict.exit).toBe(0);
    expect(verdict.links.map(({ link, is }) => `${link} ${is}`)).toEqual([
      'envelope yes', 'signer yes', 'authority yes', 'ownership yes', 'sign-offs yes', 'checkpoint yes', 'subject yes', 'freshness yes', 'revocation unknown', 'policy yes', 'previous yes',
    ]);
    expect(verdict).toMatchObject({ issuer: organisation.did, agent: { id: AGENT_ID, did: agent.did, version: '1.0.0' } });
  });

  test('may be printed with white space: that is not signed', async () => {
    expect(await told({ envelope: JSON.stringify(genuine, null, 2) })).toMatchObject({ exit: 0 });
  });

  test('9.1 within the age that the reader accepts, and beyond', async () => {
    expect(await told({ maximumAge: 'P3D' })).toMatchObject({ exit: 0 });
    expect(await told({ maximumAge: 'P1D' })).toMatchObject({ exit: 3, link: 'freshness' });
  });
});

describe('genuine, but not a yes', () => {
  const cases: readonly (readonly [string, Partial<CertificateCheck>, number, string, string])[] = [
    ['no trust', { trust: null }, 3, 'authority', 'whom you trust'],
    ['unknown root', { trust: [stranger.did] }, 3, 'authority', 'not among the roots'],
    ['no root at all', { trust: [] }, 3, 'authority', 'not among the roots'],
    ['no subject', { subject: null }, 3, 'subject', '--subject'],
    ['not yet valid', { now: '2026-11-19T00:00:00.000Z' }, 3, 'freshness', 'not valid before'],
    ['expired to the millisecond', { now: '2027-02-18T00:00:00.000Z' }, 3, 'freshness', 'expired on'],
    ['another agent of the same build', { subject: { agent: '00000000-0000-4000-8000-000000000000', build: BUILD, sections: SECTIONS } }, 3, 'subject', 'another agent'],
    ['changed file', { subject: { agent: AGENT_ID, build: { ...BUILD, files: [first, file('prompts/triage.txt', 'd')] }, sections: SECTIONS } }, 3, 'subject', 'prompts/triage.txt changed'],
    ['added file', { subject: { agent: AGENT_ID, build: { ...BUILD, files: [first, file('extra.js', 'd'), second] }, sections: SECTIONS } }, 3, 'subject', 'extra.js added'],
    ['removed file', { subject: { agent: AGENT_ID, build: { ...BUILD, files: [first] }, sections: SECTIONS } }, 3, 'subject', 'prompts/triage.txt removed'],
    ['another model', { subject: { agent: AGENT_ID, build: { ...BUILD, model: { id: 'gpt', kind: 'hosted', file: null } }, sections: SECTIONS } }, 3, 'subject', 'model model.json -> gpt'],
    ['changed policy section', { subject: { agent: AGENT_ID, build: BUILD, sections: { ...SECTIONS, limits: digestBytes('looser') } } }, 3, 'subject', 'limits'],
    ['dropped policy section', { subject: { agent: AGENT_ID, build: BUILD, sections: { limits: SECTIONS['limits'] ?? CANDIDATE } } }, 3, 'subject', 'triggers'],
    ['new policy section', { subject: { agent: AGENT_ID, build: BUILD, sections: { ...SECTIONS, rollback: CANDIDATE } } }, 3, 'subject', 'rollback'],
    ['scripted', { envelope: envelopeText(scripted) }, 1, 'policy', 'scripted stand-in'],
    ['scripted and allowed', { envelope: envelopeText(scripted), allowScripted: true }, 0, '', ''],
    ['scripted, from an unknown root', { envelope: envelopeText(scripted), trust: [stranger.did] }, 1, 'policy', 'scripted'],
  ];
  test.each(cases)('%s', async (_name, change, exit, link, because) => {
    const verdict = await told(change);
    expect(verdict).toMatchObject({ exit, ...(link ? { link } : {}) });
    expect(verdict.because).toContain(because);
  });

  const below: readonly (readonly [string, Partial<CertificatePredicate>, number, string])[] = [
    ['a required step failed', { steps: steps.map((step) => (step.id === 'audit' ? { ...step, state: 'failed' } : step)) }, 1, 'audit (failed)'],
    ['a required step unproven', { steps: steps.map((step) => (step.id === 'pact' ? { ...step, state: 'unproven' } : step)) }, 1, 'pact (unproven)'],
    ['a required step left out', { steps: steps.filter((step) => step.id !== 'baseline') }, 1, 'baseline (not shown)'],
    ['a required step called optional', { steps: steps.map((step) => (step.id === 'guardrails' ? { ...step, required: false } : step)) }, 1, 'guardrails (not shown)'],
    ['a waived step without waiver', { steps: steps.map((step) => (step.id === 'monitor' ? { ...step, state: 'waived' } : step)) }, 1, 'monitor (waived)'],
    ['an optional step unproven', { steps: [...steps, { id: 'trust', state: 'unproven', required: false }] }, 0, ''],
    ['low stakes ask for less', { stakes: 'low', steps: steps.filter((step) => ['identity', 'pact', 'baseline', 'monitor', 'audit'].includes(step.id)) }, 0, ''],
    ['nobody signed off', { signOffs: [] }, 1, 'nobody of operations or legal'],
    ['only an engineer signed off', { signOffs: [engineer] }, 1, 'nobody of'],
  ];
  test.each(below)('%s', async (_name, changes, exit, because) => {
    const verdict = await told({ envelope: envelopeText(await certificate(changes)) });
    expect(verdict.exit).toBe(exit);
    expect(verdict.because).toContain(because);
  });

  test('a waiver covers its step while it lasts, and no longer', async () => {
    const waived = { steps: steps.map((step) => (step.id === 'monitor' ? { ...step, state: 'waived' as const } : step)), waivers: [{ step: 'monitor' as const, row: '5.2', by: 'ann', until: '2026-12-01T00:00:00.000Z', reason: 'pilot' }] };
    const envelope = envelopeText(await certificate(waived));
    expect(await told({ envelope })).toMatchObject({ exit: 0 });
    expect(await told({ envelope, now: '2026-12-02T00:00:00.000Z' })).toMatchObject({ exit: 1, link: 'policy' });
  });
});

describe('9.3 forgeries', () => {
  const resigned = async (claim: CertificatePredicate, build = digestBytes('other')) => envelopeText(await signEnvelope(PAYLOAD_TYPE, statementBytes(certificateStatement(claim, build, claim.pact.digest)), organisation));
  const withPayload = async (change: (payload: string) => string) => envelopeText(await signEnvelope(PAYLOAD_TYPE, new TextEncoder().encode(change(Buffer.from(genuine.payload, 'base64').toString('utf8'))), organisation));
  const sig = genuine.signatures[0] ?? { keyid: '', sig: '' };
  const forgeries: readonly (readonly [string, string | Promise<string>, string])[] = [
    ['one changed number', edited((payload) => payload.replace('"0.931"', '"0.999"')), 'signature'],
    ['one changed count', edited((payload) => payload.replace('"n":2100', '"n":2101')), 'signature'],
    ['later expiry', edited((payload) => payload.replace('2027-02-18', '2029-02-18')), 'signature'],
    ['wrong signer', envelopeText(foreign), `signed by ${stranger.did}`],
    ['wrong signer under the right name', envelopeText({ ...foreign, signatures: foreign.signatures.map((one) => ({ ...one, keyid: organisation.did })) }), 'signature'],
    ['right signer under a wrong name', envelopeText({ ...genuine, signatures: [{ ...sig, keyid: stranger.did }] }), 'another key'],
    ['another issuer named inside', edited((payload) => payload.replaceAll(organisation.did, stranger.did)), 'signature'],
    ['no signature', envelopeText({ ...genuine, signatures: [] }), ''],
    ['an empty signature', envelopeText({ ...genuine, signatures: [{ ...sig, sig: '' }] }), 'signature'],
    ['two signatures', envelopeText({ ...genuine, signatures: [sig, ...foreign.signatures] }), '2 signatures'],
    ['the same signature twice', envelopeText({ ...genuine, signatures: [sig, sig] }), '2 signatures'],
    ['another payload type', envelopeText({ ...genuine, payloadType: 'application/json' }), 'signature'],
    ['duplicated key outside', text.replace('{"payload":', '{"payload":"e30=","payload":'), 'duplicate key'],
    ['an unknown member outside', text.replace('{"payload":', '{"note":"x","payload":'), 'DSSE'],
    ['truncated', text.slice(0, -20), ''],
    ['cut in the payload', text.slice(0, 200), ''],
    ['text after the end', `${text}{}`, 'text after'],
    ['base64 with a second reading', text.replace(/=?=?","payloadType/, '!","payloadType'), 'base64'],
    ['duplicated key inside, signed', withPayload((payload) => payload.replace('"stakes":', '"stakes":"low","stakes":')), 'duplicate key'],
    ['white space inside, signed', withPayload((payload) => ` ${payload}`), 'canonical'],
    ['an unknown member inside, signed', withPayload((payload) => payload.replace('"stakes":', '"sta":1,"stakes":')), '/sta is not allowed'],
    ['another predicate type, signed', withPayload((payload) => payload.replace('agent-certification/v1', 'agent-certification/v9')), 'type'],
    ['build document of another digest, signed', predicate().then((claim) => resigned(claim)), 'first subject'],
    ['candidate of another build, signed', certificate({ candidate: PACT }).then(envelopeText), 'candidate'],
    ['sign-off of another candidate', signAct(act(), PACT, ann).then((one) => certificate({ signOffs: [one] })).then(envelopeText), 'signed something else'],
    ['an act that is no sign-off', signAct(act({ act: 'certify.decline' }), CANDIDATE, ann).then((one) => certificate({ signOffs: [one] })).then(envelopeText), 'signed something else'],
    ['sign-off for another agent', signAct(act({ agent: { id: 'other', did: null, version: null, build: null } }), CANDIDATE, ann).then((one) => certificate({ signOffs: [one] })).then(envelopeText), 'signed something else'],
    ['forged sign-off', signAct(act(), CANDIDATE, ann).then((one) => certificate({ signOffs: [broken(one)] })).then(envelopeText), 'sign-off does not hold'],
    ['ownership of another agent', ownership(organisation, stranger).then((pair) => certificate({ ownership: pair })).then(envelopeText), 'another agent'],
    ['ownership by another owner', ownership(stranger).then((pair) => certificate({ ownership: pair })).then(envelopeText), 'another agent or owner'],
    ['acceptance of another credential', Promise.all([ownership(), ownership(stranger)]).then(([a, b]) => certificate({ ownership: { credential: a.credential, acceptance: b.acceptance } })).then(envelopeText), 'another'],
  ];
  test.each(forgeries)('%s: exit 4', async (_name, envelope, because) => {
    const verdict = await told({ envelope: await envelope });
    expect(verdict.exit).toBe(4);
    expect(verdict.because).toContain(because);
  });

  test('any flipped bit of payload, type or signature is caught, whatever it hits', async () => {
    const bytes = Buffer.from(text);
    for (let at = 2; at < bytes.length - 2; at += 97) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect([at, (await told({ envelope: flipped.toString('utf8') })).exit]).toEqual([at, 4]);
    }
  });

  test('an unauthenticated text is not quoted', async () => {
    const verdict = await verifyCertificate({ ...check, envelope: envelopeText(foreign) });
    expect(verdict).toMatchObject({ agent: null, issuer: null, exit: 4 });
    expect(verdict.links.map((link) => link.link)).toEqual(['envelope', 'signer']);
  });

  test.each([
    ['an empty file', ''],
    ['a manifest', 'apiVersion: agentctl/v1alpha1\n'],
    ['other JSON', '{"name":"card"}'],
    ['another statement of ours', signAct(act(), CANDIDATE, ann).then(envelopeText)],
  ])('%s is no certificate: exit 2', async (_name, envelope) => {
    expect(await told({ envelope: await envelope })).toMatchObject({ exit: 2, link: 'envelope' });
  });

  test('a malformed trust root is a mistake of the caller', async () => {
    await expect(verifyCertificate({ ...check, trust: ['Example Mail'] })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

test('DSSE pre-authentication encoding: the published vector', () => {
  const pae = preAuthEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world'));
  expect(new TextDecoder().decode(pae)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

function broken(envelope: Envelope): Envelope {
  return { ...envelope, payload: Buffer.from(Buffer.from(envelope.payload, 'base64').toString('utf8').replace('Ann Example', 'Bob Example')).toString('base64') };
}
