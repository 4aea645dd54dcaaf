/** What the policy would decide about the actions of this agent: the recorded ones, or all declared ways to act when there are none yet. */
import type { ActionProposal, ActionSource } from '../../enforcement/action.js';
import { decide } from '../../enforcement/decision.js';
import { openFacts, plainProposal, waysOf, type Decide } from '../../enforcement/exercise.js';
import type { Policy } from '../../enforcement/policy.js';
import { isObject } from '../../domain/json.js';
import type { Entry } from '../../domain/entry.js';
import type { Session } from '../session.js';

export interface Replay {
  readonly of: 'recorded' | 'synthetic';
  readonly actions: number;
  readonly permit: number;
  readonly escalate: number;
  readonly deny: number;
  /** Decisions by rule, most frequent first. */
  readonly rules: readonly (readonly [rule: string, count: number])[];
  /** Actions that would have reserved money. */
  readonly reserving: number;
}

const MOST = 1000;

/** Nothing runs and nothing is recorded. */
export async function replay(session: Session, policy: Policy, decideWith: Decide = decide): Promise<Replay> {
  const now = session.world.clock.now();
  const recorded = await recordedProposals(session);
  const proposals = recorded.length > 0 ? recorded : syntheticProposals(policy, now);
  const facts = openFacts(policy, now);
  const decisions = proposals.map((proposal) => decideWith(policy, proposal, facts));
  const count = (kind: string) => decisions.filter(({ decision }) => decision === kind).length;
  const rules = new Map<string, number>();
  for (const { rule } of decisions) rules.set(rule, (rules.get(rule) ?? 0) + 1);
  return {
    of: recorded.length > 0 ? 'recorded' : 'synthetic', actions: proposals.length,
    permit: count('permit'), escalate: count('escalate'), deny: count('deny'),
    rules: [...rules].sort(([, a], [, b]) => b - a), reserving: decisions.filter(({ reserve }) => reserve !== null).length,
  };
}

async function recordedProposals({ store, chain }: Session): Promise<readonly ActionProposal[]> {
  const proposals: ActionProposal[] = [];
  for (const entry of await store.readEvidence(chain, 'action.recorded', MOST)) {
    const args = (await store.payload(chain, entry.seq))?.['arguments'];
    if (isObject(args)) proposals.push(proposalOf(entry, args));
  }
  return proposals;
}

function proposalOf({ ts, data }: Entry, args: ActionProposal['arguments']): ActionProposal {
  return {
    id: String(data['action']), capability: String(data['capability']), tool: String(data['tool']), arguments: args,
    confidence: typeof data['confidence'] === 'string' ? data['confidence'] : null, doubt: data['doubt'] === true, source: data['source'] as ActionSource, occurredAt: ts,
  };
}

/** Every declared way to act, from no confidence to full, with and without doubt. */
function syntheticProposals(policy: Policy, now: string): readonly ActionProposal[] {
  const confidences = Array.from({ length: 21 }, (_, step) => (step / 20).toFixed(2));
  return waysOf(policy).flatMap((way) => confidences.flatMap((confidence) => [false, true].map((doubt) => ({ ...plainProposal(way, now), confidence, doubt }))));
}
