/** `baseline accept`: a human act over the newest run on this very build. The baseline moves by this only. */
import { Fault } from '../../domain/fault.js';
import { envelopeText } from '../../attestation/dsse.js';
import { signStatement } from '../../attestation/statement.js';
import { testResultStatement } from '../../attestation/test-result.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import type { Pacts } from '../../evaluation/condition.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import { unmetLine } from '../../evaluation/unmet.js';
import { performAct } from '../human-act.js';
import { signedPacts } from '../pact/document.js';
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
  const conditions = await metConditions(session, measured.data['run']);
  const pact = await signedPacts(session);
  if (!pact) throw new Fault('EVIDENCE_MISSING', 'there is no signed pact that the run was judged by', { hint: 'agentctl pact sign --as <operator>' });
  const deliverable = measured.data['deliverable'] as Digest;
  const text = await readBlobText(session.store, deliverable);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', 'the report of the newest run is gone from the store', { hint: 'agentctl baseline run' });
  const run = String(measured.data['run']);
  const signed = await performAct(session, { act: 'baseline-accept', step: 'baseline', as: textOption(input, 'as'), subject: deliverable, sentence: `I accept ${run} as the baseline of ${session.manifest.metadata.name} ${session.manifest.metadata.version}.` });
  const result = await testResult(session, { operator: signed.operator.did, pact, deliverable, conditions });
  await recordEvidence(
    session, 'baseline',
    // An acceptance counts no longer than what was measured.
    { type: 'baseline.accepted', actor: signed.operator.did, ...(measured.validUntil === undefined ? {} : { validUntil: measured.validUntil }), data: { run, deliverable, act: signed.digest, operator: signed.operator.id, ceremony: signed.ceremony, result: digestBytes(result) } },
    { artifacts: [{ file: 'baseline.json', text }, { file: 'baseline.dsse.json', text: result }], blobs: [signed.blob] },
  );
  return outcome({ step: 'baseline', verb: 'accept', headline: `${run} is the baseline, accepted by ${signed.operator.name} (${signed.ceremony})`, facts: [{ label: 'written', value: 'artifacts/baseline.json, baseline.dsse.json' }], next: 'agentctl apply', data: { run, deliverable } });
};

interface Accepted {
  readonly operator: string;
  readonly pact: { readonly digest: Digest; readonly pacts: Pacts };
  readonly deliverable: Digest;
  readonly conditions: readonly ConditionResult[];
}

/** The operator answers for the result, as for the pact; the organisation's word is the certificate, which nobody has given yet. */
async function testResult({ keys, build }: Session, { operator, pact, deliverable, conditions }: Accepted): Promise<string> {
  const used = pact.pacts.datasets.filter(({ id }) => conditions.some((one) => one.dataset === id));
  const statement = testResultStatement({
    subject: [{ name: 'artifacts/build.json', digest: build.digest }, { name: 'artifacts/baseline.json', digest: deliverable }],
    configuration: [{ name: 'pact', digest: pact.digest }, ...used.map(({ id, sha256 }) => ({ name: `dataset ${id}`, digest: sha256 as Digest }))],
    tests: conditions,
  });
  return envelopeText(await signStatement(statement, await keys.openByDid('operator', operator)));
}

/** All conditions of a run, each met: nobody accepts as a baseline what does not keep the pact, or what nobody can tell. @throws {Fault} REFUSED, EVIDENCE_MISSING, naming the conditions */
async function metConditions({ store, chain }: Session, run: unknown): Promise<readonly ConditionResult[]> {
  const finished = (await store.readEvidence(chain, 'evaluation.finished')).find((entry) => entry.data['run'] === run);
  const conditions = (finished?.data['conditions'] ?? []) as unknown as readonly ConditionResult[];
  const unmet = conditions.filter((one) => one.verdict !== 'met');
  if (unmet.length === 0) return conditions;
  const hint = 'agentctl baseline show, then change the agent, its data or the pact';
  const missed = unmet.filter((one) => one.verdict === 'not-met');
  if (missed.length > 0) throw new Fault('REFUSED', `the newest run does not keep the pact: ${missed.map(unmetLine).join('; ')}`, { hint });
  throw new Fault('EVIDENCE_MISSING', `the newest run does not decide the pact: ${unmet.map(unmetLine).join('; ')}`, { hint });
}
