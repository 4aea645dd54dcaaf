/** Writes an end under what a dead process began: nobody knows whether the action happened, and that is now on record (row 8.6). */
import { openIntents, runsUntil } from '../activity.js';
import type { Entry, EntryDraft } from '../../domain/entry.js';
import type { GatewayContext, GatewayPorts } from './facts.js';

/** Money that was held stays held: an unknown outcome frees nothing. @returns ids of the actions whose outcome is now unknown */
export async function recordLost({ store, clock }: Pick<GatewayPorts, 'store' | 'clock'>, context: Pick<GatewayContext, 'chain' | 'agent'>): Promise<readonly string[]> {
  const states = await store.projection(context.chain, 'actions');
  if (![...states.values()].some((state) => state['outcome'] === 'open')) return [];
  const entries = [...(await store.readEvidence(context.chain, 'action.intent')), ...(await store.readEvidence(context.chain, 'action.recorded'))].sort((a, b) => a.seq - b.seq);
  const lost = openIntents(entries).filter((intent) => runsUntil(intent) < clock.now());
  for (const intent of lost) {
    const action = String(intent.data['action']);
    // Whoever writes an outcome after all, in this very moment, was first.
    const guard = { kind: 'projection-is', projection: 'actions', key: action, state: states.get(action) ?? null } as const;
    await store.append(context.chain, [lostDraft(context, intent)], { guards: [guard] });
  }
  return lost.map((intent) => String(intent.data['action']));
}

function lostDraft({ agent }: Pick<GatewayContext, 'agent'>, { seq, data }: Entry): EntryDraft {
  const { action, digest, capability, tool, approval, reservation, source, policy } = data;
  return {
    type: 'action.recorded',
    agent,
    actor: 'agentctl',
    data: {
      action: action ?? null, digest: digest ?? null, capability: capability ?? null, tool: tool ?? null, decision: 'permit', rule: 'outcome-lost', pattern: null, confidence: null, doubt: false,
      pre: 'ok', post: 'none', outcome: 'unknown', approval: approval ?? null, reservation: reservation ?? null, source: source ?? null, policy: policy ?? null, milliseconds: 0,
    },
    payload: { because: `the process that wrote intent ${seq} ended before it could say what came of it` },
  };
}
