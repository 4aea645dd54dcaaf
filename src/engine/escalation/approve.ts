/** `escalation approve <id>`: a human act over exactly one action. When the quorum is met, the action is carried out, once. */
import { describeAction, type ActionProposal, type ActionSource } from '../../enforcement/action.js';
import { statusAt, type Approval } from '../../enforcement/approvals.js';
import { executeAction, type ActionResult } from '../../enforcement/gateway/execute.js';
import { expireApprovals } from '../../enforcement/gateway/expire.js';
import { EXIT, Fault, type Exit } from '../../domain/fault.js';
import type { Report } from '../../domain/report.js';
import { visible } from '../../domain/visible.js';
import { canonical } from '../../domain/canonical.js';
import { activeFolder, runningAs } from '../active-build.js';
import { gatewayOf, requirePolicy } from '../gateway.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { textOption, type Verb } from '../verb.js';
import { checkEverything } from '../check-ledger.js';
import { gateTime } from '../status.js';
import { askedOf, requestById } from './requests.js';
import { castVote, refuseClosed } from './vote.js';

export const run: Verb = async (given, input) => {
  // The gateway reads tables that follow from the ledger: before anything is carried out they have to be what follows.
  await checkEverything(given);
  const active = await activeFolder(given);
  const session = runningAs(given, active);
  const request = await requestById(session, input.args[0]);
  const now = await gateTime(session);
  const { ports, context } = await gatewayOf(session, active.folder);
  if (statusAt(request, now) === 'expired') await expireApprovals(ports, context);
  refuseClosed(request, now);
  const proposal = await proposalOf(session, request);
  const policy = requirePolicy(session);
  if (describeAction(policy, proposal).digest !== request.action) {
    throw new Fault('REFUSED', `build, tool, limits or triggers changed since request ${request.id} was made, so it is for another action`, { hint: 'let the agent propose it again' });
  }
  // Granted already: the process that was to carry it out did not get that far. No second vote is needed.
  const signed = statusAt(request, now) === 'granted' ? null : await castVote(session, request, now, { act: 'approve', as: textOption(input, 'as'), verb: 'approve' });
  const granted = await requestById(session, request.id);
  const by = signed === null ? 'granted before' : `approved by ${signed.operator.name} (${signed.ceremony})`;
  if (granted.status !== 'granted') {
    return outcome({
      step: 'escalation', verb: 'approve', headline: `${request.id} ${by}: ${granted.grants.length} of ${granted.quorum} votes`,
      next: `agentctl escalation approve ${request.id} --as <operator>`, data: { id: request.id, votes: granted.grants.length, quorum: granted.quorum, executed: false },
    }, EXIT.human);
  }
  return carriedOut(granted, by, await executeAction(ports, context, proposal));
};

/** The proposal as it was put before the human; the entry beside the request names its attempt. */
async function proposalOf(session: Session, request: Approval): Promise<ActionProposal> {
  const asked = await askedOf(session, request);
  if (asked === null) throw new Fault('REFUSED', `the arguments of request ${request.id} were erased`, { hint: 'let the agent propose it again' });
  const beside = (await session.store.read(session.chain, request.seq + 1))?.entry;
  if (beside?.type !== 'action.recorded' || beside.data['approval'] !== request.id) throw new Fault('STORE_TAMPERED', `request ${request.id} has no recorded action beside it`, { at: `entry ${request.seq + 1}`, hint: 'agentctl audit verify' });
  const { confidence } = asked.payload;
  return {
    id: String(beside.data['action']), capability: request.capability, tool: request.tool, arguments: asked.arguments,
    confidence: typeof confidence === 'string' ? confidence : null, doubt: asked.payload['doubt'] === true,
    source: beside.data['source'] as ActionSource, occurredAt: beside.ts,
  };
}

const EXITS: Readonly<Record<ActionResult['outcome'], Exit>> = { done: EXIT.yes, failed: EXIT.no, unknown: EXIT.surroundings, 'not-run': EXIT.no };

function carriedOut(request: Approval, by: string, result: ActionResult): Report {
  const { outcome: what, decision, message } = result;
  const headline = what === 'not-run' ? `${by}, and not carried out: ${decision.because}` : `${by}, and carried out: ${what}${message === '' ? '' : `, ${visible(message)}`}`;
  return outcome({
    step: 'escalation', verb: 'approve', headline: `${request.id} ${headline}`,
    facts: [
      { label: 'tool', value: visible(request.tool) },
      { label: 'result', value: result.result === null ? 'none' : visible(canonical(result.result)) },
      { label: 'decision', value: `${decision.decision}, ${decision.rule}` },
      { label: 'entry', value: String(result.seq) },
    ],
    // Asked again: the votes did not stand, such as one that nobody signed or whose human lost the role.
    next: result.approval !== null && result.approval !== request.id ? `agentctl escalation approve ${result.approval} --as <operator>` : 'agentctl escalation list',
    data: { id: request.id, executed: what !== 'not-run', outcome: what, decision: decision.decision, rule: decision.rule, result: result.result, seq: result.seq },
  }, EXITS[what]);
}
