/** Step 4's questions, each on facts that make it yes, no, unknown or not applicable. */
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.js';
import { judge } from '../../src/domain/step.js';
import { guardrails } from '../../src/steps/04-guardrails.js';
import { digestOf, LIMITS } from '../enforcement/fixture.js';
import { findingsOf, MANIFEST, WITHOUT_MONEY, type Seen } from './io.js';

const SECTION = { ...LIMITS, escrowAbove: '80.00' } as unknown as JsonObject;
const checked = (change: JsonObject = {}): readonly [string, JsonObject] => ['guardrails.checked', {
  financialAuthority: [], executed: 3, executedUndeclared: 0, deniedUndeclared: 1100, ofUndeclared: 1100, deniedAmounts: 0, ofAmounts: 0, deniedSuspended: 3, ofSuspended: 3,
  worstLoss: '500.00', currency: 'USD', detectionDelay: 'P1D', policy: digestOf('policy'), network: 'not restricted', deliverable: digestOf('document'), ...change,
}];
const simulated = (change: JsonObject = {}): readonly [string, JsonObject] => ['guardrails.simulated', {
  money: true, replayed: 'synthetic', actions: 42, permitted: 40, escalated: 2, denied: 0, attempts: 60, granted: '25000', limit: '25000', connections: 4, currency: 'USD', policy: digestOf('policy'), ...change,
}];
const findings = (seen: Seen, section: JsonObject = SECTION) => findingsOf(guardrails, section, seen);

describe('the card', () => {
  test('4.1 to 4.5: every row has a probe', () => {
    expect([...new Set(guardrails.probes.map((probe) => probe.row))]).toEqual(['4.1', '4.2', '4.3', '4.4', '4.5']);
  });
});

describe('an agent without money', () => {
  const seen = (...entries: readonly (readonly [string, JsonObject])[]): Seen => ({ manifest: WITHOUT_MONEY, entries });

  test('4.1 to 4.5: every must is proven or does not apply', async () => {
    const found = await findings(seen(checked(), simulated({ money: false, attempts: 0, granted: null, limit: null })));
    expect(judge(Object.values(found), { stale: false, blocked: false })).toBe('passed');
    expect(found['guardrails.escrow']).toMatchObject({ is: 'not-applicable', because: expect.stringContaining('no amount path') });
    expect(found['guardrails.bond']?.is).toBe('not-applicable');
    expect(found['guardrails.enforced']?.because).toContain('no money path through agentctl');
    expect(found['guardrails.network']).toMatchObject({ is: 'unknown', severity: 'should' });
  });

  test('4.2 nothing measured is unknown, not yes', async () => {
    const found = await findings(seen());
    expect([found['guardrails.enforced']?.is, found['guardrails.exact']?.is]).toEqual(['unknown', 'unknown']);
    expect(judge(Object.values(found), { stale: false, blocked: false })).toBe('unproven');
  });

  const bad: readonly (readonly [string, JsonObject])[] = [
    ['an undeclared call that was not denied', { deniedUndeclared: 1099 }],
    ['a call while suspended that was not denied', { deniedSuspended: 2 }],
    ['an executed call that is not declared', { executedUndeclared: 1 }],
    ['no call that was tried', { deniedUndeclared: 0, ofUndeclared: 0, deniedSuspended: 0, ofSuspended: 0 }],
  ];
  test.each(bad)('4.2 %s is a no', async (_name, change) => {
    expect((await findings(seen(checked(change), simulated({ money: false }))))['guardrails.enforced']?.is).toBe('no');
  });
});

describe('an agent with money', () => {
  test('4.3 4.4 it stays unproven at best, high stakes or not', async () => {
    for (const stakes of ['standard', 'high'] as const) {
      const found = await findings({ manifest: { ...MANIFEST, stakes }, entries: [checked(), simulated()] });
      expect([found['guardrails.enforced']?.is, found['guardrails.exact']?.is, found['guardrails.escrow']?.is, found['guardrails.bond']?.is]).toEqual(['yes', 'yes', 'unknown', 'unknown']);
      expect(found['guardrails.escrow']?.because).toContain('cannot be checked yet');
      expect(judge(Object.values(found), { stale: false, blocked: false })).toBe('unproven');
    }
  });

  test.each([
    ['more than the limit granted', { granted: '25100' }, 'no'],
    ['less than the limit granted', { granted: '24900' }, 'no'],
    ['no race', { attempts: 0, granted: null, limit: null }, 'unknown'],
  ] as const)('4.2 %s is a %3$s', async (_name, change, is) => {
    expect((await findings({ entries: [checked(), simulated(change)] }))['guardrails.exact']?.is).toBe(is);
  });

  test('4.1 without an escrow threshold it says so', async () => {
    const { escrowAbove: _none, ...section } = SECTION;
    expect((await findings({}, section))['guardrails.escrow-limit']).toMatchObject({ is: 'no', severity: 'should' });
  });

  test('4.5 the worst loss is a number, from the limits and the delay', async () => {
    expect((await findings({}))['guardrails.worst-loss']?.because).toContain('at most 500.00 USD through agentctl within P1D');
    expect((await findings({}, { ...SECTION, detectionDelay: 'PT1H' }))['guardrails.worst-loss']?.because).toContain('at most 250.00 USD');
  });
});
