/** A fresh clone has artifacts/ and no .agentctl/: every command says so in the same words, and none starts a second ledger. */
import { existsSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apply } from '../../src/engine/apply.js';
import { status } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import { faultOf } from '../support/folder.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

const YES = { yes: true };
const MISSING = { code: 'EVIDENCE_MISSING', exit: 3, message: 'this checkout has no ledger', hint: expect.stringContaining('bring the .agentctl folder') };

let clone: Tiny;
beforeAll(async () => {
  const made = await tiny();
  await made.run('identity', 'register');
  clone = made.copy();
  rmSync(clone.path('.agentctl'), { recursive: true });
}, 60_000);
afterAll(removeTinies);

describe('8.1 a checkout without its ledger', () => {
  test('verify, apply and verbs end in the same sentence, exit 3, and make no store', async () => {
    for (const fault of [
      await faultOf(verify(clone.world, YES, {})), await faultOf(apply(clone.world, YES, { steps: [], dryRun: false })), await faultOf(apply(clone.world, YES, { steps: [], dryRun: true })),
      await clone.fault('audit', 'verify'), await clone.fault('audit', 'log'), await clone.fault('identity', 'show'),
    ]) expect(fault).toMatchObject(MISSING);
    expect(existsSync(clone.path('.agentctl'))).toBe(false);
  });

  test('status warns and is no failure; what reads only agent.yaml works', async () => {
    expect(await status(clone.world, YES)).toMatchObject({ exit: 0, data: { warnings: expect.arrayContaining([expect.stringContaining('this checkout has no ledger')]) } });
    expect((await clone.run('pact', 'lint')).exit).toBe(0);
  });

  test('the published checkpoint deleted on purpose: it starts anew', async () => {
    const anew = clone.copy();
    rmSync(anew.path('artifacts/checkpoint.txt'));
    expect((await anew.run('audit', 'log')).exit).toBe(0);
    expect(await anew.withSession((session) => session.store.count(session.chain, 'ledger.opened'))).toBe(1);
  });
});
