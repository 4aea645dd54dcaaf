/** Rotations in which somebody else has a hand: SSH keys that sign for operators, and users who interrupt. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keyStore } from '../../src/adapters/key-store.js';
import { preAuthEncoding } from '../../src/attestation/dsse.js';
import { attestationOf } from '../../src/engine/human-act.js';
import { keyRecords } from '../../src/engine/key-history.js';
import { addOperator, listOperators } from '../../src/engine/operator.js';
import { fromBase64 } from '../../src/identity/base-encoding.js';
import { didKeyOf } from '../../src/identity/did-key.js';
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
function later(): Tiny {
  const one = launched.copy();
  one.clock.set('2026-11-23T12:00:00.000Z');
  return one;
}
const rotate = (one: Tiny, role: string, name?: string) => one.run('identity', 'rotate', { role, ...(name === undefined ? {} : { name }) });
const didOf = (one: Tiny, name: string) => one.withSession(({ manifest }) => Promise.resolve(manifest.owner.operators.find((each) => each.id === name)?.did ?? ''), false);

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
    expect(await listOperators(one.world, { yes: true })).toMatchObject({ data: { data: { operators: expect.arrayContaining([expect.objectContaining({ id: 'sam', did: dids[0], speaks: dids.at(-1), keyHere: true, ssh: one.path('third.pub') })]) } } });
  }, 90_000);

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
  }, 90_000);

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
