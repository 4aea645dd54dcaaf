/** Identities whose last key was withdrawn: every refusal leads on to another one, and what the former one ended stays ended. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { historiesOf } from '../../src/attestation/succession.js';
import { keyRecords } from '../../src/engine/key-history.js';
import { listOperators } from '../../src/engine/operator.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import type { StepId } from '../../src/domain/step.js';
import { verifyCertificateFile } from '../../src/engine/verify-certificate.js';
import { privatePem } from '../../src/identity/key-formats.js';
import { signerOf } from '../../src/identity/signer.js';
import { certified } from '../support/launched.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let launched: Tiny;
beforeAll(async () => {
  launched = await accepted();
}, 60_000);
afterAll(removeTinies);

/** A copy, a day later. */
function later(): Tiny {
  const one = launched.copy();
  one.clock.set('2026-11-23T12:00:00.000Z');
  return one;
}
const statesOf = (one: Tiny, ...ids: readonly StepId[]) => one.withSession(async (session) => {
  const { steps } = await computeStates(session, await gateTime(session));
  return Object.fromEntries(steps.filter((step) => ids.includes(step.id)).map((step) => [step.id, step.state]));
}, false);
const didOf = (one: Tiny, name: string) => one.withSession(({ manifest }) => Promise.resolve(manifest.owner.operators.find((each) => each.id === name)?.did ?? ''), false);

describe('1.1 after an identity has ended', () => {
  const organisationOf = (one: Tiny) => one.withSession(({ manifest }) => Promise.resolve(manifest.owner.organisation.did), false);
  const ended = async (cause = 'ceased') => {
    const one = later();
    const was = await organisationOf(one);
    await one.run('identity', 'withdraw', { role: 'operator', name: 'omar', cause: 'ceased', by: 'organisation' });
    one.clock.set('2026-11-23T18:00:00.000Z');
    expect(await one.run('identity', 'withdraw', { role: 'organisation', cause })).toMatchObject({ next: 'agentctl identity new-organisation' });
    return { one, was };
  };

  test.each(['ceased', 'compromised'])('the organisation (%s): every refusal leads to the one command, and two commands later another one answers for the agent', async (cause) => {
    const { one, was } = await ended(cause);
    for (const [verb, options] of [['register', {}], ['rotate', { role: 'organisation' }], ['import', { role: 'organisation', from: one.path('agent.yaml') }]] as const) {
      expect([verb, await one.fault('identity', verb, options)]).toMatchObject([verb, { code: 'REFUSED', hint: 'agentctl identity new-organisation' }]);
    }
    const manifest = readFileSync(one.path('agent.yaml'), 'utf8');
    const { data, next } = await one.run('identity', 'new-organisation');
    expect(next).toBe('agentctl identity register');
    expect(readFileSync(one.path('agent.yaml'), 'utf8')).toBe(manifest.replace(was, String(data['did'])));
    expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'BLOCKED', hint: 'agentctl identity register' });
    one.clock.set('2026-11-24T12:00:00.000Z');
    expect((await one.run('identity', 'register')).facts).toContainEqual({ label: 'owner before', value: was });
    expect((await one.entries('identity.registered')).map((entry) => entry.data['organisationDid'])).toEqual([was, data['did']]);
    await one.run('identity', 'key issue');
    await one.run('identity', 'verify');
    await one.run('pact', 'sign', { as: 'erin' });
    expect(await statesOf(one, 'identity', 'pact')).toEqual({ identity: 'passed', pact: 'passed' });
    const table = (await one.run('identity', 'show')).tables?.find((each) => each.title === 'Keys that changed');
    expect(table?.rows.map(([whose, key, , , because]) => [whose, key, because])).toEqual([['former organisation', was, cause], ['omar', await didOf(one, 'omar'), 'ceased']]);
    expect(await one.fault('identity', 'rotate', { role: 'operator', name: 'omar' })).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('withdrawn') });
    expect((await one.run('audit', 'verify', { deep: true })).exit).toBe(0);
    expect(await listOperators(one.world, { yes: true })).toMatchObject({ data: { tables: [{ rows: [['erin', expect.anything(), expect.anything(), 'here', expect.anything()], ['omar', expect.anything(), expect.anything(), 'withdrawn', expect.anything()], expect.anything()] }] } });
    // The new one may end what the former one could; and it is one itself.
    expect((await one.run('identity', 'withdraw', { role: 'operator', name: 'lena', cause: 'ceased', by: 'organisation' })).data).toMatchObject({ by: data['did'] });
    expect(await one.fault('identity', 'new-organisation')).toMatchObject({ code: 'REFUSED', hint: expect.stringContaining('identity rotate --role organisation') });
  }, 90_000);

  test('what a certificate shows can be followed by whoever trusts the new organisation alone', async () => {
    const { one } = await ended();
    const { data } = await one.run('identity', 'new-organisation');
    await one.run('identity', 'register');
    await one.withSession(async ({ store, manifest }) => {
      const { envelopes, followable } = await keyRecords(store, manifest);
      expect([envelopes.length, followable.length]).toEqual([2, 1]);
      await expect(historiesOf(envelopes, String(data['did']))).rejects.toMatchObject({ code: 'KEY_UNFIT' });
      expect((await historiesOf(followable, String(data['did'])))(String(data['did'])).keys).toHaveLength(1);
    }, false);
  });

  test('the new organisation certifies afresh: its first certificate renews none of the former one, and its history begins there', async () => {
    const one = (await certified()).copy();
    one.clock.set('2026-11-23T12:00:00.000Z');
    await one.run('identity', 'withdraw', { role: 'organisation', cause: 'ceased' });
    const { data } = await one.run('identity', 'new-organisation');
    one.clock.set('2026-11-24T12:00:00.000Z');
    for (const verb of ['register', 'key issue', 'verify']) await one.run('identity', verb);
    await one.run('pact', 'sign', { as: 'erin' });
    await one.run('baseline', 'run');
    await one.run('baseline', 'accept', { as: 'erin' });
    await one.run('audit', 'verify');
    expect(await one.run('certify', 'renew', { as: 'omar' })).toMatchObject({ exit: 0 });
    expect((await one.entries('certificate.issued')).map((entry) => entry.data['previous'])).toEqual([null, null]);
    await one.run('trust', 'history', { out: one.path('history.jsonl') });
    const checked = await verifyCertificateFile(one.world, { certificate: one.path('artifacts/certificate.dsse.json'), trust: [String(data['did'])], subject: '.', allowScripted: true });
    expect(checked).toMatchObject({ exit: 0, data: { issuer: data['did'] } });
    expect(readFileSync(one.path('history.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(1);
  }, 90_000);

  test('a key that another program made takes over; one that spoke here before does not, and is not kept', async () => {
    const { one } = await ended();
    writeFileSync(one.path('new.pem'), privatePem(new Uint8Array(32).fill(99)));
    writeFileSync(one.path('old.pem'), await one.withSession(({ keys }) => keys.exportPrivate({ role: 'operator', name: 'erin' }, 'pem', null), false));
    const files = readdirSync(one.path('.config/keys'));
    expect(await one.fault('identity', 'new-organisation', { from: one.path('old.pem') })).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('operator erin') });
    expect(readdirSync(one.path('.config/keys'))).toEqual(files);
    expect((await one.run('identity', 'new-organisation', { from: one.path('new.pem') })).data['did']).toBe((await signerOf(new Uint8Array(32).fill(99))).did);
    expect(await organisationOf(one)).toBe((await signerOf(new Uint8Array(32).fill(99))).did);
    expect((await one.run('identity', 'register')).exit).toBe(0);
  });

  test('a run that was interrupted between key and agent.yaml is finished with the key that it made', async () => {
    const { one } = await ended();
    const manifest = readFileSync(one.path('agent.yaml'), 'utf8');
    const first = await one.run('identity', 'new-organisation');
    writeFileSync(one.path('agent.yaml'), manifest);
    expect((await one.run('identity', 'new-organisation')).data).toEqual({ ...first.data, made: false });
  });

  test('the agent: registering gives it another key and name, and the former one stays ended', async () => {
    const one = later();
    const was = (await one.run('identity', 'show')).headline;
    expect(await one.run('identity', 'withdraw', { role: 'agent', cause: 'compromised' })).toMatchObject({ next: 'agentctl identity register' });
    expect((await statesOf(one, 'identity'))['identity']).toBe('failed');
    const { data } = await one.run('identity', 'register');
    expect(data['did']).not.toBe(was);
    expect(await one.run('identity', 'verify')).toMatchObject({ exit: 0 });
    expect(await statesOf(one, 'identity')).toEqual({ identity: 'passed' });
  });
});
