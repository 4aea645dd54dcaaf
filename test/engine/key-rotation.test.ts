/** Keys of the tiny agent that change: what was signed before still counts, what is signed after is signed by the new key, and an interrupted rotation is finished. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, renameSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keyStore } from '../../src/adapters/key-store.js';
import { preAuthEncoding } from '../../src/attestation/dsse.js';
import { historiesOf, openSuccession } from '../../src/attestation/succession.js';
import { certificatePredicateOf } from '../../src/engine/certify/predicate.js';
import { runVerb } from '../../src/engine/run-verb.js';
import { stepById } from '../../src/steps/index.js';
import { addOperator, listOperators } from '../../src/engine/operator.js';
import { keyRecords } from '../../src/engine/key-history.js';
import { attestationOf } from '../../src/engine/human-act.js';
import { readBlobText } from '../../src/engine/session.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import type { StepId } from '../../src/domain/step.js';
import { fromBase64 } from '../../src/identity/base-encoding.js';
import { didKeyOf } from '../../src/identity/did-key.js';
import { privatePem } from '../../src/identity/key-formats.js';
import { signerOf } from '../../src/identity/signer.js';
import { LEAST_SCRYPT } from '../../src/identity/key-file.js';
import { armourSsh, isSshSignature, readSshPublicKey } from '../../src/identity/sshsig.js';
import { clearDesks } from '../support/cli.js';
import { testWith } from '../support/needs.js';
import { desk } from '../support/stages.js';
import { accepted, removeTinies, type Tiny } from '../support/tiny.js';

let launched: Tiny;
beforeAll(async () => {
  launched = await accepted();
}, 60_000);
afterAll(() => {
  clearDesks();
  removeTinies();
});

const SSH = spawnSync('ssh-keygen', ['-?']).error === undefined;
const withSsh = testWith('ssh-keygen', SSH);

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

describe('1.1 an operator who signs with an SSH key', () => {
  let withSam: Tiny;
  const keygen = (one: Tiny, name: string, kind = 'ed25519') => {
    execFileSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', one.path(name)]);
    return one.path(`${name}.pub`);
  };
  const rotateTo = (one: Tiny, sshKey?: string, name = 'sam') => one.run('identity', 'rotate', { role: 'operator', name, ...(sshKey === undefined ? {} : { sshKey }) });
  const samsFiles = (one: Tiny) => readdirSync(one.path('.config/keys')).filter((name) => name.includes('sam')).map((name) => [name, readFileSync(one.path('.config/keys', name), 'utf8')]);
  const signs = async (one: Tiny, hours: number) => {
    one.clock.set(`2026-11-23T${12 + hours}:00:00.000Z`);
    await one.run('pact', 'sign', { as: 'sam' });
    return (await one.entries('pact.signed')).at(-1);
  };
  beforeAll(async () => {
    if (!SSH) return;
    withSam = later();
    await addOperator(withSam.world, { yes: true }, { id: 'sam', roles: ['product'], sshKey: keygen(withSam, 'first') });
    await withSam.run('identity', 'register');
    await withSam.run('pact', 'sign', { as: 'sam' });
  }, 60_000);

  withSsh('goes on to another one, to a native one and back: each signs in its time, and every old act counts', async () => {
    const one = withSam.copy();
    const manifest = readFileSync(one.path('agent.yaml'), 'utf8');
    const acts = [(await one.entries('pact.signed')).at(-1)];
    const dids = [await didOf(one, 'sam')];
    for (const [hours, key] of [keygen(one, 'second'), undefined, keygen(one, 'third')].entries()) {
      one.clock.set(`2026-11-23T${12 + hours}:30:00.000Z`);
      const { data } = await rotateTo(one, key);
      expect(data).toMatchObject({ identity: dids[0], from: dids.at(-1), recorded: 1 });
      dids.push(String(data['to']));
      acts.push(await signs(one, hours + 1));
    }
    await one.withSession(async ({ store, manifest: now }) => {
      for (const act of acts) expect(await attestationOf(store, now, 'pact', act)).toMatchObject({ operator: 'sam' });
      const { envelopes } = await keyRecords(store, now);
      const kinds = envelopes.map((envelope) => envelope.signatures.map(({ sig }) => (isSshSignature(fromBase64(sig)) ? 'ssh' : 'native')));
      expect(kinds).toEqual([['ssh', 'ssh'], ['ssh', 'native'], ['native', 'ssh']]);
      // Somebody else's program agrees that the new key signed for the old one to go.
      const [first] = envelopes;
      if (!first) throw new Error('nothing recorded');
      writeFileSync(one.path('sig'), armourSsh(fromBase64(first.signatures[1]?.sig ?? '')));
      writeFileSync(one.path('allowed'), `sam ${readFileSync(one.path('second.pub'), 'utf8')}`);
      expect(spawnSync('ssh-keygen', ['-Y', 'verify', '-f', one.path('allowed'), '-I', 'sam', '-n', 'agentctl', '-s', one.path('sig')], { input: preAuthEncoding(first.payloadType, fromBase64(first.payload)) }).status).toBe(0);
    }, false);
    expect(samsFiles(one).map(([name]) => name)).toEqual(['operator-sam.1.retired.ssh', 'operator-sam.2.retired.ssh', 'operator-sam.3.retired.json', 'operator-sam.ssh']);
    expect(readFileSync(one.path('agent.yaml'), 'utf8')).toBe(manifest);
    expect((await one.run('audit', 'verify', { deep: true })).exit).toBe(0);
    expect(await listOperators(one.world, { yes: true })).toMatchObject({ data: { data: { operators: expect.arrayContaining([expect.objectContaining({ id: 'sam', keyHere: true })]) } } });
  });

  withSsh('what does not sign, is taken or was used before is refused before anything is changed', async () => {
    const one = withSam.copy();
    const before = samsFiles(one);
    const gone = keygen(one, 'gone');
    rmSync(one.path('gone'));
    await addOperator(one.world, { yes: true }, { id: 'tom', roles: ['legal'], sshKey: keygen(one, 'toms') });
    await one.run('identity', 'register');
    const cases: readonly (readonly [Record<string, string>, number, string])[] = [
      [{ name: 'sam', sshKey: gone }, 6, 'does not sign'],
      [{ name: 'sam', sshKey: one.path('toms.pub') }, 1, 'tom signs with this very key'],
      [{ name: 'sam', sshKey: one.path('first.pub') }, 1, 'this very key already'],
      [{ name: 'sam', sshKey: keygen(one, 'curve', 'ecdsa') }, 2, 'ecdsa'],
      [{ name: 'sam', sshKey: one.path('agent.yaml') }, 2, 'not a public key file'],
    ];
    for (const [options, exit, message] of cases) expect(await one.fault('identity', 'rotate', { role: 'operator', ...options })).toMatchObject({ exit, message: expect.stringContaining(message) });
    expect(await one.fault('identity', 'rotate', { role: 'agent', sshKey: one.path('toms.pub') })).toMatchObject({ exit: 2, at: '--ssh-key' });
    const unchanged = () => samsFiles(one).filter(([name]) => !String(name).includes('.next.'));
    expect([unchanged(), await one.entries('identity.rotated')]).toEqual([before, []]);
    await rotateTo(one, keygen(one, 'second'));
    expect(await one.fault('identity', 'rotate', { role: 'operator', name: 'sam', sshKey: one.path('first.pub') })).toMatchObject({ exit: 1, message: expect.stringContaining('does not return') });
  });

  withSsh('a ledger that missed the change follows it, and takes no further key by the way', async () => {
    const one = withSam.copy();
    const ssh = { file: keygen(one, 'second'), publicKey: readSshPublicKey(readFileSync(one.path('second.pub'), 'utf8'), 'x') };
    await one.withSession(({ keys }) => keys.replace({ role: 'operator', name: 'sam' }, ssh));
    expect(await one.fault('identity', 'rotate', { role: 'operator', name: 'sam', sshKey: keygen(one, 'third') })).toMatchObject({ code: 'REFUSED', hint: 'agentctl identity rotate --role operator --name sam' });
    expect((await rotateTo(one)).data).toMatchObject({ to: didKeyOf(ssh.publicKey), recorded: 1 });
    expect((await signs(one, 2))?.actor).toBe(await didOf(one, 'sam'));
  });
});

describe('1.1 Ctrl-C during a rotation', () => {
  const keyFiles = (one: Tiny) => readdirSync(one.path('.config/keys')).map((name) => [name, readFileSync(one.path('.config/keys', name), 'utf8')]);
  /** The same agent, whose user interrupts when the passphrase is asked for. */
  const interruptedAt = (one: Tiny, when: 'start' | 'passphrase') => {
    const interrupt = new AbortController();
    if (when === 'start') interrupt.abort();
    const { random } = one.world;
    const ask = () => {
      interrupt.abort();
      return Promise.resolve('tiny passphrase');
    };
    return one.in({
      surroundings: { ...one.world.surroundings, interrupted: interrupt.signal },
      keys: keyStore({ configFolder: one.path('.config'), random, passphrase: { ask, ifWrong: '' }, cost: LEAST_SCRYPT }),
    });
  };

  test.each(['start', 'passphrase'] as const)('at the %s: exit 130, the old key still signs, and the next run makes the change once', async (when) => {
    const one = later();
    const before = keyFiles(one);
    expect(await interruptedAt(one, when).fault('identity', 'rotate', { role: 'operator', name: 'erin' })).toMatchObject({ code: 'INTERRUPTED', exit: 130 });
    expect([keyFiles(one).filter(([name]) => !String(name).includes('.next.')), await one.entries('identity.rotated')]).toEqual([before, []]);
    expect((await one.run('pact', 'sign', { as: 'erin' })).exit).toBe(0);
    expect((await rotate(one, 'operator', 'erin')).data).toMatchObject({ recorded: 1 });
    expect(keyFiles(one).map(([name]) => name).filter((name) => String(name).includes('erin'))).toEqual(['operator-erin.1.retired.json', 'operator-erin.json']);
  });

  test('a passphrase that does not open the key changes nothing: no new key is closed with it', async () => {
    const one = later();
    const before = keyFiles(one);
    const mistyped = one.in({ keys: keyStore({ configFolder: one.path('.config'), random: one.world.random, passphrase: { ask: () => Promise.resolve('tiny passphrasf'), ifWrong: 'again' }, cost: LEAST_SCRYPT }) });
    expect(await mistyped.fault('identity', 'rotate', { role: 'operator', name: 'erin' })).toMatchObject({ code: 'PASSPHRASE', hint: 'again' });
    expect(keyFiles(one)).toEqual(before);
  });

  withSsh('while ssh-keygen waits for a touch: the real program ends with 130 and nothing is changed', async () => {
    const at = (await desk('bare', 'interrupted')).copy();
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at.path('new')]);
    await at.expect(0, 'identity', 'register');
    // A stand-in for a security key that nobody touches.
    writeFileSync(at.path('ssh-keygen'), '#!/bin/sh\ntouch waiting\nexec sleep 60\n', { mode: 0o755 });
    const before = readdirSync(join(at.home, '.config/agentctl/keys'));
    const answer = await at.run(['identity', 'rotate', '--role', 'operator', '--name', 'erin', '--ssh-key', 'new.pub'], {
      env: { PATH: `${at.path()}:${process.env['PATH'] ?? ''}` },
      started: ({ pid }) => void whenThere(at.path('waiting')).then(() => process.kill(pid, 'SIGINT')),
    });
    expect(answer).toMatchObject({ exit: 130, stderr: expect.stringContaining('INTERRUPTED') });
    expect(readdirSync(join(at.home, '.config/agentctl/keys')).filter((name) => !name.includes('.next.'))).toEqual(before);
  }, 60_000);
});

async function whenThere(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((done) => { setTimeout(done, 20); });
}

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
    ['a key of somebody else', { cause: 'ceased', key: 'did:key:z6Mkother' }, 'USAGE'],
    ['another judge', { cause: 'ceased', by: 'agent' }, 'USAGE'],
  ])('refused: %s', async (_what, options, code) => {
    expect(await launched.fault('identity', 'withdraw', { role: 'operator', name: 'erin', ...options })).toMatchObject({ code });
    expect(await launched.entries('identity.withdrawn')).toEqual([]);
  });
});

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
    // The new one may end what the former one could; and it is one itself.
    expect((await one.run('identity', 'withdraw', { role: 'operator', name: 'lena', cause: 'ceased', by: 'organisation' })).data).toMatchObject({ by: data['did'] });
    expect(await one.fault('identity', 'new-organisation')).toMatchObject({ code: 'REFUSED', hint: expect.stringContaining('identity rotate --role organisation') });
  });

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
