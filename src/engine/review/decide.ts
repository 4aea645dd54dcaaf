/** `review decide`: an operator signs what becomes of the agent, over exactly the review that was written, with the actions agreed. */
import { digestJson, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { DECISIONS } from '../../ledger/types/review.js';
import { performAct } from '../human-act.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { listOption, requiredOption, textOption, type Verb, type VerbInput } from '../verb.js';

const USE = `--decision ${DECISIONS.join('|')}`;

export const run: Verb = async (session, input) => {
  const { store, chain, manifest } = session;
  const review = await store.latest(chain, 'review.run');
  if (!review) throw new Fault('EVIDENCE_MISSING', 'there is no review to decide on', { hint: 'agentctl review run' });
  const [stale] = await staleness(session, review, await gateTime(session));
  if (stale !== undefined) throw new Fault('EVIDENCE_MISSING', `the newest review is stale: ${stale}`, { hint: 'agentctl review run' });
  const decision = decisionOf(input);
  const actions = listOption(input, 'action').map((text) => text.trim()).filter((text) => text !== '');
  if (actions.length === 0 && (decision === 'demote' || decision === 'retire')) throw new Fault('USAGE', `${decision} needs at least one --action: what happens now, by whom, until when`, { at: '--action', hint: `--decision ${decision} --action "take it out of the mailbox of sales by Friday"` });
  const deliverable = review.data['deliverable'] as Digest;
  const due = review.validUntil ?? review.ts;
  // The texts are part of what is signed by their digest only: they may be personal, and stay in the payload.
  const subject = digestJson({ deliverable, decision, actions });
  const { name, version } = manifest.metadata;
  const signed = await performAct(session, {
    act: 'review-decide', step: 'review', as: textOption(input, 'as'), subject,
    sentence: `After the review of ${readable(review.ts)} I decide to ${decision} ${name} ${version}, with ${actions.length} actions.`,
  });
  const { operator, ceremony, digest: act } = signed;
  await recordEvidence(
    session, 'review',
    {
      type: 'review.decided', actor: operator.did, validUntil: due,
      data: { deliverable, decision, actions: actions.length, due, subject, act, operator: operator.id, ceremony },
      ...(actions.length === 0 ? {} : { payload: { actions } }),
    },
    { blobs: [signed.blob] },
  );
  return outcome({
    step: 'review', verb: 'decide', headline: `${decision}, decided by ${operator.name} (${ceremony})`,
    facts: [...actions.map((text, index) => ({ label: `action ${index + 1}`, value: text })), { label: 'next review', value: `due by ${readable(due)}` }],
    next: decision === 'demote' || decision === 'retire' ? 'agentctl incident open --trigger manual --action suspend' : 'agentctl status',
    data: { decision, actions: actions.length, deliverable, due, operator: operator.id, ceremony },
  });
};

function decisionOf(input: VerbInput): (typeof DECISIONS)[number] {
  const text = requiredOption(input, 'decision', USE);
  const decision = DECISIONS.find((one) => one === text);
  if (decision === undefined) throw new Fault('USAGE', `--decision "${text}" is none of ${DECISIONS.join(', ')}`, { at: '--decision', hint: USE });
  return decision;
}
