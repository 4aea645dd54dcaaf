/** The one door: look, decide, hold the money, take the approval, write the intent, run the tool, write what came of it. */
import type { Action, ActionProposal } from '../action.js';
import { consumable } from '../approvals.js';
import { decide, deny, type Decision } from '../decision.js';
import type { Policy } from '../policy.js';
import { digestJson, hexOf } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Guard, ToolRun } from '../../domain/ports.js';
import type { EntryDraft, StoredEntry } from '../../domain/entry.js';
import type { JsonObject } from '../../domain/json.js';
import { addDuration } from '../../domain/time.js';
import { lookUp, type GatewayContext, type GatewayPorts, type Look } from './facts.js';
import { approvalDraft, intentDraft, NOT_RUN, recordedDraft, requestDraft, type Happened } from './record.js';

export interface ActionResult {
  readonly decision: Decision;
  readonly outcome: ToolRun['outcome'] | 'not-run';
  readonly result: JsonObject | null;
  readonly message: string;
  /** The approval that was consumed, or is waited for. */
  readonly approval: string | null;
  readonly reservation: string | null;
  /** Place of its `action.recorded` in the ledger. */
  readonly seq: number;
}

/** How often to look again when somebody else changed what was read. */
const ATTEMPTS = 8;
/** A reservation whose action never started may be released after this time. */
const HOLD = 'PT15M';

interface Turn {
  readonly ports: GatewayPorts;
  readonly context: GatewayContext;
  readonly proposal: ActionProposal;
  readonly look: Look;
  readonly attempt: number;
}

/**
 * Carries out one proposal, or refuses it, or puts it before a human. Proposing the same action again after the approval
 * runs it exactly once; while the request is open it joins the request.
 *
 * @throws {Fault} when the ledger cannot be written; then either nothing ran, or an intent without an outcome says so
 */
export async function executeAction(ports: GatewayPorts, context: GatewayContext, given: ActionProposal): Promise<ActionResult> {
  // A copy of plain JSON: what was judged is what runs, whatever the caller does to its object meanwhile.
  const proposal: ActionProposal = { ...given, arguments: JSON.parse(JSON.stringify(given.arguments)) as JsonObject };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const look = await lookUp(ports, context, proposal);
    const turn = { ports, context, proposal, look, attempt };
    const result = await take(turn, decide(context.policy, proposal, look.facts));
    if (result !== 'moved-on') return result;
  }
  const look = await lookUp(ports, context, proposal);
  return refuse({ ports, context, proposal, look, attempt: ATTEMPTS }, deny([{ rule: 'facts-unreadable', because: 'the record changed under every attempt' }]));
}

async function take(turn: Turn, decision: Decision): Promise<ActionResult | 'moved-on'> {
  const { action } = turn.look;
  const { policy } = turn.context;
  if (decision.decision === 'deny' || action === null || policy === null) return refuse(turn, decision);
  return decision.decision === 'escalate' ? escalate(turn, decision, action) : permit(turn, decision, action, policy);
}

async function refuse(turn: Turn, decision: Decision): Promise<ActionResult> {
  const { facts } = turn.look;
  const late = 'unreadable' in facts || !decision.reasons.some(({ rule }) => rule === 'approval-expired') ? null : facts.approval;
  const before = late === null ? [] : [approvalDraft(turn.context, 'approval.expired', late.id, late.action)];
  return record(turn, decision, NOT_RUN, before);
}

async function escalate(turn: Turn, decision: Decision, action: Action): Promise<ActionResult | 'moved-on'> {
  const { context, proposal, look } = turn;
  if (decision.approval !== null) return record(turn, decision, { ...NOT_RUN, approval: decision.approval });
  if ('unreadable' in look.facts) throw new Fault('INTERNAL', 'an escalation without facts');
  const request = requestDraft(context, proposal, action, decision, { now: look.facts.now, after: look.request });
  const happened = { ...NOT_RUN, approval: request.data.id };
  return orMovedOn(record(turn, { ...decision, approval: request.data.id }, happened, [request], look.requestGuards));
}

async function permit(turn: Turn, decision: Decision, action: Action, policy: Policy): Promise<ActionResult | 'moved-on'> {
  const { ports: { store }, context, proposal, look } = turn;
  const tool = policy.tools.get(proposal.tool)?.tool;
  if (tool === undefined) throw new Fault('INTERNAL', 'a permit for a tool that is not declared');
  const held = await reserve(turn, decision, action, policy);
  if ('refused' in held) return refuse(turn, held.refused);
  const { reservation } = held;
  const approval = decision.approval ?? grantedFor(look, action);
  const drafts = [
    ...(approval === null ? [] : [approvalDraft(context, 'approval.consumed', approval, action.digest)]),
    intentDraft(context, proposal, action, policy.digest, { approval, reservation }),
  ];
  // One transaction: whoever comes second finds the approval used, the action started or the agent suspended, and starts nothing.
  const guards = [...look.startGuards, ...(approval === null ? [] : look.approvalGuards)];
  if ((await orMovedOn(store.append(context.chain, drafts, { guards }))) === 'moved-on') {
    await release(turn, reservation);
    return 'moved-on';
  }
  const run = await runTool(turn, tool);
  const checked = await validate(turn, tool.output, run);
  const result = await record(turn, decision, { run, ...checked, approval, reservation });
  await settle(turn, decision, reservation, run);
  return result;
}

/** What policy alone permits by now uses up a grant for it as well: left open, it would let the same action run a second time. */
function grantedFor({ facts }: Look, action: Action): string | null {
  if ('unreadable' in facts || facts.approval === null) return null;
  return consumable(facts.approval, action.digest, facts.now).may ? facts.approval.id : null;
}

async function reserve({ ports: { store, clock }, context, proposal, attempt }: Turn, { reserve: amount }: Decision, action: Action, policy: Policy): Promise<{ reservation: string | null } | { refused: Decision }> {
  if (amount === null) return { reservation: null };
  const now = clock.now();
  const id = `rs-${hexOf(digestJson({ action: proposal.id, attempt, now })).slice(0, 24)}`;
  const { perTransaction, perDay, window } = policy.limits;
  try {
    const result = await store.reserve(context.chain, {
      id, agent: context.agent, amount, action: action.digest, expiresAt: addDuration(now, HOLD),
      limit: { perTransaction: perTransaction.minor, perWindow: perDay.minor, window },
    });
    return result.granted ? { reservation: id } : { refused: deny([{ rule: 'over-daily-limit', because: result.reason }]) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { refused: deny([{ rule: 'reservation-failed', because: error.message }]) };
  }
}

/** Frees what was held for a start that did not happen, unless the very same attempt was started elsewhere under this hold. */
async function release({ ports: { store }, context, proposal }: Turn, reservation: string | null): Promise<void> {
  if (reservation === null) return;
  const started = await store.projected(context.chain, 'actions', proposal.id);
  if (started?.['reservation'] !== reservation) await store.void(context.chain, reservation, 'not-started', context.agent);
}

/** Never throws: after the intent is written, whatever cannot be told is unknown. */
async function runTool({ ports, context, proposal }: Turn, tool: Parameters<GatewayPorts['tools']['run']>[0]): Promise<ToolRun> {
  try {
    return await ports.tools.run(tool, proposal.arguments, { folder: context.folder, build: context.build });
  } catch (error) {
    return { outcome: 'unknown', result: null, message: error instanceof Error ? error.message : 'unknown reason', milliseconds: 0 };
  }
}

async function validate({ ports }: Turn, output: JsonObject | undefined, run: ToolRun): Promise<Pick<Happened, 'post' | 'issues'>> {
  if (output === undefined || run.outcome !== 'done') return { post: 'none', issues: [] };
  try {
    const issues = await ports.schemas.check(output, run.result);
    return { post: issues.length === 0 ? 'ok' : 'failed', issues: issues.map(({ pointer, message }) => `${pointer || 'the result'} ${message}`) };
  } catch (error) {
    return { post: 'failed', issues: [error instanceof Error ? error.message : 'unknown reason'] };
  }
}

/** Done books the money, failed frees it, unknown keeps holding it until somebody finds out. */
async function settle({ ports: { store }, context }: Turn, { reserve: amount }: Decision, reservation: string | null, { outcome }: ToolRun): Promise<void> {
  if (reservation === null || amount === null || outcome === 'unknown') return;
  if (outcome === 'done') await store.post(context.chain, reservation, amount, context.agent);
  else await store.void(context.chain, reservation, 'tool-failed', context.agent);
}

async function record({ ports, context, proposal, look }: Turn, decision: Decision, happened: Happened, before: readonly EntryDraft[] = [], guards: readonly Guard[] = []): Promise<ActionResult> {
  const draft = recordedDraft(context, proposal, look.action, look.facts, decision, happened);
  const stored: readonly StoredEntry[] = await ports.store.append(context.chain, [...before, draft], { guards });
  const { run, approval, reservation } = happened;
  return { decision, outcome: run?.outcome ?? 'not-run', result: run?.result ?? null, message: run?.message ?? '', approval, reservation, seq: stored.at(-1)?.entry.seq ?? -1 };
}

/** A guard that no longer holds is no error: somebody else was first. */
async function orMovedOn<T>(write: Promise<T>): Promise<T | 'moved-on'> {
  try {
    return await write;
  } catch (error) {
    if (error instanceof Fault && error.code === 'REFUSED') return 'moved-on';
    throw error;
  }
}
