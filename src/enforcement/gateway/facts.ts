/** Reads what a decision needs, and remembers what was read, so that the next write can insist that it still holds. */
import { STARTS, startsWithinHour } from '../activity.js';
import { describeAction, type Action, type ActionProposal } from '../action.js';
import { approvalOf, standingGrants, statusAt, type Approval, type Grant } from '../approvals.js';
import type { Facts, Unreadable } from '../decision.js';
import { isKnown } from '../patterns.js';
import type { Policy } from '../policy.js';
import { admit, readReservation, type Reservation } from '../reservations.js';
import { suspendedBy, SUSPENSION_KEY } from '../suspension.js';
import type { AgentRef } from '../../domain/entry.js';
import type { JsonObject } from '../../domain/json.js';
import { addDuration, type Instant } from '../../domain/time.js';
import type { Clock, Guard, Schemas, Store, Tools } from '../../domain/ports.js';

export interface GatewayPorts {
  readonly store: Store;
  readonly tools: Tools;
  readonly schemas: Schemas;
  readonly clock: Clock;
  /** Whether the signed act behind a vote is genuine, by that operator and over `approvalSubject(approval)`. An entry alone proves no human. */
  authenticated(grant: Grant, approval: Approval): Promise<boolean>;
}

export interface GatewayContext {
  readonly chain: string;
  readonly agent: AgentRef;
  /** Null denies everything. */
  readonly policy: Policy | null;
  /** Folder of agent.yaml, where tools run. */
  readonly folder: string;
  /** Folder of the active build. */
  readonly build: string;
  /** Capabilities whose pact conditions were all met in the accepted baseline; null when there is none. */
  readonly metCapabilities: readonly string[] | null;
}

/** One look at the world. */
export interface Look {
  readonly action: Action | null;
  readonly facts: Facts | Unreadable;
  /** The request that spoke for the action until now, whatever became of it. */
  readonly request: string | null;
  /** Must hold when the action starts: not suspended, not started before, nobody started another one where starts are counted. */
  readonly startGuards: readonly Guard[];
  /** Must hold when the approval is consumed. */
  readonly approvalGuards: readonly Guard[];
  /** Must hold when a request is made: no other request speaks for the action yet. */
  readonly requestGuards: readonly Guard[];
}

const NOTHING = { request: null, startGuards: [], approvalGuards: [], requestGuards: [] };

/** @returns facts, or why they cannot be read; it never throws, so that the caller can always decide (and then denies) */
export async function lookUp(ports: GatewayPorts, context: GatewayContext, proposal: ActionProposal): Promise<Look> {
  const { policy } = context;
  if (policy === null) return { ...NOTHING, action: null, facts: { unreadable: 'there is no policy' } };
  try {
    const action = describeAction(policy, proposal);
    return await readFacts(ports, context, policy, proposal, action);
  } catch (error) {
    return { ...NOTHING, action: null, facts: { unreadable: `facts cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}` } };
  }
}

async function readFacts({ store, schemas, clock, authenticated }: GatewayPorts, { chain, metCapabilities }: GatewayContext, policy: Policy, proposal: ActionProposal, action: Action): Promise<Look> {
  const declared = policy.tools.get(proposal.tool);
  const counted = policy.limits.maximumActionsPerHour !== null;
  const one = (projection: string, key: string) => store.projected(chain, projection, key);
  const [issues, suspension, started, pattern, index, starts] = await Promise.all([
    declared === undefined ? [] : schemas.check(declared.tool.input, proposal.arguments),
    one('suspension', SUSPENSION_KEY),
    one('actions', proposal.id),
    one('patterns', action.pattern),
    one('approval-by-action', action.digest),
    counted ? store.projection(chain, 'starts') : new Map<string, JsonObject>(),
  ]);
  const id = index?.['id'];
  const state = typeof id === 'string' ? await one('approvals', id) : undefined;
  // Read last: a clock read before a slow store would make an approval look fresher than it is.
  const now = clock.now();
  const approval = state === undefined ? null : await trusted(approvalOf(state), policy, authenticated);
  return {
    action,
    request: typeof id === 'string' ? id : null,
    facts: {
      now,
      argumentIssues: issues.map(({ pointer, message }) => `${pointer || 'the arguments'} ${message}`),
      duplicate: started !== undefined,
      suspended: suspendedBy(suspension),
      metCapabilities,
      patternKnown: isKnown(pattern, policy.triggers.firstEncounter?.learn ?? 'approved'),
      approval: approval !== null && statusAt(approval, now) === 'denied' && now >= approval.expiresAt ? null : approval,
      startsWithinHour: startsWithinHour(starts, now),
      available: await left(store, chain, policy, action, now),
      escrowed: false,
    },
    startGuards: [
      guard('suspension', SUSPENSION_KEY, suspension),
      guard('actions', proposal.id, started),
      ...(counted ? [guard('starts', STARTS, starts.get(STARTS))] : []),
    ],
    approvalGuards: typeof id === 'string' ? [guard('approvals', id, state)] : [],
    requestGuards: [guard('approval-by-action', action.digest, index)],
  };
}

/** What is left of the day for this amount, so that no human is asked for what will be refused; the reservation has the last word. */
async function left(store: Store, chain: string, { agent, limits }: Policy, { amount, digest }: Action, now: Instant): Promise<bigint | null> {
  if (amount.is !== 'sum') return null;
  const reservations = new Map<string, Reservation>();
  for (const [id, state] of await store.projection(chain, 'reservations')) {
    const reservation = readReservation(state);
    if (reservation) reservations.set(id, reservation);
  }
  const { perTransaction, perDay, window } = limits;
  const limit = { perTransaction: perTransaction.minor, perWindow: perDay.minor, window };
  const admission = admit({ id: digest, agent, amount: amount.money, action: digest, limit, expiresAt: addDuration(now, 'PT1S') }, reservations, now);
  return admission.is === 'refused' ? admission.available : null;
}

/** Votes count only while their human is still an operator with a fitting role, and only if the signature behind them is genuine. */
async function trusted(approval: Approval, policy: Policy, authenticated: GatewayPorts['authenticated']): Promise<Approval> {
  if (approval.status !== 'granted') return approval;
  const grants: Grant[] = [];
  for (const grant of standingGrants(approval, policy.operators)) if (await authenticated(grant, approval)) grants.push(grant);
  return { ...approval, grants };
}

function guard(projection: string, key: string, state: JsonObject | undefined): Guard {
  return { kind: 'projection-is', projection, key, state: state ?? null };
}
