/** An agent with money for the tests of enforcement: three tools, limits, every trigger off unless a test turns it on. */
import { compilePolicy, type Policy, type PolicySource } from '../../src/enforcement/policy.js';
import { actionDigest, describeAction, type ActionProposal } from '../../src/enforcement/action.js';
import type { Approval, Grant } from '../../src/enforcement/approvals.js';
import type { Facts } from '../../src/enforcement/decision.js';
import type { LimitsSection } from '../../src/enforcement/limits.js';
import type { TriggersSection } from '../../src/enforcement/triggers.js';
import { digestBytes, type Digest } from '../../src/domain/digest.js';
import type { AgentRef, Entry } from '../../src/domain/entry.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Capability, Operator, Tool } from '../../src/domain/manifest.js';

export const NOW = '2026-11-22T12:00:00.000Z';
export const CHAIN = '6f1c3f0e-5a47-4ad5-9a49-7f4f2f0d6b01';
export const AGENT: AgentRef = { id: CHAIN, did: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', version: '1.0.0', build: digestBytes('build') };
const did = (letter: string) => `did:key:z6Mk${letter.repeat(44)}`;
export const ANNA: Operator = { id: 'anna', name: 'Anna', did: did('a'), roles: ['finance'] };
export const BERT: Operator = { id: 'bert', name: 'Bert', did: did('b'), roles: ['engineering', 'finance'] };
export const CARA: Operator = { id: 'cara', name: 'Cara', did: did('c'), roles: ['legal'] };

const text = { type: 'string' };
const tool = (name: string, properties: JsonObject, command: readonly string[] = ['true']): Tool => ({
  name, description: name, command, input: { type: 'object', properties, required: [], additionalProperties: false }, output: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
});
export const TOOLS: readonly Tool[] = [
  tool('pay', { amount: {}, to: text, tags: { type: 'array' }, count: {} }),
  tool('move', { file: text, to: text, folder: text }),
  tool('notify', { to: text }),
];
export const CAPABILITIES: readonly Capability[] = [
  { id: 'payments', description: 'pays', permissions: ['pay:send'], tools: ['pay'], amounts: [{ tool: 'pay', path: '/amount', currency: 'USD' }] },
  { id: 'triage', description: 'sorts', permissions: ['mail:move'], tools: ['move', 'notify', 'pay'] },
];
export const LIMITS: LimitsSection = { currency: 'USD', perTransaction: '100.00', perDay: '250.00', alwaysHuman: [], detectionDelay: 'P1D' };
export const TRIGGERS: TriggersSection = { doubt: false, approval: { expires: 'PT4H', roles: ['finance'], quorum: 1 } };

export function policyWith(change: { limits?: Partial<LimitsSection>; triggers?: Partial<TriggersSection>; source?: Partial<PolicySource> } = {}): Policy {
  const policy = compilePolicy({
    agent: AGENT, tools: TOOLS, capabilities: CAPABILITIES, operators: [ANNA, BERT, CARA],
    limits: { ...LIMITS, ...change.limits }, triggers: { ...TRIGGERS, ...change.triggers }, ...change.source,
  });
  if (policy === null) throw new Error('the fixture has a policy');
  return policy;
}

export function proposal(change: Partial<ActionProposal> = {}): ActionProposal {
  return { id: 'a-1', capability: 'triage', tool: 'move', arguments: { file: 'm1', to: 'spam' }, confidence: '0.99', doubt: false, source: 'production', occurredAt: NOW, ...change };
}

export const payment = (amount: unknown, more: Partial<ActionProposal> = {}) =>
  proposal({ capability: 'payments', tool: 'pay', arguments: { amount: amount as string, to: 'bob' }, ...more });

export const FACTS: Facts = {
  now: NOW, argumentIssues: [], duplicate: false, suspended: null, metCapabilities: ['payments', 'triage'], patternKnown: true,
  approval: null, startsWithinHour: 0, available: null, escrowed: false,
};

export const grantBy = (operator: Operator, at = '2026-11-22T11:30:00.000Z'): Grant => ({ operator: operator.did, act: digestBytes(operator.id), ceremony: 'scripted', at });

/** A granted request for exactly this proposal. */
export function approvalFor(policy: Policy, asked: ActionProposal, change: Partial<Approval> = {}): Approval {
  return {
    id: 'ap-1', status: 'granted', action: describeAction(policy, asked).digest, tool: asked.tool, capability: asked.capability, rule: 'doubt', roles: ['finance'], quorum: 1,
    requester: AGENT.did, seq: 3, requestedAt: '2026-11-22T11:00:00.000Z', expiresAt: '2026-11-22T15:00:00.000Z', grants: [grantBy(ANNA)], decidedAt: '2026-11-22T11:30:00.000Z', reason: null, ...change,
  };
}

export function entry(type: string, data: JsonObject, ts = NOW, seq = 0): Entry {
  return { v: 1, chain: CHAIN, seq, ts, type, agent: AGENT, actor: 'agentctl', inputs: {}, data };
}

export const digestOf = (name: string): Digest => digestBytes(name);
export { actionDigest };
