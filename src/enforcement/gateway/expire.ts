/** Writes down which requests ran out of time. The denial does not wait for this: a late approval is refused anyway. */
import { approvalOf, statusAt } from '../approvals.js';
import type { GatewayContext, GatewayPorts } from './facts.js';
import { approvalDraft } from './record.js';

/** @returns ids of the requests that were closed */
export async function expireApprovals({ store, clock }: Pick<GatewayPorts, 'store' | 'clock'>, context: GatewayContext): Promise<readonly string[]> {
  const now = clock.now();
  const states = [...(await store.projection(context.chain, 'approvals')).values()].map(approvalOf);
  const late = states.filter((approval) => approval.status !== 'expired' && statusAt(approval, now) === 'expired');
  if (late.length > 0) await store.append(context.chain, late.map(({ id, action }) => approvalDraft(context, 'approval.expired', id, action)));
  return late.map(({ id }) => id);
}
