/** Keys of the tiny agent that change: what was signed before still counts, what is signed after is signed by the new key, and an interrupted rotation is finished. */
import { renameSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSuccession } from '../../src/attestation/succession.js';
import { certificatePredicateOf } from '../../src/engine/certify/predicate.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { stepById } from '../../src/steps/index.js';
import { listOperators } from '../../src/engine/operator.js';
import { followingKeys, keyRecords } from '../../src/engine/key-history.js';
import { attestationOf } from '../../src/engine/human-act.js';
import { readBlobText } from '../../src/engine/session.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import type { StepId } from '../../src/domain/step.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let launched: Tiny;
beforeAll(async () => {
  launched = await accepted();
}, 60_000);
afterAll(removeTinies);

/** A copy, a day later. */
function later(day = 23): Tiny {
  const one = launched.copy();
  one.clock.set(`2026-11-${day}T12:00:00.000Z`);
  return one;
}
const rotate = (one: Tiny, role: string, name?: string) => one.run('identity', 'rotate', { role, ...(name === undefined ? {} : { name }) });
const statesOf = (one: Tiny, ...ids: readonly StepId[]) => one.withSession(async (session) => {
  const { steps } = await computeStates(session, await gateTime(session));
  return Object.fromEntries(steps.filter((step) => ids.includes(step.id)).map((step) => [step.id, step.state]));
}, false);
const pactAct = (one: Tiny) => one.withSession(async ({ store, chain, manifest }) => attestationOf(store, manifest, 'pact', await store.latest(chain, 'pact.signed')), false);
const didOf = (one: Tiny, name: string) => one.withSession(({ manifest }) => Promise.resolve(manifest.owner.operators.find((each) => each.id === name)?.did ?? ''), false);

describe('1.1 identity rotate', () => {
  test('an operator: agent.yaml and every state stay, the old act counts, the new one bears the new key', async () => {
    const one = later();
    const before = [readFileSync(one.path('agent.yaml'), 'utf8'), await statesOf(one, 'identity', 'pact', 'baseline')];
    const { exit, data } = await rotate(one, 'operator', 'erin');
    expect([exit, data['identity'], data['from']]).toEqual([0, await didOf(one, 'erin'), await didOf(one, 'erin')]);
    expect([readFileSync(one.path('agent.yaml'), 'utf8'), await statesOf(one, 'identity', 'pact', 'baseline')]).toEqual(before);
    expect(before[1]).toMatchObject({ identity: 'passed', pact: 'passed', baseline: 'passed' });
    expect(await pactAct(one)).toMatchObject({ operator: 'erin', ceremony: 'scripted' });
    one.clock.set('2026-11-24T12:00:00.000Z');
    await one.run('pact', 'sign', { as: 'erin' });
    expect(await pactAct(one)).toMatchObject({ operator: 'erin', at: '2026-11-24T12:00:00.000Z' });
    const signed = (await one.entries('pact.signed')).at(-1);
    expect(signed?.actor).toBe(await didOf(one, 'erin'));
    await one.withSession(async ({ store }) => expect(atob((JSON.parse(await readBlobText(store, signed?.data['act']) ?? '') as { payload: string }).payload)).toContain(String(data['to'])), false);
  });

  test('the organisation and the agent: ownership is walked under the first names, requests are signed with the new key', async () => {
    const one = later();
    const did = (await one.run('identity', 'show')).headline;
    // With a live key and a fresh check nothing of the step is left to do.
    expect(await one.run('identity', 'register')).toMatchObject({ next: expect.not.stringContaining('identity') });
    one.clock.set('2026-11-23T18:00:00.000Z');
    await rotate(one, 'organisation');
    await rotate(one, 'agent');
    expect(await one.run('identity', 'verify')).toMatchObject({ exit: 0 });
    expect(await statesOf(one, 'identity', 'pact', 'baseline')).toEqual({ identity: 'passed', pact: 'passed', baseline: 'passed' });
    const deliverable = (await one.entries('identity.registered')).at(-1)?.data['deliverable'];
    await one.run('identity', 'register');
    expect((await one.run('identity', 'show')).headline).toBe(did);
    expect((await one.entries('identity.registered')).at(-1)?.data).toMatchObject({ agentDid: did, deliverable });
    expect(await one.run('identity', 'verify')).toMatchObject({ exit: 0 });
    expect(JSON.parse(readFileSync(one.path('artifacts/did.json'), 'utf8'))).toMatchObject({ id: did });
    expect(await statesOf(one, 'identity', 'pact', 'baseline')).toEqual({ identity: 'passed', pact: 'passed', baseline: 'passed' });
  });

  test('the ledger names both keys and keeps the statement that both signed; the key files keep the old key', async () => {
    const one = later();
    const { data } = await rotate(one, 'operator', 'omar');
    const entry = (await one.entries('identity.rotated')).at(-1);
    expect(entry?.data).toMatchObject({ role: 'operator', identity: data['identity'], from: data['from'], to: data['to'] });
    await one.withSession(async ({ store, manifest, keys }) => {
      expect(await openSuccession(await readBlobText(store, entry?.data['statement']) ?? '')).toMatchObject({ from: data['from'], to: data['to'] });
      expect((await keyRecords(store, manifest)).envelopes).toHaveLength(1);
      expect((await keys.openByDid('operator', String(data['identity']))).did).toBe(data['to']);
    }, false);
    expect(readdirSync(one.path('.config/keys')).filter((name) => name.includes('omar'))).toEqual(['operator-omar.1.retired.json', 'operator-omar.json']);
    expect((await one.run('audit', 'verify', { deep: true })).exit).toBe(0);
    expect(await listOperators(one.world, { yes: true })).toMatchObject({ data: { data: { operators: [{ id: 'erin', keyHere: true }, { id: 'omar', keyHere: true }, { id: 'lena' }] } } });
  });

  test('twice in a row: the line is followed to its end', async () => {
    const one = later();
    const first = await rotate(one, 'operator', 'erin');
    const second = await rotate(one, 'operator', 'erin');
    expect([second.data['identity'], second.data['from']]).toEqual([first.data['identity'], first.data['to']]);
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
    const table = (await one.run('identity', 'show')).tables?.find((each) => each.title === 'Keys that changed');
    expect(table?.rows.map(([whose, key, , , because]) => [whose, key, because])).toEqual([['erin', first.data['from'], 'superseded'], ['erin', second.data['from'], 'superseded'], ['erin', second.data['to'], '-']]);
    expect((await launched.run('identity', 'show')).tables?.map((each) => each.title)).toEqual(['API keys', 'Build']);
  });

  test('the certificate carries the statements, and none where no key changed', async () => {
    const ingredients = { candidate: { build: 'b', pact: 'p', sections: {}, digest: 'd' }, steps: [], signOffs: [], validFrom: 'f', validUntil: 'u', previous: null } as unknown as Parameters<typeof certificatePredicateOf>[1];
    const keysOf = (one: Tiny) => one.withSession(async (session) => {
      const report = (await session.store.latest(session.chain, 'baseline.accepted'))?.data['deliverable'];
      return (await certificatePredicateOf(session, { ...ingredients, report })).keys;
    });
    expect(await keysOf(later())).toBeUndefined();
    const one = later();
    await rotate(one, 'organisation');
    expect(await keysOf(one)).toHaveLength(1);
  });

  test.each<[string, Record<string, string>, string, string]>([
    ['the log', { role: 'log' }, 'REFUSED', 'first entry'],
    ['a role that has no such key', { role: 'witness' }, 'USAGE', 'no role'],
    ['an operator without a name', { role: 'operator' }, 'USAGE', 'which operator'],
    ['a stranger', { role: 'operator', name: 'mallory' }, 'NOT_ALLOWED', 'no operator'],
    ['an organisation with a name', { role: 'organisation', name: 'x' }, 'USAGE', 'one key'],
  ])('refused: %s', async (_who, options, code, message) => {
    expect(await launched.fault('identity', 'rotate', options)).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(await launched.entries('identity.rotated')).toEqual([]);
  });

  test('two at once: the one waits its turn or is told so, and the line stays one line', async () => {
    const one = later();
    const results = await Promise.allSettled([rotate(one, 'operator', 'erin'), rotate(one, 'operator', 'erin')]);
    const done = results.filter((result) => result.status === 'fulfilled').length;
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'STORE_LOCKED' });
    expect(done).toBeGreaterThan(0);
    expect(await one.entries('identity.rotated')).toHaveLength(done);
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
  });

  test('refused while the clock stands before the last change, before anything is touched', async () => {
    const one = later();
    await rotate(one, 'operator', 'erin');
    const files = readdirSync(one.path('.config/keys'));
    one.clock.set('2026-11-22T18:00:00.000Z');
    expect(await one.fault('identity', 'rotate', { role: 'operator', name: 'erin' })).toMatchObject({ code: 'REFUSED' });
    expect(readdirSync(one.path('.config/keys'))).toEqual(files);
  });
});

describe('1.1 a rotation that was interrupted', () => {
  test('after the key was replaced and before the ledger knew: signing is refused with the way on, and the same command finishes it', async () => {
    const one = later();
    const fresh = await one.withSession(({ keys }) => keys.replace({ role: 'operator', name: 'erin' }));
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'KEY_MISSING', hint: 'agentctl identity rotate --role operator --name erin' });
    expect((await rotate(one, 'operator', 'erin')).data).toMatchObject({ to: fresh.did, recorded: 1 });
    expect((await one.run('pact', 'sign', { as: 'erin' })).exit).toBe(0);
  });

  test('a ledger that missed two rotations of a shared key follows both, and makes no third', async () => {
    const one = later();
    await one.withSession(({ keys }) => keys.replace({ role: 'operator', name: 'erin' }));
    const newest = await one.withSession(({ keys }) => keys.replace({ role: 'operator', name: 'erin' }));
    expect((await rotate(one, 'operator', 'erin')).data).toMatchObject({ to: newest.did, recorded: 2 });
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
  });
});

describe('1.1 identity withdraw', () => {
  const withdraw = (one: Tiny, options: Record<string, string>) => one.run('identity', 'withdraw', options);

  test('a former key that somebody else has: what it signed no longer counts, the new key signs again', async () => {
    const one = later();
    const { data, notes } = await rotate(one, 'operator', 'erin');
    expect(notes).toContainEqual(expect.stringContaining(`agentctl identity withdraw --role operator --name erin --key ${String(data['from'])} --cause compromised`));
    one.clock.set('2026-11-24T12:00:00.000Z');
    await withdraw(one, { role: 'operator', name: 'erin', key: String(data['from']), cause: 'compromised' });
    expect(await pactAct(one)).toBeUndefined();
    expect((await statesOf(one, 'pact'))['pact']).not.toBe('passed');
    await one.run('pact', 'sign', { as: 'erin' });
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
    expect(await statesOf(one, 'pact')).toEqual({ pact: 'passed' });
  });

  test('the organisation ends the key of somebody who left: the acts before stay, and nobody signs with it again', async () => {
    const one = later();
    expect((await withdraw(one, { role: 'operator', name: 'erin', cause: 'ceased', by: 'organisation' })).data).toMatchObject({ speaks: null });
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('withdrawn') });
    expect(await one.fault('identity', 'rotate', { role: 'operator', name: 'erin' })).toMatchObject({ code: 'REFUSED' });
    expect(await one.fault('identity', 'withdraw', { role: 'operator', name: 'erin', cause: 'ceased' })).toMatchObject({ code: 'REFUSED' });
  });

  test.each([
    ['another withdrawal', (one: Tiny) => one.fault('identity', 'withdraw', { role: 'operator', name: 'erin', cause: 'ceased', since: '2026-11-23T11:00:00Z' })],
    ['a rotation', (one: Tiny) => one.fault('identity', 'rotate', { role: 'operator', name: 'erin' })],
  ])('%s amid it is turned away: with both nobody could tell any more whose keys are whose', async (_which, second) => {
    const one = later();
    const turnedAway: unknown[] = [];
    const amid = one.in({
      keys: (folder) => {
        const keys = one.world.keys(folder);
        return { ...followingKeys(keys, () => Promise.reject(new Error('nobody follows here'))), openByDid: async (role, did) => (turnedAway.push((await second(one)).code), keys.openByDid(role, did)) };
      },
    });
    await withdraw(amid, { role: 'operator', name: 'erin', cause: 'ceased', since: '2026-11-23T10:00:00Z' });
    expect(turnedAway).toEqual(['STORE_LOCKED']);
    expect(await one.withSession(async ({ store, manifest }) => (await keyRecords(store, manifest)).envelopes.length, false)).toBe(1);
  });

  test('since when may be written as RFC 3339 allows, without milliseconds and in another zone', async () => {
    const one = later();
    await withdraw(one, { role: 'operator', name: 'erin', cause: 'ceased', by: 'organisation', since: '2026-11-23T13:00:00+01:00' });
    expect((await one.entries('identity.withdrawn'))[0]?.data['since']).toBe('2026-11-23T12:00:00.000Z');
  });

  test('the last key of an identity is not withdrawn by the way, and without one the identity step fails', async () => {
    const one = later();
    const card = stepById('identity')?.verbs.find((verb) => verb.name === 'withdraw');
    if (!card) throw new Error('no verb');
    const unasked = runVerb(one.world, { yes: false }, 'identity', card, { args: [], options: { role: 'organisation', cause: 'ceased' } });
    await expect(unasked).rejects.toMatchObject({ code: 'ANSWER_MISSING', exit: 2, hint: expect.stringContaining('identity rotate --role organisation') });
    expect(await one.entries('identity.withdrawn')).toEqual([]);
    expect((await withdraw(one, { role: 'organisation', cause: 'ceased' })).data).toMatchObject({ speaks: null });
    expect((await statesOf(one, 'identity'))['identity']).toBe('failed');
  });

  test('an organisation cannot end before it last ended somebody else\'s key: nobody could tell whose keys are whose', async () => {
    const one = later();
    await withdraw(one, { role: 'operator', name: 'omar', cause: 'ceased', by: 'organisation' });
    one.clock.set('2026-11-24T12:00:00.000Z');
    expect(await one.fault('identity', 'withdraw', { role: 'organisation', cause: 'ceased', since: '2026-11-22T18:00:00.000Z' })).toMatchObject({ code: 'REFUSED', at: '--since' });
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
    expect((await withdraw(one, { role: 'organisation', cause: 'ceased' })).exit).toBe(0);
    expect(await pactAct(one)).toMatchObject({ operator: 'erin' });
  });

  test('a key that was lost is ended by the organisation; without that key too nobody can', async () => {
    const one = later();
    renameSync(one.path('.config/keys/operator-erin.json'), one.path('erin.json'));
    expect(await one.fault('identity', 'withdraw', { role: 'operator', name: 'erin', cause: 'compromised', by: 'self' })).toMatchObject({ code: 'KEY_MISSING' });
    const organisation = await one.withSession(({ manifest }) => Promise.resolve(manifest.owner.organisation.did), false);
    expect((await withdraw(one, { role: 'operator', name: 'erin', cause: 'compromised' })).data).toMatchObject({ by: organisation, speaks: null });
    expect(await pactAct(one)).toBeUndefined();
  });

  test.each<[string, Record<string, string>, string]>([
    ['another cause', { cause: 'bored' }, 'USAGE'],
    ['the future', { cause: 'ceased', since: '2030-01-01T00:00:00.000Z' }, 'USAGE'],
    ['no instant', { cause: 'ceased', since: 'yesterday' }, 'USAGE'],
    ['no zone', { cause: 'ceased', since: '2026-11-22T12:00:00' }, 'USAGE'],
    ['a key of somebody else', { cause: 'ceased', key: 'did:key:z6Mkother' }, 'USAGE'],
    ['another judge', { cause: 'ceased', by: 'agent' }, 'USAGE'],
  ])('refused: %s', async (_what, options, code) => {
    expect(await launched.fault('identity', 'withdraw', { role: 'operator', name: 'erin', ...options })).toMatchObject({ code });
    expect(await launched.entries('identity.withdrawn')).toEqual([]);
  });
});

describe('1.1 what a store owner could forge', () => {
  test('a statement that says something else than its entry, and one that is gone, make nothing countable', async () => {
    const one = later();
    await rotate(one, 'operator', 'erin');
    const [entry] = await one.entries('identity.rotated');
    const omar = await didOf(one, 'omar');
    await one.withSession(async ({ store, chain, agent, manifest }) => {
      await store.append(chain, [{ type: 'identity.rotated', agent, actor: 'agentctl', data: { ...entry?.data, identity: omar } }]);
      await expect(keyRecords(store, manifest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4 });
    });
    expect((await statesOf(one, 'pact'))['pact']).toBe('untrustworthy');
  });

  test('a key file of somebody else in the place of a former one opens nothing', async () => {
    const one = later();
    await one.withSession((session) => session.keys.replace({ role: 'operator', name: 'erin' }));
    const keys = one.path('.config/keys');
    writeFileSync(`${keys}/operator-erin.1.retired.json`, readFileSync(`${keys}/operator-omar.json`), { mode: 0o600 });
    expect(await one.fault('identity', 'rotate', { role: 'operator', name: 'erin' })).toMatchObject({ code: 'KEY_MISSING' });
    expect(await one.entries('identity.rotated')).toEqual([]);
  });
});
