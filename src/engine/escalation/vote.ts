/** One vote on one request: who may cast it, the signature over it, and the entry that counts it. */
import { approvalSubject, canGrant, statusAt, type Approval } from '../../enforcement/approvals.js';
import { short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { readable, type Instant } from '../../domain/time.js';
import { visible } from '../../domain/visible.js';
import type { JsonObject } from '../../domain/json.js';
import { actingOperator, performAct, type SignedAct } from '../human-act.js';
import type { Session } from '../session.js';
import { askedOf, NO_REQUEST_HINT, shown } from './requests.js';

export interface Vote {
  readonly act: 'approve' | 'deny';
  readonly as: string | undefined;
  /** The first words of the sentence that is signed. */
  readonly verb: string;
  readonly reason?: string;
}

/** @throws {Fault} REFUSED, APPROVAL_DENIED for a request that is no longer open */
export function refuseClosed(request: Approval, now: Instant): void {
  const status = statusAt(request, now);
  if (status === 'expired') throw new Fault('REFUSED', `request ${request.id} expired at ${readable(request.expiresAt)}; what expires is denied`, { hint: 'the agent has to ask again' });
  if (status === 'denied') throw new Fault('APPROVAL_DENIED', `request ${request.id} was denied (${request.reason ?? 'no reason'})`, { hint: `it may be asked again after ${readable(request.expiresAt)}` });
  if (status === 'consumed') throw new Fault('REFUSED', `request ${request.id} was approved and carried out; an approval is good for one time`, { hint: NO_REQUEST_HINT });
}

/**
 * Shows what is asked, lets the operator sign, and counts the vote if the request is still as it was shown.
 * @throws {Fault} NOT_ALLOWED, REFUSED, APPROVAL_DENIED, USAGE, and what signing may throw
 */
export async function castVote(session: Session, request: Approval, now: Instant, vote: Vote): Promise<SignedAct> {
  const { manifest, agent, world, store, chain } = session;
  refuseClosed(request, now);
  const acting = { as: vote.as, step: 'escalation', act: vote.act, roles: request.roles } as const;
  const operator = actingOperator(manifest, acting);
  const may = canGrant(request, { now, operator, requester: agent });
  if (!may.may) throw new Fault('NOT_ALLOWED', `${operator.id} may not vote on ${request.id}: ${may.because}`, { hint: NO_REQUEST_HINT });
  const asked = await askedOf(session, request);
  world.talk.say(`${visible(request.tool)} ${shown(asked?.arguments)}  (${request.rule})`);
  // The arguments may be personal and a signed act is never erased, so it names the action by its digest.
  const sentence = `I ${vote.verb} request ${request.id}: ${request.tool}, action ${short(request.action)}, open until ${readable(request.expiresAt)}.`;
  const subject = approvalSubject(request);
  const signed = await performAct(session, { ...acting, subject, sentence });
  const data: JsonObject = {
    id: request.id, action: request.action, subject, operator: signed.operator.did, act: signed.digest, ceremony: signed.ceremony,
    ...(vote.reason === undefined ? {} : { reason: vote.reason }),
  };
  await store.append(chain, [{ type: vote.act === 'approve' ? 'approval.granted' : 'approval.denied', agent, actor: signed.operator.did, data }], {
    blobs: [signed.blob],
    guards: [{ kind: 'projection-is', projection: 'approvals', key: request.id, state: request }],
  });
  return signed;
}
