/** The decision as a matrix: what denies, what escalates, what an approval can and cannot turn. */
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from '@jest/globals';
import type { ActionProposal } from '../../src/enforcement/action.js';
import { decide, type Facts, type Unreadable } from '../../src/enforcement/decision.js';
import { compilePolicy, type Policy } from '../../src/enforcement/policy.js';
import { AGENT, approvalFor, ANNA, BERT, CAPABILITIES, CARA, FACTS, grantBy, LIMITS, payment, policyWith, proposal, TOOLS, TRIGGERS } from './fixture.js';

const POLICY = policyWith();
type Row = [name: string, expected: string, policy: Policy | null, proposal: ActionProposal, facts: Partial<Facts> | Unreadable];
const run = (policy: Policy | null, asked: ActionProposal, facts: Partial<Facts> | Unreadable) =>
  decide(policy, asked, 'unreadable' in facts ? facts : { ...FACTS, ...facts });
const shown = ({ decision, rule }: { decision: string; rule: string }) => `${decision} ${rule}`;

describe('deny by default', () => {
  const huge = '9'.repeat(30);
  const rows: Row[] = [
    ['no policy', 'deny policy-missing', null, proposal(), {}],
    ['a fact that cannot be read', 'deny facts-unreadable', POLICY, proposal(), { unreadable: 'store locked' }],
    ['unknown tool', 'deny tool-unlisted', POLICY, proposal({ tool: 'rm' }), {}],
    ['tool named like an object member', 'deny tool-unlisted', POLICY, proposal({ tool: '__proto__' }), {}],
    ['undeclared capability', 'deny capability-undeclared', POLICY, proposal({ capability: 'admin' }), {}],
    ['tool of another capability', 'deny tool-outside-capability', POLICY, proposal({ capability: 'payments' }), {}],
    ['invalid arguments', 'deny arguments-invalid', POLICY, proposal(), { argumentIssues: ['/file must be string'] }],
    ['arguments without canonical form', 'deny arguments-invalid', POLICY, payment(Number.NaN), {}],
    ['suspended', 'deny suspended', POLICY, proposal(), { suspended: 'inc-1' }],
    ['started before', 'deny duplicate', POLICY, proposal(), { duplicate: true }],
    ['amount missing', 'deny amount-invalid', POLICY, payment('1', { arguments: { to: 'bob' } }), {}],
    ['amount as a number', 'deny amount-invalid', POLICY, payment(5), {}],
    ['amount null', 'deny amount-invalid', POLICY, payment(null), {}],
    ['amount negative', 'deny amount-invalid', POLICY, payment('-5'), {}],
    ['amount with plus', 'deny amount-invalid', POLICY, payment('+5'), {}],
    ['amount with exponent', 'deny amount-invalid', POLICY, payment('1e2'), {}],
    ['amount NaN as text', 'deny amount-invalid', POLICY, payment('NaN'), {}],
    ['amount with blanks', 'deny amount-invalid', POLICY, payment(' 5'), {}],
    ['amount in other digits', 'deny amount-invalid', POLICY, payment('٥'), {}],
    ['amount too precise', 'deny amount-invalid', POLICY, payment('5.001'), {}],
    ['amount hidden behind a capability without amounts', 'deny over-transaction-limit', POLICY, payment('100.01', { capability: 'triage' }), {}],
    ['4.1 over the transaction limit', 'deny over-transaction-limit', POLICY, payment('100.01'), {}],
    ['a huge amount', 'deny over-transaction-limit', POLICY, payment(huge), {}],
    ['4.1 over what is left of the day', 'deny over-daily-limit', POLICY, payment('60'), { available: 5_999n }],
    ['4.1 above escrow without escrow', 'deny escrow-required', policyWith({ limits: { escrowAbove: '50' } }), payment('50.01'), {}],
    ['no money allowed', 'deny over-transaction-limit', policyWith({ limits: { perTransaction: '0', perDay: '0' } }), payment('0.01'), {}],
    ['currency without a limit', 'deny currency-without-limit', policyWith({ limits: { currency: 'EUR' } }), payment('1'), {}],
    ['too many actions an hour', 'deny over-hourly-actions', policyWith({ limits: { maximumActionsPerHour: 3 } }), proposal(), { startsWithinHour: 3 }],
  ];
  test.each(rows)('%s: %s', (_name, expected, policy, asked, facts) => {
    expect(shown(run(policy, asked, facts))).toBe(expected);
  });

  test('a manifest without limits or triggers has no policy', () => {
    const source = { agent: AGENT, tools: TOOLS, capabilities: CAPABILITIES, operators: [], limits: LIMITS, triggers: TRIGGERS };
    expect(compilePolicy({ ...source, limits: undefined })).toBeNull();
    expect(compilePolicy({ ...source, triggers: undefined })).toBeNull();
  });
});

describe('permit', () => {
  test('inside every limit, with the money to reserve', () => {
    expect(run(POLICY, payment('100.00'), {})).toMatchObject({ decision: 'permit', rule: 'within-policy', reserve: { minor: 10_000n, currency: 'USD' } });
    expect(run(POLICY, proposal(), {})).toMatchObject({ decision: 'permit', reserve: null });
    expect(run(policyWith({ limits: { escrowAbove: '50' } }), payment('60'), { escrowed: true })).toMatchObject({ decision: 'permit' });
  });
});

describe('escalate', () => {
  const custom = (operator: 'eq' | 'ne' | 'gt' | 'lt' | 'contains', pointer: string, value: string, tool = 'pay') => policyWith({ triggers: { custom: [{ id: 'c', tool, pointer, operator, value }] } });
  const pay = (args: ActionProposal['arguments']) => payment('1', { arguments: { amount: '1', ...args } });
  const rows: Row[] = [
    ['4.1 always a human', 'escalate always-human', policyWith({ limits: { alwaysHuman: ['move'] } }), proposal(), {}],
    ['4.1 another tool', 'permit within-policy', policyWith({ limits: { alwaysHuman: ['pay'] } }), proposal(), {}],
    ['review of everything', 'escalate human-review', policyWith({ source: { capabilities: CAPABILITIES.map((one) => ({ ...one, humanReview: 'all' })) } }), proposal(), {}],
    ['6.1 above materiality', 'escalate materiality', policyWith({ triggers: { materiality: { above: '20' } } }), payment('20.01'), {}],
    ['6.1 at materiality', 'permit within-policy', policyWith({ triggers: { materiality: { above: '20' } } }), payment('20'), {}],
    ['6.1 another currency', 'escalate materiality', policyWith({ triggers: { materiality: { above: '20', currency: 'EUR' } } }), payment('1'), {}],
    ['6.2 below', 'escalate confidence', policyWith({ triggers: { confidence: { below: '0.9' } } }), proposal({ confidence: '0.899999' }), {}],
    ['6.2 at', 'permit within-policy', policyWith({ triggers: { confidence: { below: '0.9' } } }), proposal({ confidence: '0.90' }), {}],
    ['6.2 missing', 'escalate confidence', policyWith({ triggers: { confidence: { below: '0.9' } } }), proposal({ confidence: null }), {}],
    ['6.2 garbage', 'escalate confidence', policyWith({ triggers: { confidence: { below: '0.9' } } }), proposal({ confidence: '1e9' }), {}],
    ['6.2 not declared', 'permit within-policy', POLICY, proposal({ confidence: null }), {}],
    ['6.3 pact not met', 'escalate scope', policyWith({ triggers: { scope: { minimum: 'met' } } }), proposal(), { metCapabilities: ['payments'] }],
    ['6.3 no baseline', 'escalate scope', policyWith({ triggers: { scope: { minimum: 'met' } } }), proposal(), { metCapabilities: null }],
    ['6.3 met', 'permit within-policy', policyWith({ triggers: { scope: { minimum: 'met' } } }), proposal(), {}],
    ['6.4 first encounter', 'escalate first-encounter', policyWith({ triggers: { firstEncounter: { fields: ['/to'], learn: 'approved' } } }), proposal(), { patternKnown: false }],
    ['6.4 known', 'permit within-policy', policyWith({ triggers: { firstEncounter: { fields: ['/to'], learn: 'approved' } } }), proposal(), {}],
    ['6.5 doubt', 'escalate doubt', policyWith({ triggers: { doubt: true } }), proposal({ doubt: true }), {}],
    ['6.5 no doubt', 'permit within-policy', policyWith({ triggers: { doubt: true } }), proposal(), {}],
    ['6.6 eq', 'escalate custom:c', custom('eq', '/to', 'bob'), pay({ to: 'bob' }), {}],
    ['6.6 not eq', 'permit within-policy', custom('eq', '/to', 'bob'), pay({ to: 'eve' }), {}],
    ['6.6 ne', 'escalate custom:c', custom('ne', '/to', 'bob'), pay({ to: 'eve' }), {}],
    ['6.6 gt on a number', 'escalate custom:c', custom('gt', '/count', '3'), pay({ count: 4 }), {}],
    ['6.6 gt on text, not by letters', 'permit within-policy', custom('gt', '/count', '10'), pay({ count: '9' }), {}],
    ['6.6 lt', 'escalate custom:c', custom('lt', '/count', '-0.5'), pay({ count: '-0.51' }), {}],
    ['6.6 gt on what is no number', 'escalate custom:c', custom('gt', '/count', '3'), pay({ count: 'many' }), {}],
    ['6.6 contains in text', 'escalate custom:c', custom('contains', '/to', 'ob'), pay({ to: 'bob' }), {}],
    ['6.6 contains in a list', 'escalate custom:c', custom('contains', '/tags', 'vip'), pay({ tags: ['x', 'vip'] }), {}],
    ['6.6 contains not', 'permit within-policy', custom('contains', '/tags', 'vip'), pay({ tags: ['x'] }), {}],
    ['6.6 absent value', 'escalate custom:c', custom('eq', '/to', 'bob'), pay({}), {}],
    ['6.6 object where text is expected', 'escalate custom:c', custom('eq', '/to', 'bob'), pay({ to: {} }), {}],
    ['6.6 another tool', 'permit within-policy', custom('eq', '/to', 'spam', 'notify'), proposal(), {}],
  ];
  test.each(rows)('%s: %s', (_name, expected, policy, asked, facts) => {
    expect(shown(run(policy, asked, facts))).toBe(expected);
  });

  test('6.1–6.6 sabotage twin: with no trigger declared the same actions pass', () => {
    for (const [, expected, , asked] of rows) if (expected.startsWith('escalate')) expect(shown(run(POLICY, asked, { metCapabilities: null, patternKnown: false }))).toBe('permit within-policy');
  });

  test('all reasons are told, the first decides', () => {
    const policy = policyWith({ limits: { alwaysHuman: ['move'] }, triggers: { doubt: true } });
    expect(run(policy, proposal({ doubt: true }), {}).reasons.map(({ rule }) => rule)).toEqual(['always-human', 'doubt']);
    expect(run(policy, proposal(), {})).toMatchObject({ needs: { roles: ['finance'], quorum: 1, expires: 'PT4H' }, reserve: null, approval: null });
  });
});

describe('deny > escalate > permit', () => {
  const policy = policyWith({ limits: { alwaysHuman: ['move', 'pay'] }, triggers: { doubt: true } });
  test('a trigger never softens a denial', () => {
    expect(shown(run(policy, proposal({ doubt: true }), { suspended: 'inc-1' }))).toBe('deny suspended');
  });
  test('a valid approval turns an escalation into a permit', () => {
    const asked = proposal({ doubt: true });
    expect(run(policy, asked, { approval: approvalFor(policy, asked) })).toMatchObject({ decision: 'permit', rule: 'approved', approval: 'ap-1' });
  });
  test.each<[string, ActionProposal, Partial<Facts>]>([
    ['suspended', proposal(), { suspended: 'inc-1' }],
    ['over-transaction-limit', payment('100.01'), {}],
    ['over-daily-limit', payment('100'), { available: 0n }],
    ['duplicate', proposal(), { duplicate: true }],
    ['arguments-invalid', proposal(), { argumentIssues: ['x'] }],
  ])('a valid approval never turns a denial: %s', (rule, asked, facts) => {
    expect(shown(run(policy, asked, { ...facts, approval: approvalFor(policy, asked) }))).toBe(`deny ${rule}`);
  });
  test('an approval is not taken when none is needed', () => {
    expect(run(POLICY, proposal(), { approval: approvalFor(POLICY, proposal()) })).toMatchObject({ decision: 'permit', rule: 'within-policy', approval: null });
  });
});

describe('6.8 an approval is good for exactly this action', () => {
  const policy = policyWith({ limits: { alwaysHuman: ['move', 'pay', 'notify'] } });
  const asked = proposal();
  const approval = approvalFor(policy, asked);
  const rows: [string, string, Policy, ActionProposal, Partial<Facts>][] = [
    ['the same action', 'permit approved', policy, asked, { approval }],
    ['the same action under a new attempt id', 'permit approved', policy, proposal({ id: 'a-2' }), { approval }],
    ['other arguments', 'escalate always-human', policy, proposal({ arguments: { file: 'm2', to: 'spam' } }), { approval }],
    ['one argument more', 'escalate always-human', policy, proposal({ arguments: { file: 'm1', to: 'spam', folder: 'x' } }), { approval }],
    ['another tool', 'escalate always-human', policy, proposal({ tool: 'notify' }), { approval }],
    ['another policy', 'escalate always-human', policyWith({ limits: { alwaysHuman: ['move', 'pay', 'notify'], perDay: '251' } }), asked, { approval }],
    ['another tool definition', 'escalate always-human', policyWith({ limits: { alwaysHuman: ['move', 'pay', 'notify'] }, source: { tools: TOOLS.map((one) => ({ ...one, command: ['false'] })) } }), asked, { approval }],
    ['another build', 'escalate always-human', policyWith({ limits: { alwaysHuman: ['move', 'pay', 'notify'] }, source: { agent: { ...AGENT, build: null } } }), asked, { approval }],
    ['still pending', 'escalate always-human', policy, asked, { approval: { ...approval, status: 'pending', grants: [] } }],
    ['already used', 'escalate always-human', policy, asked, { approval: { ...approval, status: 'consumed' } }],
    ['expired: a timeout denies', 'deny approval-expired', policy, asked, { approval, now: approval.expiresAt }],
    ['pending past its time: a timeout denies', 'deny approval-expired', policy, asked, { approval: { ...approval, status: 'pending', grants: [] }, now: approval.expiresAt }],
    ['refused by a human', 'deny approval-denied', policy, asked, { approval: { ...approval, status: 'denied', reason: 'wrong' } }],
    ['the clock stepped back before the vote', 'escalate always-human', policy, asked, { approval, now: '2026-11-22T11:29:59.999Z' }],
    ['quorum not met', 'escalate always-human', policy, asked, { approval: { ...approval, quorum: 2 } }],
    ['the same person twice in a quorum', 'escalate always-human', policy, asked, { approval: { ...approval, quorum: 2, grants: [grantBy(ANNA), grantBy(ANNA)] } }],
    ['two people', 'permit approved', policy, asked, { approval: { ...approval, quorum: 2, grants: [grantBy(ANNA), grantBy(BERT)] } }],
  ];
  test.each(rows)('%s: %s', (_name, expected, against, wanted, facts) => {
    expect(shown(run(against, wanted, facts))).toBe(expected);
  });
  test('an open request is joined, not doubled', () => {
    expect(run(policy, asked, { approval: { ...approval, status: 'pending', grants: [] } }).approval).toBe('ap-1');
    expect(run(policy, asked, { approval: { ...approval, status: 'consumed' } }).approval).toBeNull();
  });
  test('money is part of what is approved', () => {
    const wanted = payment('10');
    expect(shown(run(policy, payment('10.00'), { approval: approvalFor(policy, wanted) }))).toBe('escalate always-human');
    expect(CARA.roles).not.toContain('finance');
  });
});

test('deciding stays far below a millisecond at the 99th percentile, with a hundred conditions', () => {
  const custom = Array.from({ length: 100 }, (_, index) => ({ id: `c${index}`, tool: 'pay', pointer: '/to', operator: 'eq' as const, value: `x${index}` }));
  const policy = policyWith({ triggers: { custom, doubt: true, confidence: { below: '0.5' }, firstEncounter: { fields: ['/to'], learn: 'seen' } } });
  const asked = payment('12.50');
  const p99 = (): number => {
    const spans: number[] = [];
    for (let index = 0; index < 500; index += 1) {
      const start = performance.now();
      decide(policy, asked, FACTS);
      spans.push(performance.now() - start);
    }
    return spans.sort((a, b) => a - b)[495] ?? Infinity;
  };
  // The quietest of many short rounds: on a shared machine others take the processor away in a long one. What decides slowly is slow in all of them.
  expect(Math.min(...Array.from({ length: 40 }, p99))).toBeLessThan(1);
});
