/** `escalation deny <id>`: a human act too. One refusal ends the request, whatever others voted. */
import { statusAt } from '../../enforcement/approvals.js';
import { expireApprovals } from '../../enforcement/gateway/expire.js';
import { Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { REFUSALS } from '../../ledger/types/escalation.js';
import { gatewayOf } from '../gateway.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { gateTime } from '../status.js';
import { requestById } from './requests.js';
import { castVote } from './vote.js';

export const run: Verb = async (session, input) => {
  const reason = textOption(input, 'reason') ?? 'other';
  if (!REFUSALS.some((one) => one === reason)) throw new Fault('USAGE', `--reason "${reason}" is none of the reasons`, { hint: `--reason ${REFUSALS.join(' | ')}` });
  const request = await requestById(session, input.args[0]);
  const now = await gateTime(session);
  if (statusAt(request, now) === 'expired') {
    const { ports, context } = await gatewayOf(session);
    await expireApprovals(ports, context);
  }
  const signed = await castVote(session, request, now, { act: 'deny', as: textOption(input, 'as'), verb: 'deny', reason });
  return outcome({
    step: 'escalation', verb: 'deny', headline: `${request.id} denied by ${signed.operator.name} (${signed.ceremony}): ${reason}`,
    facts: [{ label: 'until', value: `the same action is denied until ${readable(request.expiresAt)}` }],
    next: 'agentctl escalation list', data: { id: request.id, reason, operator: signed.operator.id },
  });
};
