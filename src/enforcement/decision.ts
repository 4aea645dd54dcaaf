/** The decision: permit, deny or escalate, from policy, proposal and facts alone. Deny wins over escalate, escalate over permit. */
import { describeAction, type Action, type ActionProposal } from './action.js';
import { consumable, statusAt, type Approval } from './approvals.js';
import { Fault } from '../domain/fault.js';
import { formatMoney, type Money } from '../domain/money.js';
import type { Instant } from '../domain/time.js';
import type { Policy } from './policy.js';
import { customHit, millionths, type TriggersSection } from './triggers.js';

/** Why, as a code. `custom:<id>` names a condition of the manifest. */
export type Rule =
  | 'policy-missing' | 'facts-unreadable' | 'suspended' | 'tool-unlisted' | 'capability-undeclared' | 'tool-outside-capability' | 'arguments-invalid'
  | 'duplicate' | 'amount-invalid' | 'currency-without-limit' | 'over-transaction-limit' | 'escrow-required' | 'over-daily-limit' | 'over-hourly-actions'
  | 'approval-denied' | 'approval-expired' | 'reservation-failed'
  | 'always-human' | 'human-review' | 'materiality' | 'confidence' | 'scope' | 'first-encounter' | 'doubt' | `custom:${string}`
  | 'approved' | 'within-policy';

export interface Reason {
  readonly rule: Rule;
  readonly because: string;
}

export interface Decision extends Reason {
  readonly decision: 'permit' | 'deny' | 'escalate';
  /** Every trigger or refusal that fired, the deciding one first. */
  readonly reasons: readonly Reason[];
  /** Money to reserve before the tool runs. */
  readonly reserve: Money | null;
  /** The approval to consume on a permit, or to wait for. */
  readonly approval: string | null;
  /** What an escalation needs. */
  readonly needs: TriggersSection['approval'] | null;
}

/** What was looked up for the decision. */
export interface Facts {
  readonly now: Instant;
  /** What is wrong with the arguments by the tool's JSON Schema; empty when they are valid. */
  readonly argumentIssues: readonly string[];
  /** The id of this attempt was started before. */
  readonly duplicate: boolean;
  /** The open incident that suspends the agent. */
  readonly suspended: string | null;
  /** Capabilities whose pact conditions were all met in the accepted baseline; null when nobody knows. */
  readonly metCapabilities: readonly string[] | null;
  readonly patternKnown: boolean;
  /** The request that speaks for this action, its votes already authenticated. */
  readonly approval: Approval | null;
  readonly startsWithinHour: number;
  /** Minor units left of the daily limit; null when only the reservation will tell. */
  readonly available: bigint | null;
  /** The money lies in escrow for this action. */
  readonly escrowed: boolean;
}

/** A fact could not be read: nothing may be concluded from its absence. */
export interface Unreadable {
  readonly unreadable: string;
}

/**
 * Decides one action. Pure; knows no clock and no store; p99 within 0.2 ms.
 * An approval for exactly this action turns an escalation into a permit, never a denial.
 */
export function decide(policy: Policy | null, proposal: ActionProposal, facts: Facts | Unreadable): Decision {
  if (policy === null) return deny([{ rule: 'policy-missing', because: 'agent.yaml declares no limits or no triggers' }]);
  if ('unreadable' in facts) return deny([{ rule: 'facts-unreadable', because: facts.unreadable }]);
  const action = described(policy, proposal);
  if (action === null) return deny([{ rule: 'arguments-invalid', because: 'the arguments are not plain JSON' }]);
  const refusals = refusalsOf(policy, proposal, action, facts);
  if (refusals.length > 0) return deny(refusals);
  const triggers = triggersOf(policy, proposal, action, facts);
  const reserve = action.amount.is === 'sum' && action.amount.money.minor > 0n ? action.amount.money : null;
  const [first] = triggers;
  const { approval } = facts;
  if (first === undefined) return { decision: 'permit', rule: 'within-policy', because: 'inside every limit, and no trigger fired', reasons: [], reserve, approval: null, needs: null };
  if (approval !== null && consumable(approval, action.digest, facts.now).may) {
    return { decision: 'permit', rule: 'approved', because: `approved by ${approval.grants.length} of ${approval.quorum}: ${first.because}`, reasons: triggers, reserve, approval: approval.id, needs: null };
  }
  const waiting = approval !== null && approval.action === action.digest && statusAt(approval, facts.now) === 'pending' ? approval.id : null;
  return { decision: 'escalate', ...first, reasons: triggers, reserve: null, approval: waiting, needs: policy.triggers.approval };
}

/** Null for what has no canonical form, such as NaN: without a digest there is nothing to bind a decision to. */
function described(policy: Policy, proposal: ActionProposal): Action | null {
  try {
    return describeAction(policy, proposal);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

/** A denial from outside the pure decision, such as a reservation that was not granted. */
export function deny(reasons: readonly Reason[]): Decision {
  const [first = { rule: 'facts-unreadable', because: 'no reason was given' } satisfies Reason] = reasons;
  return { decision: 'deny', ...first, reasons, reserve: null, approval: null, needs: null };
}

function refusalsOf(policy: Policy, proposal: ActionProposal, action: Action, facts: Facts): readonly Reason[] {
  const found: Reason[] = [];
  const refuse = (rule: Rule, because: string) => found.push({ rule, because });
  const capability = policy.capabilities.get(proposal.capability);
  if (facts.suspended !== null) refuse('suspended', `incident ${facts.suspended} suspends the agent`);
  if (!policy.tools.has(proposal.tool)) refuse('tool-unlisted', `tool "${proposal.tool}" is not declared`);
  if (capability === undefined) refuse('capability-undeclared', `capability "${proposal.capability}" is not declared`);
  else if (!capability.tools.includes(proposal.tool)) refuse('tool-outside-capability', `capability ${capability.id} may not use "${proposal.tool}"`);
  if (facts.argumentIssues.length > 0) refuse('arguments-invalid', facts.argumentIssues.join('; '));
  if (facts.duplicate) refuse('duplicate', `action ${proposal.id} was started before`);
  for (const reason of moneyRefusals(policy, action, facts)) found.push(reason);
  const most = policy.limits.maximumActionsPerHour;
  if (most !== null && facts.startsWithinHour >= most) refuse('over-hourly-actions', `${facts.startsWithinHour} of ${most} actions were started within the hour`);
  const { approval } = facts;
  if (approval !== null && approval.action === action.digest) {
    const status = statusAt(approval, facts.now);
    if (status === 'denied' && facts.now < approval.expiresAt) refuse('approval-denied', `a human refused this action (${approval.reason ?? 'no reason'}); it may be asked again after ${approval.expiresAt}`);
    if (status === 'expired') refuse('approval-expired', `nobody approved before ${approval.expiresAt}`);
  }
  return found;
}

function moneyRefusals({ limits }: Policy, { amount }: Action, facts: Facts): readonly Reason[] {
  if (amount.is === 'none') return [];
  if (amount.is === 'invalid') return [{ rule: 'amount-invalid', because: amount.because }];
  const { money } = amount;
  const text = `${formatMoney(money)} ${money.currency}`;
  if (money.currency !== limits.currency) return [{ rule: 'currency-without-limit', because: `no limit covers ${money.currency}` }];
  const found: Reason[] = [];
  if (money.minor > limits.perTransaction.minor) found.push({ rule: 'over-transaction-limit', because: `${text} is over the limit of ${formatMoney(limits.perTransaction)} a transaction` });
  if (limits.escrowAbove !== null && money.minor > limits.escrowAbove.minor && !facts.escrowed) found.push({ rule: 'escrow-required', because: `${text} is over ${formatMoney(limits.escrowAbove)}, and no escrow holds it` });
  const left = facts.available;
  if (money.minor > (left ?? limits.perDay.minor)) {
    const free = left === null ? '' : `, ${formatMoney({ minor: left < 0n ? 0n : left, currency: limits.currency })} of it left`;
    found.push({ rule: 'over-daily-limit', because: `${text} does not fit into ${formatMoney(limits.perDay)} per rolling 24 hours${free}` });
  }
  return found;
}

/** Confidence and doubt are the agent's own words, so they can only ever add a reason to ask. */
function triggersOf(policy: Policy, proposal: ActionProposal, action: Action, facts: Facts): readonly Reason[] {
  const { limits, triggers } = policy;
  const found: Reason[] = [];
  const ask = (rule: Rule, because: string) => found.push({ rule, because });
  if (limits.alwaysHuman.has(proposal.tool)) ask('always-human', `${proposal.tool} always needs a human`);
  if (policy.capabilities.get(proposal.capability)?.humanReview === 'all') ask('human-review', `a human reviews everything of ${proposal.capability}`);
  if (triggers.materiality !== null && action.amount.is === 'sum') {
    const { money } = action.amount;
    const above = triggers.materiality;
    if (money.currency !== above.currency || money.minor > above.minor) ask('materiality', `${formatMoney(money)} ${money.currency} is above ${formatMoney(above)} ${above.currency}`);
  }
  if (triggers.confidenceBelow !== null) {
    const stated = millionths(proposal.confidence);
    if (stated === null) ask('confidence', 'the agent stated no confidence');
    else if (stated < triggers.confidenceBelow) ask('confidence', `confidence ${proposal.confidence} is below ${triggers.confidenceBelow / 1_000_000}`);
  }
  if (triggers.scope) {
    if (facts.metCapabilities === null) ask('scope', 'no accepted baseline tells which task types the agent masters');
    else if (!facts.metCapabilities.includes(proposal.capability)) ask('scope', `the pact of ${proposal.capability} was not met in the accepted baseline`);
  }
  if (triggers.firstEncounter !== null && !facts.patternKnown) ask('first-encounter', 'this pattern has not occurred before');
  if (triggers.doubt && proposal.doubt) ask('doubt', 'the agent itself is in doubt');
  for (const trigger of triggers.custom) {
    const hit = customHit(trigger, proposal.tool, proposal.arguments);
    if (hit !== null) ask(`custom:${trigger.id}`, hit);
  }
  return found;
}
