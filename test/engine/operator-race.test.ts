/** Several commands that edit agent.yaml at once: what one wrote, another never loses. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { addOperator } from '../../src/engine/operator.js';
import { underLock } from '../../src/engine/locked.js';
import { clearDesks } from '../support/cli.js';
import { faultOf } from '../support/folder.js';
import { desk } from '../support/stages.js';
import { removeTinies, tiny } from '../support/tiny.js';

afterAll(() => {
  clearDesks();
  removeTinies();
});

test('X6 operators added by several processes at once: whoever was told yes stands in agent.yaml, the others were told who holds the lock', async () => {
  const at = await desk('bare', 'race');
  const names = ['ada', 'bea', 'cyd', 'dan'];
  const answers = await Promise.all(names.map((name) => at.run(['operator', 'add', name, '--role', 'legal'])));
  expect(answers.map(({ exit }) => exit).filter((exit) => exit === 0).length).toBeGreaterThan(0);
  for (const [index, { exit, stderr }] of answers.entries()) {
    if (exit !== 0) expect([exit, stderr]).toEqual([6, expect.stringContaining('STORE_LOCKED')]);
    expect([names[index], at.read('agent.yaml').includes(`id: ${names[index]}\n`)]).toEqual([names[index], exit === 0]);
  }
}, 60_000);

test('X6 while another command holds the lock, an operator is not added, and no key is made for him', async () => {
  const one = await tiny();
  const before = await one.world.files.readText(one.path('agent.yaml'));
  await one.withSession((session) => underLock(session, 'apply', async () => {
    expect(await faultOf(addOperator(one.world, { yes: true }, { id: 'vera', roles: ['legal'] }))).toMatchObject({ code: 'STORE_LOCKED', message: expect.stringContaining('apply') });
  }));
  expect(await one.world.files.readText(one.path('agent.yaml'))).toBe(before);
  expect(readdirSync(join(one.folder, '.config/keys')).filter((file) => file.includes('vera'))).toEqual([]);
});

test('1.1 a new organisation is written into agent.yaml as it is by then, not as it was when the command began', async () => {
  const one = await tiny();
  await one.run('identity', 'withdraw', { role: 'organisation', cause: 'ceased' });
  const adding = one.in({ stores: { ...one.world.stores, lock: async (folder, purpose) => {
    await addOperator(one.world, { yes: true }, { id: 'vera', roles: ['legal'] });
    return one.world.stores.lock(folder, purpose);
  } } });
  await adding.run('identity', 'new-organisation');
  expect(await one.withSession(({ manifest }) => Promise.resolve(manifest.owner.operators.map(({ id }) => id)), false)).toContain('vera');
});
