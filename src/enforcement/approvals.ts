/** Approvals: bound to one action, by different authenticated humans, used once, gone when late. Their state is a fold over the ledger. */
import { digestJson, type Digest } from '../domain/digest.js';
import type { AgentRef, Entry } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import type { Operator } from '../domain/manifest.js';
import type { Role } from '../domain/names.js';
import type { Projection, ProjectionChange } from '../domain/projection.js';
import type { Instant } from '../domain/time.js';

export type ApprovalStatus = 'pending' | 'granted' | 'denied' | 'consumed' | 'expired';

/** One vote. `operator` is the DID of the human's key; `act` the digest of the signed act. */
export type Grant = { readonly operator: string; readonly act: Digest; readonly ceremony: string; readonly at: Instant };

/** The state of one request, as the projection keeps it. Roles and quorum are frozen in the request. */
export type Approval = {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly action: Digest;
  readonly tool: string;
  readonly capability: string;
  readonly rule: string;
  readonly roles: readonly Role[];
  readonly quorum: number;
  /** DID of the agent that asked, which may not answer. */
  readonly requester: string | null;
  /** Place of the request in the ledger, where its payload holds the full arguments. */
  readonly seq: number;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly grants: readonly Grant[];
  readonly decidedAt: Instant | null;
  /** Code of a refusal. */
  readonly reason: string | null;
};

export function approvalOf(state: JsonObject): Approval {
  return state as unknown as Approval;
}

const TYPES = ['approval.requested', 'approval.granted', 'approval.denied', 'approval.consumed', 'approval.expired'] as const;

/** Key: id of the request. State: {@link Approval}. An entry that may not change the state changes nothing. */
export const approvalsProjection: Projection = {
  name: 'approvals',
  types: TYPES,
  apply(entry, read) {
    const id = String(entry.data['id']);
    const state = read(id);
    if (entry.type === 'approval.requested') return state === undefined ? [{ key: id, state: requested(id, entry) }] : [];
    if (state === undefined) return [];
    const next = follow(approvalOf(state), entry);
    return next === null ? [] : [{ key: id, state: next as JsonObject }];
  },
};

/** Key: digest of an action. State: `{id}` of the request that speaks for it now; freed when it is consumed or expired, kept when denied. */
export const approvalByActionProjection: Projection = {
  name: 'approval-by-action',
  types: TYPES.filter((type) => type !== 'approval.granted' && type !== 'approval.denied'),
  apply(entry, read): readonly ProjectionChange[] {
    const key = String(entry.data['action']);
    const id = String(entry.data['id']);
    if (entry.type === 'approval.requested') return [{ key, state: { id } }];
    return read(key)?.['id'] === id ? [{ key, state: null }] : [];
  },
};

function requested(id: string, { seq, ts, agent, data }: Entry): JsonObject {
  return {
    id, status: 'pending', seq, requestedAt: ts, requester: agent.did,
    action: data['action'] ?? null, tool: data['tool'] ?? null, capability: data['capability'] ?? null, rule: data['rule'] ?? null,
    roles: data['roles'] ?? [], quorum: data['quorum'] ?? 1, expiresAt: data['expiresAt'] ?? ts,
    grants: [], decidedAt: null, reason: null,
  };
}

/** The next state, or null: votes that are late, double, for another action or by the agent itself do not count, whoever appended them. */
function follow(approval: Approval, { type, ts, data }: Entry): Approval | null {
  const open = approval.status === 'pending' || approval.status === 'granted';
  if (!open || data['action'] !== approval.action) return null;
  if (type === 'approval.expired') return ts >= approval.expiresAt ? { ...approval, status: 'expired', decidedAt: ts } : null;
  // Whoever consumes checks the time first; once it is written it has been used, and must not look open.
  if (type === 'approval.consumed') return approval.status === 'granted' ? { ...approval, status: 'consumed' } : null;
  if (ts >= approval.expiresAt) return null;
  if (type === 'approval.denied') return { ...approval, status: 'denied', decidedAt: ts, reason: String(data['reason']) };
  const operator = String(data['operator']);
  if (approval.status !== 'pending' || operator === approval.requester || approval.grants.some((grant) => grant.operator === operator)) return null;
  const grants = [...approval.grants, { operator, act: data['act'] as Digest, ceremony: String(data['ceremony']), at: ts }];
  return grants.length < approval.quorum ? { ...approval, grants } : { ...approval, grants, status: 'granted', decidedAt: ts };
}

/** The status now: an open request past its time is expired, whether or not anybody wrote that down. */
export function statusAt({ status, expiresAt }: Approval, now: Instant): ApprovalStatus {
  return (status === 'pending' || status === 'granted') && now >= expiresAt ? 'expired' : status;
}

/** What a human signs: this request for this action until then. The id makes an old signature useless for a new request. */
export function approvalSubject({ id, action, expiresAt }: Pick<Approval, 'id' | 'action' | 'expiresAt'>): Digest {
  return digestJson({ id, action, expiresAt });
}

export type May = { readonly may: true } | { readonly may: false; readonly because: string };

/** Whether this operator may vote on the request now; the same holds for a refusal. */
export function canGrant(approval: Approval, { now, operator, requester }: { now: Instant; operator: Pick<Operator, 'id' | 'did' | 'roles'>; requester: Pick<AgentRef, 'id' | 'did'> }): May {
  const status = statusAt(approval, now);
  if (status !== 'pending') return no(status === 'expired' ? `it expired at ${approval.expiresAt}` : `it is already ${status}`);
  if (now < approval.requestedAt) return no('the clock stands before the request');
  if ([requester.did, requester.id, approval.requester].includes(operator.did) || operator.id === requester.id) return no('whoever asks may not approve');
  if (!operator.roles.some((role) => approval.roles.includes(role))) return no(`${operator.id} holds none of the roles ${approval.roles.join(', ')}`);
  if (approval.grants.some((grant) => grant.operator === operator.did)) return no(`${operator.id} has already approved; the quorum needs somebody else`);
  return { may: true };
}

/** Whether the approval lets exactly this action run now, once. */
export function consumable(approval: Approval | null, action: Digest, now: Instant): May {
  if (approval === null) return no('there is no approval');
  if (approval.action !== action) return no('the approval is for another action');
  const status = statusAt(approval, now);
  if (status !== 'granted') return no(`the approval is ${status}`);
  if (approval.grants.some((grant) => now < grant.at)) return no('the clock stands before the approval');
  if (new Set(approval.grants.map((grant) => grant.operator)).size < approval.quorum) return no('the quorum is not met');
  return { may: true };
}

/** The grants whose operator is still there and still holds one of the roles. */
export function standingGrants(approval: Approval, operators: readonly Operator[]): readonly Grant[] {
  return approval.grants.filter((grant) => operators.some((operator) => operator.did === grant.operator && operator.roles.some((role) => approval.roles.includes(role))));
}

function no(because: string): May {
  return { may: false, because };
}
