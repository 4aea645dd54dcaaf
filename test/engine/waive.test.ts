import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { status } from '../../src/engine/status.js';
import { verify } from '../../src/engine/verify.js';
import { waive } from '../../src/engine/waive.js';
import { withAgent, YES } from '../support/agent.js';
import { faultOf } from '../support/folder.js';
import type { TestWorld } from '../support/world.js';

const GOOD = { probe: 'guardrails.exact', as: 'erin', reason: 'Mrs Jones signs on Monday', expires: 'P14D' };

async function findingOf(world: TestWorld, id: string) {
  const report = await status(world, YES);
  if (report.kind !== 'status') throw new Error('no status');
  return report.data.steps.flatMap((step) => step.findings).find((one) => one.id === id);
}

describe('waive', () => {
  test('a signed exception is counted apart, and ends by itself', () =>
    withAgent(async ({ world: newWorld }) => {
      const world = newWorld();
      const report = await waive(world, YES, GOOD);
      expect(report).toMatchObject({ exit: 0, data: { headline: expect.stringMatching(/^guardrails\.exact is waived until 2026-12-06/), data: { ceremony: 'scripted' } } });
      expect(await findingOf(world, 'guardrails.exact')).toMatchObject({ is: 'unknown', waived: { by: 'erin' } });
      expect([0, 3, 5]).toContain((await verify(world, YES, {})).exit);
      world.clock.advance('P15D');
      expect((await findingOf(world, 'guardrails.exact'))?.waived).toBeUndefined();
    }));

  test('the reason, which can be personal, is in the payload and nowhere else', () =>
    withAgent(async ({ folder, world: newWorld }) => {
      const world = newWorld();
      await waive(world, YES, GOOD);
      const store = await world.stores.open(join(folder, '.agentctl'), { readonly: true });
      try {
        const [chain = ''] = await store.chains();
        const entry = await store.latest(chain, 'waiver.granted');
        expect(JSON.stringify(entry)).not.toContain('Jones');
        expect(await store.payload(chain, entry?.seq ?? -1)).toEqual({ reason: GOOD.reason });
        const act = await store.blob(entry?.data['act'] as `sha256:${string}`);
        expect(Buffer.from(JSON.parse(Buffer.from(act?.bytes ?? []).toString('utf8')).payload, 'base64').toString('utf8')).not.toContain('Jones');
      } finally {
        await store.close();
      }
    }));

  test.each<[string, Partial<typeof GOOD>, string, RegExp]>([
    ['an unknown probe', { probe: 'pact.sigend' }, 'USAGE', /did you mean "pact.signed"/],
    ['identity', { probe: 'identity.did' }, 'REFUSED', /identity register/],
    ['the audit log', { probe: 'audit.tamper-evident' }, 'REFUSED', /audit verify/],
    ['what later verbs build on', { probe: 'pact.signed' }, 'REFUSED', /pact sign --as/],
    ['a baseline that nobody accepted', { probe: 'baseline.accepted' }, 'REFUSED', /baseline accept --as/],
    ['a should', { probe: 'pact.dispute' }, 'REFUSED', /explain pact.dispute/],
    ['what is met', { probe: 'pact.three' }, 'REFUSED', /explain pact\.three/],
    ['longer than a quarter', { expires: 'P91D' }, 'USAGE', /P90D/],
    ['no time at all', { expires: 'PT0S' }, 'USAGE', /P14D/],
    ['no duration', { expires: '2 weeks' }, 'INPUT_INVALID', /ISO 8601/],
    ['no reason', { reason: ' ' }, 'USAGE', /--reason/],
    ['a stranger', { as: 'mallory' }, 'NOT_ALLOWED', /^operators who may: .*erin.*; agentctl operator list$/],
  ])('refused: %s', (_name, change, code, hint) =>
    withAgent(async ({ world: newWorld }) => {
      const world = newWorld();
      const fault = await faultOf(waive(world, YES, { ...GOOD, ...change }));
      expect(fault.code).toBe(code);
      expect(fault.hint).toMatch(hint);
    }));
});
