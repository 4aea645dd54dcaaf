import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadManifest } from '../../src/engine/manifest.js';
import { addOperator, listOperators } from '../../src/engine/operator.js';
import { withAgent, YES } from '../support/agent.js';
import { faultOf } from '../support/folder.js';

describe('X6 operators', () => {
  test('add makes a key and enters the operator, comments kept; list shows who holds what', () =>
    withAgent(async ({ folder, world: newWorld }) => {
      const world = newWorld();
      const before = await readFile(join(folder, 'agent.yaml'), 'utf8');
      const report = await addOperator(world, YES, { id: 'lena', roles: ['legal', 'finance'], name: 'Lena Legal' });
      expect(report).toMatchObject({ exit: 0, data: { next: 'agentctl identity register' } });
      const after = await readFile(join(folder, 'agent.yaml'), 'utf8');
      const added = after.split('\n').filter((line) => !before.split('\n').includes(line));
      expect(added).toEqual(['    - id: lena', '      name: Lena Legal', expect.stringMatching(/^ {6}did: did:key:z6Mk/), '      roles: [legal, finance]']);
      expect(after.split('\n').filter((line) => line.includes('#'))).toEqual(before.split('\n').filter((line) => line.includes('#')));
      const { manifest } = await loadManifest(world, `${folder}/agent.yaml`);
      const signer = await world.keys(`${folder}/.agentctl`).open({ role: 'operator', name: 'lena' });
      expect(manifest.owner.operators[1]).toEqual({ id: 'lena', name: 'Lena Legal', did: signer.did, roles: ['legal', 'finance'] });
      const list = await listOperators(world, YES);
      expect(list).toMatchObject({ data: { data: { operators: [{ id: 'erin', keyHere: true }, { id: 'lena', keyHere: true, roles: ['legal', 'finance'] }] } } });
    }));

  test('a key that is left from an interrupted run is used, not replaced', () =>
    withAgent(async ({ folder, world: newWorld }) => {
      const world = newWorld();
      const { did } = await world.keys(`${folder}/.agentctl`).create({ role: 'operator', name: 'omar' });
      await addOperator(world, YES, { id: 'omar', roles: ['operations'] });
      expect((await loadManifest(world, `${folder}/agent.yaml`)).manifest.owner.operators[1]).toMatchObject({ did, name: 'omar' });
    }));

  test('two operators do not share a key, and nothing is left of the one who was refused', () =>
    withAgent(async ({ folder, world: newWorld }) => {
      const world = newWorld();
      const raw = Buffer.from(String(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x), 'base64url');
      // Both members of the blob are short: one byte says how long each is.
      const blob = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.from([0, 0, 0, raw.length]), raw]);
      await writeFile(join(folder, 'sam.pub'), `ssh-ed25519 ${blob.toString('base64')} sam\n`);
      await addOperator(world, YES, { id: 'sam', roles: ['product'], sshKey: join(folder, 'sam.pub') });
      const before = await readFile(join(folder, 'agent.yaml'), 'utf8');
      expect(await faultOf(addOperator(world, YES, { id: 'sam2', roles: ['legal'], sshKey: join(folder, 'sam.pub') }))).toMatchObject({ code: 'REFUSED', exit: 1, message: 'sam signs with this very key already' });
      expect(await readFile(join(folder, 'agent.yaml'), 'utf8')).toBe(before);
      expect(await world.keys(`${folder}/.agentctl`).has({ role: 'operator', name: 'sam2' })).toBe(false);
    }));

  test.each<[string, { id: string; roles: string[] }, string, RegExp]>([
    ['a role that does not exist', { id: 'omar', roles: ['operation'] }, 'USAGE', /did you mean "operations"/],
    ['an id that is no id', { id: 'Omar Ops', roles: ['operations'] }, 'USAGE', /lower-case/],
    ['an operator who is there', { id: 'erin', roles: ['legal'] }, 'REFUSED', /edit owner.operators/],
  ])('refused: %s', (_name, input, code, hint) =>
    withAgent(async ({ folder, world: newWorld }) => {
      const world = newWorld();
      const before = await readFile(join(folder, 'agent.yaml'), 'utf8');
      const fault = await faultOf(addOperator(world, YES, input));
      expect(fault.code).toBe(code);
      expect(fault.hint).toMatch(hint);
      expect(await readFile(join(folder, 'agent.yaml'), 'utf8')).toBe(before);
    }));
});
