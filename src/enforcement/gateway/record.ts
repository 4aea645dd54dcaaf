/** The entries that the gateway writes about one action. */
import type { Action, ActionProposal } from '../action.js';
import type { Decision, Facts, Unreadable } from '../decision.js';
import { millionths } from '../triggers.js';
import { digestJson, hexOf, type Digest } from '../../domain/digest.js';
import type { EntryDraft } from '../../domain/entry.js';
import type { JsonObject } from '../../domain/json.js';
import type { ToolRun } from '../../domain/ports.js';
import { addDuration, type Instant } from '../../domain/time.js';
import type { GatewayContext } from './facts.js';

/** What happened to an action: nothing, or a run of its tool. */
export interface Happened {
  readonly run: ToolRun | null;
  readonly post: 'ok' | 'failed' | 'none';
  readonly issues: readonly string[];
  readonly approval: string | null;
  readonly reservation: string | null;
}

export const NOT_RUN: Happened = { run: null, post: 'none', issues: [], approval: null, reservation: null };

/** Codes, digests and integers in the entry; arguments, result and reasons, which may be personal, in the payload. */
export function recordedDraft(context: GatewayContext, proposal: ActionProposal, action: Action | null, facts: Facts | Unreadable, decision: Decision, happened: Happened): EntryDraft {
  const { run, post, issues, approval, reservation } = happened;
  return {
    type: 'action.recorded',
    agent: context.agent,
    actor: 'agent',
    data: {
      action: proposal.id, digest: action?.digest ?? null, capability: named(proposal.capability), tool: named(proposal.tool),
      decision: decision.decision, rule: decision.rule, pattern: action?.pattern ?? null,
      confidence: millionths(proposal.confidence) === null ? null : proposal.confidence, doubt: proposal.doubt,
      pre: preOf(context, proposal, facts), post, outcome: run?.outcome ?? 'not-run',
      approval, reservation, source: proposal.source, policy: context.policy?.digest ?? null, milliseconds: Math.max(0, Math.round(run?.milliseconds ?? 0)),
    },
    payload: {
      arguments: proposal.arguments, occurredAt: proposal.occurredAt, because: decision.because,
      reasons: decision.reasons.map(({ rule, because }) => ({ rule, because })),
      result: run?.result ?? null, message: run?.message ?? '', issues,
    },
  };
}

export function intentDraft(context: GatewayContext, proposal: ActionProposal, action: Action, policy: Digest, held: Pick<Happened, 'approval' | 'reservation'>): EntryDraft {
  const data = {
    action: proposal.id, digest: action.digest, capability: proposal.capability, tool: proposal.tool,
    approval: held.approval, reservation: held.reservation, source: proposal.source, policy,
  };
  return { type: 'action.intent', agent: context.agent, actor: 'agentctl', data };
}

/** A request to the humans; its id is new whenever the same action is asked for again later. */
export function requestDraft(context: GatewayContext, proposal: ActionProposal, action: Action, decision: Decision, { now, after }: { now: Instant; after: string | null }): EntryDraft & { readonly data: { readonly id: string } & JsonObject } {
  const needs = decision.needs ?? { roles: [], quorum: 1, expires: 'PT0S' };
  const id = `ap-${hexOf(digestJson({ action: action.digest, attempt: proposal.id, after, now })).slice(0, 16)}`;
  return {
    type: 'approval.requested',
    agent: context.agent,
    actor: 'agentctl',
    data: {
      id, action: action.digest, tool: proposal.tool, capability: proposal.capability, rule: decision.rule,
      expiresAt: addDuration(now, needs.expires), roles: needs.roles, quorum: needs.quorum,
    },
    payload: {
      arguments: proposal.arguments, confidence: proposal.confidence, doubt: proposal.doubt, because: decision.because,
      reasons: decision.reasons.map(({ rule, because }) => ({ rule, because })),
    },
  };
}

export function approvalDraft(context: GatewayContext, type: 'approval.consumed' | 'approval.expired', id: string, action: string): EntryDraft {
  return { type, agent: context.agent, actor: 'agentctl', data: { id, action } };
}

function preOf({ policy }: GatewayContext, proposal: ActionProposal, facts: Facts | Unreadable): 'ok' | 'failed' | 'none' {
  if ('unreadable' in facts || policy?.tools.has(proposal.tool) !== true) return 'none';
  return facts.argumentIssues.length === 0 ? 'ok' : 'failed';
}

/** A name as the agent gave it: an undeclared one may be empty or endless. */
function named(text: string): string {
  return text === '' ? '(empty)' : text.slice(0, 200).toWellFormed();
}
