/** `baseline accept`: a human act over the newest run on this very build. The baseline moves by this only. */
import { Fault } from '../../domain/fault.js';
import type { Digest } from '../../domain/digest.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import { unmetLine } from '../../evaluation/unmet.js';
import { performAct } from '../human-act.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { readBlobText, recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const measured = await session.store.latest(session.chain, 'baseline.measured');
  if (!measured) throw new Fault('EVIDENCE_MISSING', 'there is no run to accept', { hint: 'agentctl baseline run' });
  const stale = await staleness(session, measured, await gateTime(session));
  if (stale[0] !== undefined) throw new Fault('EVIDENCE_MISSING', `the newest run is stale: ${stale[0]}`, { hint: 'agentctl baseline run' });
  if (measured.data['observational'] === true) throw new Fault('EVIDENCE_MISSING', 'the newest run is observational: it has no verdicts', { hint: 'agentctl pact sign --as <operator>, then agentctl baseline run' });
  await refuseUnmet(session, measured.data['run']);
  const deliverable = measured.data['deliverable'] as Digest;
  const text = await readBlobText(session.store, deliverable);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', 'the report of the newest run is gone from the store', { hint: 'agentctl baseline run' });
  const run = String(measured.data['run']);
  const signed = await performAct(session, { act: 'baseline-accept', step: 'baseline', as: textOption(input, 'as'), subject: deliverable, sentence: `I accept ${run} as the baseline of ${session.manifest.metadata.name} ${session.manifest.metadata.version}.` });
  await recordEvidence(
    session, 'baseline',
    // An acceptance counts no longer than what was measured.
    { type: 'baseline.accepted', actor: signed.operator.did, ...(measured.validUntil === undefined ? {} : { validUntil: measured.validUntil }), data: { run, deliverable, act: signed.digest, operator: signed.operator.id, ceremony: signed.ceremony } },
    { artifacts: [{ file: 'baseline.json', text }], blobs: [signed.blob] },
  );
  return outcome({ step: 'baseline', verb: 'accept', headline: `${run} is the baseline, accepted by ${signed.operator.name} (${signed.ceremony})`, facts: [{ label: 'written', value: 'artifacts/baseline.json' }], next: 'agentctl apply', data: { run, deliverable } });
};

/** Nobody accepts as a baseline what does not keep the pact, or what nobody can tell. @throws {Fault} REFUSED, EVIDENCE_MISSING, naming the conditions */
async function refuseUnmet({ store, chain }: Session, run: unknown): Promise<void> {
  const finished = (await store.readEvidence(chain, 'evaluation.finished')).find((entry) => entry.data['run'] === run);
  const conditions = (finished?.data['conditions'] ?? []) as unknown as readonly ConditionResult[];
  const unmet = conditions.filter((one) => one.verdict !== 'met');
  if (unmet.length === 0) return;
  const hint = 'agentctl baseline show, then change the agent, its data or the pact';
  const missed = unmet.filter((one) => one.verdict === 'not-met');
  if (missed.length > 0) throw new Fault('REFUSED', `the newest run does not keep the pact: ${missed.map(unmetLine).join('; ')}`, { hint });
  throw new Fault('EVIDENCE_MISSING', `the newest run does not decide the pact: ${unmet.map(unmetLine).join('; ')}`, { hint });
}
