/** Simple verification results: what they name, what a gate makes of them, and of forged ones. */
import { describe, expect, test } from '@jest/globals';
import { digestBytes, digestJson } from '../../src/domain/digest.js';
import type { JsonObject } from '../../src/domain/json.js';
import { CERTIFIED_STEPS, certificateStatement, type CertificatePredicate } from '../../src/attestation/certificate.js';
import { envelopeText, signEnvelope, type Envelope } from '../../src/attestation/dsse.js';
import { PAYLOAD_TYPE, signStatement, statementBytes } from '../../src/attestation/statement.js';
import { BY_PEOPLE, openSvr, svrStatement, type SvrCheck } from '../../src/attestation/svr.js';
import { agent, BUILD, certificate, organisation, PACT, predicate, stranger } from './certified.js';

const AT = '2026-11-20T00:00:00.000Z';
const build = digestJson(BUILD);
const claim = await predicate();
const { subject } = certificateStatement(claim, build, PACT);
const genuine = await signStatement(svrStatement(claim, subject), organisation);
const text = envelopeText(genuine);
const check: SvrCheck = { build, now: AT, maximumAge: 'P7D', properties: ['AGENTCTL_STEP_IDENTITY', BY_PEOPLE] };

const about = async (changes: Partial<CertificatePredicate>) => envelopeText(await signStatement(svrStatement({ ...claim, ...changes }, subject), organisation));
const withPredicate = async (changes: JsonObject, by = organisation) => {
  const statement = svrStatement(claim, subject);
  return envelopeText(await signStatement({ ...statement, predicate: { ...statement.predicate, ...changes } }, by));
};
const payload = Buffer.from(genuine.payload, 'base64').toString('utf8');
const edited = (change: (payload: string) => string): string => envelopeText({ ...genuine, payload: Buffer.from(change(payload)).toString('base64') });
const resigned = async (change: (payload: string) => string) => envelopeText(await signEnvelope(PAYLOAD_TYPE, new TextEncoder().encode(change(payload)), organisation));
const sig = (genuine as Envelope).signatures[0] ?? { keyid: '', sig: '' };

describe('9.2 9.3 what is named', () => {
  test('every step that passed, and that people signed', async () => {
    const { properties } = await openSvr(text, organisation.did, check);
    expect(properties).toEqual([...CERTIFIED_STEPS.standard.map((id) => `AGENTCTL_STEP_${id.toUpperCase()}`), BY_PEOPLE]);
  });

  test('nothing that was waived, failed, unknown or signed by a script: absence is its no', async () => {
    const steps = claim.steps.map((step) => ({ ...step, state: ({ monitor: 'waived', audit: 'failed', pact: 'unproven', rollback: 'not-applicable' } as const)[step.id as 'monitor'] ?? step.state }));
    const { properties } = await openSvr(await about({ steps, ceremony: 'scripted' }), organisation.did, { ...check, properties: [] });
    expect(properties).toEqual(['identity', 'baseline', 'guardrails', 'escalation'].map((id) => `AGENTCTL_STEP_${id.toUpperCase()}`));
  });
});

describe('9.3 what a gate makes of it', () => {
  const cases: readonly (readonly [string, string | Promise<string>, Partial<SvrCheck>, string, number, string])[] = [
    ['a property that is not named', text, { properties: ['AGENTCTL_STEP_TRUST'] }, 'REFUSED', 1, 'AGENTCTL_STEP_TRUST'],
    ['signed by a script where people are asked for', about({ ceremony: 'scripted' }), {}, 'REFUSED', 1, BY_PEOPLE],
    ['another build', text, { build: digestBytes('another') }, 'EVIDENCE_MISSING', 3, 'another build'],
    ['too old', text, { now: '2026-11-27T00:00:00.001Z' }, 'EVIDENCE_MISSING', 3, 'older than P7D'],
    ['made in the future', text, { now: '2026-11-19T23:54:59.000Z' }, 'EVIDENCE_MISSING', 3, 'in the future'],
    ['a changed property', edited((one) => one.replace('STEP_IDENTITY', 'STEP_TRUST')), {}, 'SIGNATURE_INVALID', 4, 'signature'],
    ['a swapped subject', edited((one) => one.replace(build.slice(7), 'd'.repeat(64))), { build: `sha256:${'d'.repeat(64)}` }, 'SIGNATURE_INVALID', 4, 'signature'],
    ['a later time', edited((one) => one.replace(AT, '2026-11-27T00:00:00.000Z')), {}, 'SIGNATURE_INVALID', 4, 'signature'],
    ['a stranger\'s signature', withPredicate({}, stranger), {}, 'SIGNATURE_INVALID', 4, ''],
    ['the agent\'s own signature', withPredicate({}, agent), {}, 'SIGNATURE_INVALID', 4, ''],
    ['a stranger\'s signature under the right name', signStatement(svrStatement(claim, subject), stranger).then((one) => envelopeText({ ...one, signatures: one.signatures.map((each) => ({ ...each, keyid: organisation.did })) })), {}, 'SIGNATURE_INVALID', 4, ''],
    ['the right signature under a stranger\'s name', envelopeText({ ...genuine, signatures: [{ ...sig, keyid: stranger.did }] }), {}, 'SIGNATURE_INVALID', 4, 'another key'],
    ['two signatures', envelopeText({ ...genuine, signatures: [sig, sig] }), {}, 'SIGNATURE_INVALID', 4, '2 signatures'],
    ['no signature', envelopeText({ ...genuine, signatures: [] }), {}, 'INPUT_INVALID', 2, 'DSSE'],
    ['an algorithm in the envelope', text.replace('{"payload":', '{"alg":"none","payload":'), {}, 'INPUT_INVALID', 2, 'DSSE'],
    ['another payload type', envelopeText({ ...genuine, payloadType: 'application/json' }), {}, 'SIGNATURE_INVALID', 4, 'signature'],
    ['the certificate itself', certificate().then(envelopeText), {}, 'INPUT_INVALID', 2, 'type'],
    ['another version of the predicate', resigned((one) => one.replace('svr/v0.2', 'svr/v0.1')), {}, 'INPUT_INVALID', 2, 'svr/v0.1'],
    ['truncated', text.slice(0, -20), {}, 'INPUT_INVALID', 2, ''],
    ['encoded anew with white space, signed', resigned((one) => ` ${one}`), {}, 'INPUT_INVALID', 2, 'canonical'],
    ['a duplicated key, signed', resigned((one) => one.replace('"properties":', '"properties":[],"properties":')), {}, 'INPUT_INVALID', 2, 'duplicate key'],
    ['a duplicated key outside', text.replace('{"payload":', '{"payload":"e30=","payload":'), {}, 'INPUT_INVALID', 2, 'duplicate key'],
    ['a key that looks alike, signed', resigned((one) => one.replace('"properties":', '"рroperties":')), {}, 'INPUT_INVALID', 2, ''],
    ['a property that looks alike, signed', withPredicate({ properties: ['AGENTCTL_STEP_IDENTІTY', BY_PEOPLE] }), {}, 'INPUT_INVALID', 2, '/properties/0'],
    ['without properties, signed', resigned((one) => one.replace(/"properties":\[.*?\],/, '')), {}, 'INPUT_INVALID', 2, '/properties is missing'],
    ['without time, signed', resigned((one) => one.replace(/"timeCreated":"[^"]*",/, '')), {}, 'INPUT_INVALID', 2, '/timeCreated is missing'],
    ['without policies, signed', withPredicate({ verifier: { id: 'https://agentctl.dev/verifiers/agentctl/0' } }), {}, 'INPUT_INVALID', 2, '/policies is missing'],
    ['an unknown member, signed', withPredicate({ note: 'x' }), {}, 'INPUT_INVALID', 2, '/note is not allowed'],
  ];
  test.each(cases)('%s', async (_name, forged, change, code, exit, because) => {
    const fault = await openSvr(await forged, organisation.did, { ...check, ...change }).then(() => undefined, (cause: unknown) => cause as { code: string; exit: number; message: string });
    expect(fault).toMatchObject({ code, exit });
    expect(fault?.message).toContain(because);
  });

  test('the same bytes in the other alphabet of base64, or printed with white space, are the same result', async () => {
    const url = envelopeText({ ...genuine, payload: Buffer.from(statementBytes(svrStatement(claim, subject))).toString('base64url') });
    for (const same of [url, JSON.stringify(genuine, null, 2)]) expect((await openSvr(same, organisation.did, check)).timeCreated).toBe(AT);
  });
});
