/** Keys that change: who may say so, what a forger tries, and which key counts when. */
import { describe, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import type { Signer } from '../../src/domain/ports.js';
import { envelopeText, readEnvelope, type Envelope } from '../../src/attestation/dsse.js';
import { signAct, verifyAct } from '../../src/attestation/human-act.js';
import { signAcceptance, signOwnership, verifyOwnership } from '../../src/attestation/ownership.js';
import { signStatement } from '../../src/attestation/statement.js';
import { followable, historiesOf, historyOf, openSpoken, openSuccession, signSuccession, signWithdrawal, SUCCESSION, type Withdrawal } from '../../src/attestation/succession.js';
import { currentOf, standingOf } from '../../src/identity/key-history.js';
import { signerOf } from '../../src/identity/signer.js';
import { signedBlob, writeSshSignature } from '../../src/identity/sshsig.js';
import { act, agent, AGENT_ID, ann, CANDIDATE, organisation, OWNER, PACT, stranger } from './certified.js';

const [second, third, thief, newOrganisation] = await Promise.all([11, 12, 13, 14].map((byte) => signerOf(new Uint8Array(32).fill(byte))) as [Promise<Signer>, Promise<Signer>, Promise<Signer>, Promise<Signer>]);
const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T12:00:00.000Z`;
const follow = (from: Signer, to: Signer, day: number, identity = ann.did) => signSuccession({ identity, from: from.did, to: to.did, at: at(day) }, from, to);
const end = (key: Signer, by: Signer, day: number, cause: Withdrawal['cause'] = 'compromised', since = day) =>
  signWithdrawal({ identity: ann.did, key: key.did, cause, since: at(since), by: by.did, at: at(day) }, by);
const standings = async (envelopes: readonly Envelope[], key: Signer, ...days: readonly number[]) => {
  const history = await historyOf(ann.did, envelopes, organisation.did);
  return days.map((day) => standingOf(history, key.did, at(day)));
};

describe('1.1 a did:key that rotates is followed', () => {
  test('the first key stays the name, each key counts in its time, and the newest one speaks', async () => {
    const envelopes = [await follow(ann, second, 10), await follow(second, third, 20)];
    for (const order of [envelopes, envelopes.toReversed()]) {
      const history = await historyOf(ann.did, order);
      expect([history.root, currentOf(history)?.did]).toEqual([ann.did, third.did]);
    }
    expect(await standings(envelopes, ann, 9, 10)).toEqual(['valid', 'ended']);
    expect(await standings(envelopes, second, 9, 10, 20)).toEqual(['not-yet', 'valid', 'ended']);
    expect(await standings(envelopes, third, 19, 20)).toEqual(['not-yet', 'valid']);
    expect(await standings(envelopes, stranger, 15)).toEqual(['stranger']);
  });

  test('a statement told twice, or again at a later date, changes nothing; statements about others are left alone', async () => {
    const once = await follow(ann, second, 10);
    const history = await historyOf(ann.did, [once, once, await follow(ann, second, 12), await follow(organisation, newOrganisation, 11, organisation.did)]);
    expect(history).toEqual(await historyOf(ann.did, [once]));
  });

  test('it is one in-toto statement in DSSE with two signatures', async () => {
    const envelope = await follow(ann, second, 10);
    expect(envelope.signatures.map((one) => one.keyid)).toEqual([ann.did, second.did]);
    expect(JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8'))).toEqual({
      _type: 'https://in-toto.io/Statement/v1', predicateType: SUCCESSION,
      subject: [{ name: second.did, digest: { sha256: digestBytes(second.did).slice(7) } }],
      predicate: { identity: ann.did, from: ann.did, to: second.did, at: at(10) },
    });
    expect(await openSuccession(envelopeText(envelope))).toMatchObject({ from: ann.did, to: second.did });
  });
});

describe('1.1 an organisation that answers after another one', () => {
  test('what the former one withdrew stays so where both are named; who knows the new one alone is shown what he can follow', async () => {
    const envelopes = [await end(ann, organisation, 10, 'ceased'), await follow(stranger, third, 11, stranger.did)];
    const both = await historiesOf(envelopes, newOrganisation.did, organisation.did);
    expect(currentOf(both(ann.did))).toBeUndefined();
    await expect(historiesOf(envelopes, newOrganisation.did)).rejects.toMatchObject({ code: 'KEY_UNFIT' });
    expect(followable(envelopes, both, newOrganisation.did)).toEqual([envelopes[1]]);
    expect(followable(envelopes, both, organisation.did)).toEqual(envelopes);
    const byHerself = await end(ann, ann, 12, 'ceased');
    expect(followable([byHerself], await historiesOf([byHerself], newOrganisation.did), newOrganisation.did)).toEqual([byHerself]);
  });

  test('twin: naming it does not let a stranger withdraw', async () => {
    await expect(historiesOf([await end(ann, stranger, 10)], newOrganisation.did, organisation.did)).rejects.toMatchObject({ code: 'KEY_UNFIT' });
  });
});

describe('1.1 an SSH key on either side of a succession', () => {
  /** Signs as ssh-keygen does. */
  const overSsh = (signer: Signer, namespace = 'agentctl'): Signer => ({
    ...signer,
    sign: async (bytes) => writeSshSignature({ publicKey: signer.publicKey, namespace, hash: 'sha512', signature: await signer.sign(signedBlob({ namespace, hash: 'sha512' }, bytes)) }),
  });

  test.each<[string, Signer, Signer]>([['goes', overSsh(ann), second], ['comes', ann, overSsh(second)], ['does both', overSsh(ann), overSsh(second)]])('counts where it %s', async (_side, from, to) => {
    expect(currentOf(await historyOf(ann.did, [await follow(from, to, 10)]))?.did).toBe(second.did);
  });

  test.each<[string, Promise<Envelope>]>([
    ['a signature that was made for something else', follow(ann, overSsh(second, 'git'), 10)],
    ['the container of a thief', follow(ann, { ...overSsh(thief), did: second.did }, 10)],
  ])('does not count: %s', async (_what, envelope) => {
    await expect(historyOf(ann.did, [await envelope])).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });
});

describe('1.1 what cannot be followed is refused whole', () => {
  const without = (envelope: Envelope, index: number): Envelope => ({ ...envelope, signatures: envelope.signatures.filter((_one, place) => place !== index) });
  const edited = (envelope: Envelope, from: string, to: string): Envelope => ({ ...envelope, payload: Buffer.from(Buffer.from(envelope.payload, 'base64').toString('utf8').replaceAll(from, to)).toString('base64') });
  const forged = async (claim: { identity: string; from: string; to: string; at: string }, ...signers: readonly Signer[]): Promise<Envelope> => {
    const [first, ...others] = await Promise.all(signers.map((signer) => signStatement({ subject: [{ name: claim.to, digest: digestBytes(claim.to) }], predicateType: SUCCESSION, predicate: claim }, signer)));
    if (!first) throw new Error('nobody signs');
    return { ...first, signatures: [...first.signatures, ...others.flatMap((one) => one.signatures)] };
  };
  const claim = { identity: ann.did, from: ann.did, to: thief.did, at: at(10) };

  test.each<[string, readonly (Envelope | Promise<Envelope>)[], string, string]>([
    ['a fork', [follow(ann, second, 10), follow(ann, thief, 11)], 'KEY_UNFIT', 'two successors'],
    ['a fork later in the line', [follow(ann, second, 10), follow(second, third, 11), follow(second, thief, 12)], 'KEY_UNFIT', 'two successors'],
    ['a gap', [follow(second, third, 20)], 'KEY_UNFIT', 'no key of this identity'],
    ['a stranger who names a successor', [follow(stranger, thief, 10)], 'KEY_UNFIT', 'no key of this identity'],
    ['times that go back', [follow(ann, second, 20), follow(second, third, 10)], 'KEY_UNFIT', 'before it began'],
    ['a key that returns', [follow(ann, second, 10), follow(second, ann, 20)], 'KEY_UNFIT', 'returns'],
    ['the signature of the new key alone', [follow(ann, second, 10).then((one) => without(one, 0))], 'SIGNATURE_INVALID', 'two signatures'],
    ['the signature of the old key alone', [follow(ann, second, 10).then((one) => without(one, 1))], 'SIGNATURE_INVALID', 'two signatures'],
    ['the old key twice', [forged(claim, ann, ann)], 'SIGNATURE_INVALID', 'no signature'],
    ['the new key twice', [forged(claim, thief, thief)], 'SIGNATURE_INVALID', 'no signature'],
    ['the signatures in the other order', [follow(ann, second, 10).then((one) => ({ ...one, signatures: one.signatures.toReversed() }))], 'SIGNATURE_INVALID', 'no signature'],
    ['a third signature', [forged({ ...claim, to: second.did }, ann, second, stranger)], 'SIGNATURE_INVALID', 'two signatures'],
    ['a new key that the thief wrote in', [follow(ann, second, 10).then((one) => edited(one, second.did, thief.did))], 'SIGNATURE_INVALID', 'no signature'],
    ['an earlier date', [follow(ann, second, 10).then((one) => edited(one, at(10), at(9)))], 'SIGNATURE_INVALID', 'no signature'],
    ['another statement in its place', [signStatement({ subject: [{ name: 'x', digest: PACT }], predicateType: 'https://example.com/other', predicate: { identity: ann.did } }, ann)], 'INPUT_INVALID', 'no statement about keys'],
    ['a member too many', [signStatement({ subject: [{ name: thief.did, digest: digestBytes(thief.did) }], predicateType: SUCCESSION, predicate: { ...claim, also: 'this' } }, ann)], 'INPUT_INVALID', 'also'],
    ['a withdrawal by a stranger', [end(ann, stranger, 10)], 'KEY_UNFIT', 'did not speak'],
    ['a withdrawal by a key that was replaced', [follow(ann, second, 10), end(second, ann, 11)], 'KEY_UNFIT', 'did not speak'],
    ['a withdrawal of a key that is none of its own', [end(stranger, ann, 10)], 'KEY_UNFIT', 'none of its keys'],
    ['a withdrawal for the future', [end(ann, ann, 10, 'compromised', 11)], 'KEY_UNFIT', 'a time that it does not have'],
    ['ceasing of a key that was replaced', [follow(ann, second, 10), end(ann, second, 12, 'ceased')], 'KEY_UNFIT', 'after it had ended'],
  ])('%s', async (_what, envelopes, code, message) => {
    await expect(historyOf(ann.did, await Promise.all(envelopes), organisation.did)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('nobody signs for keys that are not his', async () => {
    await expect(signSuccession({ identity: ann.did, from: ann.did, to: second.did, at: at(10) }, ann, thief)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(signSuccession({ identity: ann.did, from: ann.did, to: ann.did, at: at(10) }, ann, ann)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    await expect(signWithdrawal({ identity: ann.did, key: ann.did, cause: 'ceased', since: at(10), by: ann.did, at: at(10) }, thief)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
  });
});

describe('1.1 withdrawn keys', () => {
  test('one that ceased counts until then, and nobody speaks any more', async () => {
    const envelopes = [await end(ann, ann, 10, 'ceased', 8)];
    expect(await standings(envelopes, ann, 7, 8)).toEqual(['valid', 'ended']);
    expect(currentOf(await historyOf(ann.did, envelopes))).toBeUndefined();
  });

  test('of a compromised one nothing counts, whatever date it bears; its successor goes on', async () => {
    const envelopes = [await follow(ann, second, 10), await end(ann, second, 12)];
    expect(await standings(envelopes, ann, 1, 9, 11)).toEqual(['compromised', 'compromised', 'compromised']);
    expect(await standings(envelopes, second, 9, 13)).toEqual(['not-yet', 'valid']);
  });

  test('the same withdrawal handed over twice says no more than once', async () => {
    const [turn, stolen, over] = [await follow(ann, second, 10), await end(ann, second, 12), await end(second, second, 20, 'ceased', 20)];
    expect(await standings([turn, stolen, stolen], second, 13)).toEqual(['valid']);
    expect(await standings([turn, stolen, await end(ann, second, 13)], second, 14)).toEqual(['valid']);
    expect(await standings([turn, over, over], second, 19, 20)).toEqual(['valid', 'ended']);
  });

  test('a successor that the thief may have named falls with it', async () => {
    const envelopes = [await follow(ann, thief, 10), await end(ann, organisation, 12, 'compromised', 9)];
    expect(await standings(envelopes, thief, 11)).toEqual(['compromised']);
    expect(currentOf(await historyOf(ann.did, envelopes, organisation.did))).toBeUndefined();
  });

  test('the organisation may end the keys of its people, with the key that speaks for it then; and only where it answers for them', async () => {
    const rotated = await follow(organisation, newOrganisation, 5, organisation.did);
    const histories = await historiesOf([rotated, await end(ann, newOrganisation, 10)], organisation.did);
    expect(standingOf(histories(ann.did), ann.did, at(1))).toBe('compromised');
    expect(histories(stranger.did).keys).toHaveLength(1);
    await expect(historyOf(ann.did, [rotated, await end(ann, organisation, 10)], organisation.did)).rejects.toMatchObject({ code: 'KEY_UNFIT' });
    await expect(historyOf(ann.did, [await end(ann, organisation, 10)])).rejects.toMatchObject({ code: 'KEY_UNFIT' });
  });

  test('what a key withdrew stays withdrawn when that key turns out to be stolen', async () => {
    const histories = await historiesOf([await end(ann, organisation, 10), await signWithdrawal({ identity: organisation.did, key: organisation.did, cause: 'compromised', since: at(11), by: organisation.did, at: at(12) }, organisation)], organisation.did);
    expect(standingOf(histories(ann.did), ann.did, at(1))).toBe('compromised');
  });
});

const rotated = await historiesOf([await follow(ann, second, 10), await follow(organisation, newOrganisation, 10, organisation.did)], organisation.did);

describe('1.1 what was signed counts by the key of its time', () => {
  const signedBy = async (signer: Signer, day: number) => envelopeText(await signAct(act({ operator: { id: 'ann', name: 'Ann Example', did: signer.did }, at: at(day) }), CANDIDATE, signer));

  test.each<[string, Signer, number, number, string | undefined]>([
    ['the old key before the rotation', ann, 9, 9, undefined],
    ['the new key after it', second, 11, 11, undefined],
    ['the old key after it', ann, 11, 11, 'no longer spoke'],
    ['the old key with a date set back', ann, 9, 11, 'no longer spoke'],
    ['the new key with a date set back', second, 9, 11, 'did not speak yet'],
    ['a stranger', stranger, 11, 11, 'another key'],
  ])('an act by %s', async (_who, signer, day, recorded, problem) => {
    const verdict = await verifyAct(await signedBy(signer, day), CANDIDATE, OWNER, { histories: rotated, recorded: at(recorded) });
    expect('problem' in verdict ? verdict.problem : undefined).toEqual(problem === undefined ? undefined : expect.stringContaining(problem));
  });

  test('no act of a compromised key counts', async () => {
    const histories = await historiesOf([await follow(ann, second, 10), await end(ann, second, 12)], organisation.did);
    expect(await verifyAct(await signedBy(ann, 9), CANDIDATE, OWNER, { histories })).toEqual({ problem: expect.stringContaining('compromised') });
  });

  test('ownership goes on under the first names, signed by the newest keys; without the statements it is not believed', async () => {
    const claim = { agent: { id: AGENT_ID, did: agent.did }, organisation: { name: 'Example Mail', did: organisation.did }, log: 'x', permissions: PACT, at: at(11) };
    const credential = await signOwnership(claim, newOrganisation, rotated);
    const acceptance = await signAcceptance(credential, at(11), agent, rotated);
    expect(await verifyOwnership(credential, acceptance, rotated)).toMatchObject({ ok: true, ownership: { organisation: { did: organisation.did } } });
    expect(await verifyOwnership(credential, acceptance)).toMatchObject({ ok: false });
    await expect(signOwnership(claim, organisation, rotated)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('the key id in an envelope is believed only as far as the signature bears it out', async () => {
    const statement = { subject: [{ name: 'x', digest: PACT }], predicateType: 'https://example.com/t', predicate: { at: at(11) } };
    const open = (envelope: Envelope) => openSpoken(envelope, rotated(organisation.did), 'https://example.com/t', (predicate) => String(predicate['at']));
    expect((await open(await signStatement(statement, newOrganisation))).did).toBe(newOrganisation.did);
    const renamed = (envelope: Envelope, keyid: string): Envelope => readEnvelope({ ...envelope, signatures: envelope.signatures.map((one) => ({ ...one, keyid })) });
    await expect(open(renamed(await signStatement(statement, stranger), newOrganisation.did))).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(open(renamed(await signStatement(statement, organisation), newOrganisation.did))).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(open(await signStatement(statement, organisation))).rejects.toMatchObject({ message: expect.stringContaining('no longer spoke') });
  });
});
