/** A clock that steps back between the signature under a statement about a key and the entry that records it: nothing of a later time is recorded, and the ledger stays readable. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { envelopeText } from '../../src/attestation/dsse.js';
import { signSuccession, signWithdrawal } from '../../src/attestation/succession.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Keys, Signer } from '../../src/domain/ports.js';
import { keyRecords } from '../../src/engine/key-history.js';
import { record, textBlob } from '../../src/engine/session.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

const NOON = '2026-11-23T12:00:00.000Z';
const BEFORE = '2026-11-23T11:59:58.000Z';
const ENTRIES = ['identity.rotated', 'identity.withdrawn'];

let launched: Tiny;
beforeAll(async () => {
  launched = await accepted();
}, 60_000);
afterAll(removeTinies);

function atNoon(): Tiny {
  const one = launched.copy();
  one.clock.set(NOON);
  return one;
}

/** The same folder, where the clock steps back as soon as a key has signed. */
function steppingBack(one: Tiny, to = BEFORE): Tiny {
  const stepping = (signer: Signer): Signer => ({
    ...signer,
    sign: async (bytes) => {
      const signature = await signer.sign(bytes);
      one.clock.set(to);
      return signature;
    },
  });
  const thatStep = (keys: Keys): Keys => ({
    ...bound(keys),
    open: async (key) => stepping(await keys.open(key)),
    openByDid: async (role, did) => stepping(await keys.openByDid(role, did)),
  });
  return one.in({ keys: (folder) => thatStep(one.world.keys(folder)) });
}

/** The methods of an object that is made of a class, as members of a plain one. */
function bound(keys: Keys): Keys {
  const names = ['create', 'open', 'openByDid', 'openFormer', 'successor', 'replace', 'rewrap', 'useSsh', 'exportPrivate', 'importPrivate', 'has', 'list', 'placement'] as const;
  return Object.fromEntries(names.map((name) => [name, (keys[name] as (...given: unknown[]) => unknown).bind(keys)])) as unknown as Keys;
}

const recorded = async (one: Tiny) => (await Promise.all(ENTRIES.map((type) => one.entries(type)))).flat();
const identityState = (one: Tiny) => one.withSession(async (session) => (await computeStates(session, await gateTime(session))).steps[0]?.state, false);
const speaking = (one: Tiny, did: string) => one.withSession(async ({ store, manifest }) => (await keyRecords(store, manifest)).histories(did).keys.map((key) => [key.did, key.ended?.cause ?? null]), false);
const erin = (one: Tiny) => one.withSession(({ manifest }) => Promise.resolve(manifest.owner.operators[0]?.did ?? ''), false);

describe('1.1 the clock steps back between signing a statement about a key and recording it', () => {
  test.each([
    ['rotate', { role: 'operator', name: 'erin' }],
    ['rotate', { role: 'organisation' }],
    ['withdraw', { role: 'operator', name: 'erin', cause: 'ceased', by: 'organisation' }],
    ['withdraw', { role: 'agent', cause: 'compromised' }],
  ])('%s %j: nothing is recorded, the ledger is read as before, and the same command again does it', async (verb, options) => {
    const one = atNoon();
    const fault = await steppingBack(one).fault('identity', verb, options);
    expect(fault).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('clock'), hint: 'run the command again' });
    expect(await recorded(one)).toEqual([]);
    expect(await identityState(one)).toBe('passed');
    expect(await one.run('identity', verb, options)).toMatchObject({ exit: 0 });
    expect(await recorded(one)).toMatchObject([{ type: `identity.${verb === 'rotate' ? 'rotated' : 'withdrawn'}`, ts: BEFORE }]);
    expect((await one.run('audit', 'verify', { deep: true })).exit).toBe(0);
  });

  test('a rotation that was turned away leaves one line of keys, not two', async () => {
    const one = atNoon();
    const did = await erin(one);
    await steppingBack(one).fault('identity', 'rotate', { role: 'operator', name: 'erin' });
    const { data } = await one.run('identity', 'rotate', { role: 'operator', name: 'erin' });
    expect(await speaking(one, did)).toEqual([[did, 'superseded'], [data['to'], null]]);
    expect((await one.run('pact', 'sign', { as: 'erin' })).exit).toBe(0);
  });

  test('a step back that ends behind the newest entry changes nothing: ledger time stands still', async () => {
    const one = atNoon();
    await one.run('identity', 'verify');
    expect(await steppingBack(one).run('identity', 'rotate', { role: 'operator', name: 'erin' })).toMatchObject({ exit: 0 });
    expect(await recorded(one)).toMatchObject([{ ts: NOON }]);
  });

  test('a key is withdrawn even while the clock stands before its last change', async () => {
    const one = atNoon();
    const { data } = await one.run('identity', 'rotate', { role: 'operator', name: 'erin' });
    one.clock.set(BEFORE);
    expect((await one.run('identity', 'withdraw', { role: 'operator', name: 'erin', cause: 'compromised', by: 'organisation' })).data).toMatchObject({ key: data['to'], since: NOON });
    expect(await speaking(one, await erin(one))).toEqual([[data['identity'], 'superseded'], [data['to'], 'compromised']]);
  });
});

describe('1.1 a clock that stays behind', () => {
  test('the organisation is not rotated before what it withdrew: that would no longer be its word', async () => {
    const one = atNoon();
    await one.run('identity', 'withdraw', { role: 'operator', name: 'omar', cause: 'ceased', by: 'organisation' });
    one.clock.set(BEFORE);
    expect(await one.fault('identity', 'rotate', { role: 'organisation' })).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('clock'), hint: 'set the clock right' });
    expect(await one.entries('identity.rotated')).toEqual([]);
    expect(await one.withSession(({ keys }) => keys.list('organisation'))).toMatchObject([{ former: [] }]);
    one.clock.set('2026-11-23T12:00:01.000Z');
    expect(await one.run('identity', 'rotate', { role: 'organisation' })).toMatchObject({ exit: 0 });
    expect(await identityState(one)).toBe('passed');
  });
});

describe('1.1 a ledger in which a statement is later than its entry, as earlier versions could write it', () => {
  const write = (one: Tiny, type: string, data: Record<string, string>, text: string) => one.withSession((session) => record(session, { type, data: { ...data, statement: digestBytes(text) } }, [textBlob(text)]));

  test('a succession counts from its own time on, and not before', async () => {
    const one = atNoon();
    const identity = await erin(one);
    const to = await one.withSession(async ({ keys }) => {
      const key = { role: 'operator', name: 'erin' } as const;
      const [from, next] = [await keys.open(key), await keys.successor(key)];
      const claim = { identity, from: from.did, to: next.did, at: NOON };
      const text = envelopeText(await signSuccession(claim, from, next));
      await keys.replace(key);
      one.clock.set(BEFORE);
      await write(one, 'identity.rotated', { role: 'operator', identity, from: from.did, to: next.did }, text);
      return next.did;
    }, false);
    expect(await recorded(one)).toMatchObject([{ ts: BEFORE }]);
    expect(await identityState(one)).toBe('passed');
    expect(await speaking(one, identity)).toEqual([[identity, 'superseded'], [to, null]]);
    await one.run('pact', 'sign', { as: 'erin' });
    const pact = () => one.withSession(async (session) => (await computeStates(session, await gateTime(session))).steps[1]?.state, false);
    expect(await pact()).not.toBe('passed');
    one.clock.set(NOON);
    await one.run('pact', 'sign', { as: 'erin' });
    expect(await pact()).toBe('passed');
  });

  test('a withdrawal counts as it says', async () => {
    const one = atNoon();
    const identity = await erin(one);
    await one.withSession(async ({ keys }) => {
      const by = await keys.open({ role: 'operator', name: 'erin' });
      const text = envelopeText(await signWithdrawal({ identity, key: identity, cause: 'compromised', since: NOON, by: by.did, at: NOON }, by));
      one.clock.set(BEFORE);
      await write(one, 'identity.withdrawn', { role: 'operator', identity, key: identity, cause: 'compromised', since: NOON }, text);
    }, false);
    expect(await speaking(one, identity)).toEqual([[identity, 'compromised']]);
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'REFUSED' });
  });
});
