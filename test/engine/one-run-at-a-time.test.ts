/** Two processes that evaluate at once: no case is ever counted twice. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rowsOfRun } from '../../src/engine/evaluation/rows.js';
import { record } from '../../src/engine/session.js';
import { clearDesks } from '../support/cli.js';
import { desk } from '../support/stages.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let signed: Tiny;
beforeAll(async () => {
  signed = await tiny();
  await signed.run('pact', 'sign', { as: 'erin' });
}, 60_000);
afterAll(removeTinies);
afterAll(clearDesks);

const rowsIn = (one: Tiny, run: string) => one.withSession(async (session) => {
  let rows = 0;
  for await (const _row of rowsOfRun(session, run)) rows += 1;
  return rows;
}, false);

describe('3.1 runs of the same purpose', () => {
  test('a second process is turned away while the first one asks', async () => {
    const one = await desk('signed', 'two at once');
    const answers = await Promise.all([1, 2].map(() => one.run(['baseline', 'run'])));
    // The first may have ended before the second began: then it is a run of its own.
    for (const { exit, stderr } of answers) if (exit !== 0) expect([exit, stderr]).toEqual([6, expect.stringContaining('STORE_LOCKED: the store is locked by')]);
    expect(answers.filter(({ exit }) => exit === 0).length).toBeGreaterThan(0);
  });

  test('the lock is of one purpose, and ends with the run', async () => {
    const one = signed.copy();
    await one.withSession(async (session) => {
      const unlock = await session.world.stores.lock(`${session.storeFolder}/running/${session.chain}/baseline`, 'baseline run');
      expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'STORE_LOCKED', exit: 6 });
      await unlock();
    }, true);
    const answer = await one.run('baseline', 'run');
    expect(await rowsIn(one, String(answer.data['run']))).toBe(88);
  });

  test('a run with a batch twice, as two processes at once once left it, is believed in nothing', async () => {
    const one = signed.copy();
    const run = String((await one.run('baseline', 'run')).data['run']);
    const [batch] = await one.entries('evaluation.batch');
    await one.withSession((session) => record(session, { type: 'evaluation.batch', data: { ...batch?.data } }), true);
    await expect(rowsIn(one, run)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', exit: 4, message: expect.stringContaining('twice') });
    expect(await one.fault('baseline', 'report', { out: ['json=again.json'] })).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });
});
