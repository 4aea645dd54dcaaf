/** The verbs of step 4 on the tiny agent: what is measured, what is raced, and that broken limits leave no evidence. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemRandom } from '../../src/adapters/system.js';
import { decide } from '../../src/enforcement/decision.js';
import type { Decide } from '../../src/enforcement/exercise.js';
import { executeAction } from '../../src/enforcement/gateway/execute.js';
import { digestBytes } from '../../src/domain/digest.js';
import type { Json } from '../../src/domain/json.js';
import type { Store, Stores } from '../../src/domain/ports.js';
import type { OutcomeReport } from '../../src/domain/report.js';
import { gatewayOf } from '../../src/engine/gateway.js';
import { checkWith } from '../../src/engine/guardrails/check.js';
import { tryDenials } from '../../src/engine/guardrails/denials.js';
import { run as simulate } from '../../src/engine/guardrails/simulate.js';
import type { Verb } from '../../src/engine/verb.js';
import type { Session } from '../../src/engine/session.js';
import { computeStates } from '../../src/engine/states.js';
import { accepted, removeTinies, START, tiny, type Tiny } from '../support/tiny.js';
import { policyWith } from '../enforcement/fixture.js';
import { withMoney } from './money.js';

afterAll(removeTinies);

async function answer(one: Tiny, verb: Verb, change: (session: Session) => Session = (session) => session): Promise<OutcomeReport & { exit: number }> {
  return one.withSession(async (session) => {
    const report = await verb(change(session), { args: [], options: {} });
    if (report.kind !== 'outcome') throw new Error(report.kind);
    return { ...report.data, exit: report.exit };
  });
}

async function stepOf(one: Tiny) {
  const view = (await one.withSession((session) => computeStates(session, START), false)).steps.find((step) => step.id === 'guardrails');
  if (!view) throw new Error('no such step');
  return { ...view, is: Object.fromEntries(view.findings.map((finding) => [finding.id, finding.is])) };
}

describe('an agent without money', () => {
  let one: Tiny;
  beforeAll(async () => { one = await accepted(); });

  test('4.2 4.5 check measures what is denied, and says that the network is not restricted', async () => {
    const report = await one.run('guardrails', 'check');
    expect(report).toMatchObject({ exit: 0, headline: 'no money path through agentctl; every undeclared call was denied' });
    const [entry] = await one.entries('guardrails.checked');
    const { data } = entry ?? {};
    expect(data).toMatchObject({ financialAuthority: [], executed: 0, executedUndeclared: 0, ofAmounts: 0, deniedSuspended: 2, ofSuspended: 2, worstLoss: '0.00', currency: 'EUR', detectionDelay: 'P1D', network: 'not restricted' });
    expect(Number(data?.['ofUndeclared'])).toBeGreaterThan(1000);
    expect(data?.['deniedUndeclared']).toBe(data?.['ofUndeclared']);
    expect(Object.keys(entry?.inputs ?? {}).sort()).toEqual(['capabilities', 'limits', 'tools']);
    expect(data?.['deliverable']).toBe(digestBytes(readFileSync(one.path('artifacts/guardrails.json'))));
  });

  test('4.2 simulate decides synthetic actions while none is recorded, then the recorded ones', async () => {
    expect(await one.run('guardrails', 'simulate')).toMatchObject({ exit: 0, data: { money: false, replayed: 'synthetic', attempts: 0, granted: null, limit: null } });
    await one.withSession(async (session) => {
      const { ports, context } = await gatewayOf(session);
      await executeAction(ports, context, { id: 'a-1', capability: 'sorting', tool: 'keep_note', arguments: { note: noteIn(one) }, confidence: '0.99', doubt: false, source: 'production', occurredAt: START });
    });
    expect(await one.run('guardrails', 'simulate')).toMatchObject({ data: { replayed: 'recorded', actions: 1, permitted: 1 } });
  });

  test('4.1 to 4.5: the step passes, with escrow and bond not applicable for a measured reason', async () => {
    const step = await stepOf(one);
    expect(step.state).toBe('passed');
    expect(step.is).toEqual({
      'guardrails.limits': 'yes', 'guardrails.escrow-limit': 'not-applicable', 'guardrails.enforced': 'yes', 'guardrails.exact': 'not-applicable', 'guardrails.network': 'unknown',
      'guardrails.escrow': 'not-applicable', 'guardrails.bond': 'not-applicable', 'guardrails.worst-loss': 'yes',
    });
    expect(step.findings.find((finding) => finding.id === 'guardrails.network')?.because).toContain('not restricted');
  });

  test('4.1 a new limit makes it stale, and says which edit did it', async () => {
    const other = one.copy();
    other.edit('agent.yaml', (text) => text.replace('detectionDelay: P1D', 'detectionDelay: P2D'));
    const step = await stepOf(other);
    expect(step.state).toBe('stale');
    expect(step.because).toContain('detectionDelay "P1D" -> "P2D"');
  });

  const broken: readonly (readonly [string, Decide, string])[] = [
    ['permits everything', (policy, proposal, facts) => ({ ...decide(policy, proposal, facts), decision: 'permit' }), 'not denied'],
    ['ignores the suspension', (policy, proposal, facts) => decide(policy, proposal, 'unreadable' in facts ? facts : { ...facts, suspended: null }), 'while suspended'],
    ['knows no capabilities', (policy, proposal, facts) => decide(policy && { ...policy, capabilities: { ...policy.capabilities, get: () => [...policy.capabilities.values()][0] } as typeof policy.capabilities }, proposal, facts), 'under may-'],
    ['compares tools without their case', (policy, proposal, facts) => decide(policy, { ...proposal, tool: proposal.tool.toLowerCase() }, facts), 'KEEP_NOTE'],
  ];
  test.each(broken)('4.2 sabotage twin: a decision function that %s fails the check and leaves no evidence', async (_name, decideWith, told) => {
    const other = one.copy();
    const before = (await other.entries('guardrails.checked')).length;
    const report = await answer(other, checkWith(decideWith));
    expect(report.exit).toBe(1);
    expect(report.headline).toContain(told);
    expect(await other.entries('guardrails.checked')).toHaveLength(before);
  });

  test('4.2 sabotage twin: a call that was executed without being declared fails the check', async () => {
    const other = one.copy();
    await other.withSession(async ({ store, chain, agent }) => {
      const digest = digestBytes('x');
      await store.append(chain, [{ type: 'action.intent', agent, actor: 'agentctl', data: { action: 'a-2', digest, capability: 'sorting', tool: 'wipe_disk', approval: null, reservation: null, source: 'production', policy: digest } }]);
    });
    expect(await other.run('guardrails', 'check')).toMatchObject({ exit: 1, headline: expect.stringContaining('wipe_disk') });
  });

  test('without triggers there is no policy, and the fault says what to add', async () => {
    const other = await tiny((text) => text.replace(/\ntriggers:\n( .*\n)+/, '\n'));
    expect(await other.fault('guardrails', 'check')).toMatchObject({ code: 'MANIFEST_INVALID', message: 'agent.yaml has no triggers, so everything is denied' });
  });
});

describe('an agent with money', () => {
  let one: Tiny;
  beforeAll(async () => { one = await accepted((text) => withMoney(text)); });

  test('4.2 check also denies unreadable and excessive amounts', async () => {
    expect(await one.run('guardrails', 'check')).toMatchObject({ exit: 0 });
    const data = (await one.entries('guardrails.checked'))[0]?.data;
    expect(data).toMatchObject({ financialAuthority: ['refunds: pay_refund carries an amount at /amount', 'refunds: permission refund:send'], worstLoss: '500.00', currency: 'EUR' });
    expect(data?.['deniedAmounts']).toBe(data?.['ofAmounts']);
    expect(Number(data?.['ofAmounts'])).toBeGreaterThan(20);
  });

  test('4.2 simulate grants exactly the limit, and the real budget is untouched', async () => {
    const report = await one.run('guardrails', 'simulate');
    expect(report).toMatchObject({ exit: 0, data: { money: true, granted: '25000', limit: '25000', connections: 4 } });
    expect(await one.entries('reservation.made')).toEqual([]);
    expect(readdirSync(one.path('.agentctl/drill'))).toEqual([]);
  });

  test('4.3 4.4 the step stays unproven: escrow and bond cannot be checked yet', async () => {
    const step = await stepOf(one);
    expect(step.state).toBe('unproven');
    expect(step.is).toMatchObject({ 'guardrails.exact': 'yes', 'guardrails.enforced': 'yes', 'guardrails.escrow': 'unknown', 'guardrails.bond': 'unknown' });
  });

  const limits: readonly (readonly [string, string])[] = [
    ['perTransaction: "0.01"\n  perDay: "0.03"', '3'],
    ['perTransaction: "1.00"\n  perDay: "100000.00"', '10000000'],
    ['perTransaction: "99.97"\n  perDay: "99.97"', '9997'],
    ['perTransaction: "0"\n  perDay: "10.00"', '0'],
    ['perTransaction: "50.00"\n  escrowAbove: "7.77"\n  perDay: "1000.03"', '100003'],
  ];
  test.each(limits)('4.2 exactly the limit under %j', async (text, granted) => {
    const other = await tiny((manifest) => withMoney(manifest, text));
    expect(await other.run('guardrails', 'simulate')).toMatchObject({ exit: 0, data: { granted, limit: granted } });
  });

  const sabotage: readonly (readonly [string, (store: Store) => Partial<Store>])[] = [
    ['a store that reserves whatever is asked', (store) => ({ reserve: (chain, request) => store.reserve(chain, { ...request, limit: { ...request.limit, perWindow: request.limit.perWindow * 100n } }) })],
  ];
  test.each(sabotage)('4.2 sabotage twin: %s fails the race and leaves no evidence', async (_name, change) => {
    const other = one.copy();
    const before = (await other.entries('guardrails.simulated')).length;
    const report = await answer(other, simulate, (session) => ({ ...session, world: { ...session.world, stores: changed(session.world.stores, change) } }));
    expect(report.exit).toBe(1);
    expect(report.headline).toMatch(/^(granted \d+\.\d\d EUR under a limit of 250\.00|a payment was let through)/);
    expect(await other.entries('guardrails.simulated')).toHaveLength(before);
  });
});

describe('4.2 the calls that must be denied', () => {
  const policy = policyWith();
  const at = { now: START, random: systemRandom() };

  test('all of them are', () => {
    const { undeclared, amounts, suspended, escaped } = tryDenials(policy, at);
    expect(escaped).toBeNull();
    for (const { denied, of } of [undeclared, amounts, suspended]) expect([denied, of > 0]).toEqual([of, true]);
  });

  test('sabotage twin: a decision function that reads numbers as amounts is caught', () => {
    const careless: Decide = (given, proposal, facts) => decide(given, { ...proposal, arguments: Object.fromEntries(Object.entries(proposal.arguments).map(([key, value]) => [key, lenient(value)])) }, facts);
    expect(tryDenials(policy, at, careless).escaped).toContain('amount');
  });

  test('sabotage twin: a policy whose tools accept every name is caught', () => {
    const first = policy.tools.get('move');
    const open = { ...policy, tools: { ...policy.tools, has: () => true, get: () => first, keys: () => policy.tools.keys() } as unknown as typeof policy.tools, capabilities: new Map([...policy.capabilities].map(([id, one]) => [id, { ...one, tools: { includes: () => true, flatMap: one.tools.flatMap.bind(one.tools) } as unknown as readonly string[] }])) };
    expect(tryDenials(open, at).undeclared.denied).toBeLessThan(tryDenials(open, at).undeclared.of);
  });
});

const lenient = (value: Json): Json => (typeof value === 'number' ? String(Math.abs(value)) : value);
const changed = (stores: Stores, change: (store: Store) => Partial<Store>): Stores => ({
  ...stores,
  open: async (folder, options) => {
    const store = await stores.open(folder, options);
    const changes = change(store) as Record<string | symbol, unknown>;
    return new Proxy(store, { get: (target, key) => changes[key] ?? bound(target, key) });
  },
});
const bound = (target: Store, key: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, key);
  return typeof value === 'function' ? value.bind(target) : value;
};

function noteIn(one: Tiny): string {
  const [file = ''] = readdirSync(one.path('box/inbox'));
  return file.replace('.txt', '');
}

