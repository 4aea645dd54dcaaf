/** Human acts and ownership: who signed what, and whether it counts. */
import { describe, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import { envelopeText } from '../../src/attestation/dsse.js';
import { signAct, verifyAct } from '../../src/attestation/human-act.js';
import { signAcceptance, signOwnership, verifyOwnership } from '../../src/attestation/ownership.js';
import { act, agent, AGENT_ID, ann, CANDIDATE, NOW, organisation, OWNER, ownership, PACT, stranger } from './certified.js';

const envelope = envelopeText(await signAct(act(), CANDIDATE, ann));
const scripted = envelopeText(await signAct(act({ ceremony: 'scripted' }), CANDIDATE, ann));
const impostors = envelopeText(await signAct(act({ operator: { id: 'ann', name: 'Ann Example', did: stranger.did } }), CANDIDATE, stranger));
const { operators } = OWNER;

describe('human acts', () => {
  test('an act that counts names operator, roles held, sentence and ceremony', async () => {
    const envelope = envelopeText(await signAct(act({ roles: ['operations', 'legal'] }), CANDIDATE, ann));
    expect(await verifyAct(envelope, CANDIDATE, OWNER)).toEqual({
      act: 'sign-off', operator: 'ann', name: 'Ann Example', roles: ['operations'], sentence: act().sentence, ceremony: 'interactive', subject: CANDIDATE, at: NOW,
    });
  });

  test.each([
    ['another subject', envelope, PACT, OWNER, 'something else'],
    ['no operator any more', envelope, CANDIDATE, { ...OWNER, operators: [] }, 'no operator'],
    ['role taken away', envelope, CANDIDATE, { ...OWNER, operators: operators.map((one) => ({ ...one, roles: ['product'] as const })) }, 'no longer holds'],
    ['key replaced', envelope, CANDIDATE, { ...OWNER, operators: operators.map((one) => ({ ...one, did: stranger.did })) }, 'another key'],
    ['an impostor with his own key', impostors, CANDIDATE, OWNER, 'another key'],
    ['an edited sentence', edit(envelope, 'take responsibility', 'have no opinion'), CANDIDATE, OWNER, 'signature'],
    ['a scripted act called interactive', edit(scripted, 'scripted', 'interactive'), CANDIDATE, OWNER, 'signature'],
    ['garbage', '{"payload":1}', CANDIDATE, OWNER, 'DSSE'],
  ] as const)('%s does not count', async (_name, source, subject, owner, problem) => {
    expect(await verifyAct(source, subject, owner)).toEqual({ problem: expect.stringContaining(problem) });
  });

  test('nobody signs with a key that agent.yaml does not give him', async () => {
    await expect(signAct(act(), CANDIDATE, stranger)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
  });
});

describe('1.2 ownership in both directions', () => {
  test('organisation and agent confirm each other', async () => {
    const { credential, acceptance } = await ownership();
    expect(await verifyOwnership(envelopeText(credential), envelopeText(acceptance))).toMatchObject({ ok: true, ownership: { agent: { id: AGENT_ID, did: agent.did }, organisation: { did: organisation.did } } });
  });

  test('one side alone is not enough, in either direction', async () => {
    const [ours, theirs] = [await ownership(), await ownership(organisation, stranger)];
    expect(await verifyOwnership(ours.credential, theirs.acceptance)).toMatchObject({ ok: false });
    expect(await verifyOwnership(theirs.credential, ours.acceptance)).toMatchObject({ ok: false });
    expect(await verifyOwnership(ours.acceptance, ours.credential)).toMatchObject({ ok: false });
    const renewed = await signOwnership({ agent: { id: AGENT_ID, did: agent.did }, organisation: { name: 'Example Mail', did: organisation.did }, log: 'other', permissions: digestBytes('more'), at: NOW }, organisation);
    expect(await verifyOwnership(renewed, ours.acceptance)).toMatchObject({ ok: false, problem: expect.stringContaining('another credential') });
  });

  test('each side signs with its own key only', async () => {
    const { credential } = await ownership();
    await expect(signAcceptance(credential, NOW, stranger)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(signOwnership({ agent: { id: AGENT_ID, did: agent.did }, organisation: { name: 'x', did: organisation.did }, log: 'x', permissions: PACT, at: NOW }, stranger)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
  });
});

function edit(envelope: string, from: string, to: string): string {
  const json = JSON.parse(envelope) as { payload: string };
  const payload = Buffer.from(Buffer.from(json.payload, 'base64').toString('utf8').replace(from, to)).toString('base64');
  return JSON.stringify({ ...json, payload });
}
