/** `certify sign-off`: an operator with the role answers for the candidate, after seeing what it is. */
import { counted } from '../../domain/counted.js';
import { SIGN_OFF } from '../../attestation/certificate.js';
import { short } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { StepView } from '../../domain/report.js';
import { missingSignOffs } from '../../steps/09-certify.js';
import { actingOperator, performAct } from '../human-act.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { certificationOf, currentCandidate, freshRun, launchedSteps, signOffsOf } from './cycle.js';

export const run: Verb = async (session, input) => {
  const { signOff, sentence } = certificationOf(session);
  const as = textOption(input, 'as');
  // Before any work: a person who may not sign should hear it first.
  const who = actingOperator(session.manifest, { act: SIGN_OFF, step: 'certify', as, roles: signOff.roles });
  const steps = await launchedSteps(session);
  const candidate = await currentCandidate(session);
  const fresh = await freshRun(session, candidate);
  if (!fresh.ok) throw new Fault('EVIDENCE_MISSING', fresh.because, { hint: 'agentctl certify run' });
  const before = await signOffsOf(session, candidate, fresh.run);
  if (before.some((one) => one.operator.did === who.did)) throw new Fault('REFUSED', `${who.id} has signed off this candidate already`, { hint: 'agentctl certify issue' });
  tell(session, steps, fresh.entry.data);
  const { metadata } = session.manifest;
  const signed = await performAct(session, {
    act: SIGN_OFF, step: 'certify', as, roles: signOff.roles, subject: candidate.digest,
    sentence: `${sentence} (${metadata.name} ${metadata.version}, build ${short(candidate.build)}, ${fresh.run})`,
  });
  await recordEvidence(
    session, 'certify',
    {
      type: 'certificate.signedoff', actor: signed.operator.did, ...(fresh.entry.validUntil === undefined ? {} : { validUntil: fresh.entry.validUntil }),
      data: { subject: candidate.digest, act: signed.digest, operator: signed.operator.id, ceremony: signed.ceremony, run: fresh.run },
    },
    { blobs: [signed.blob] },
  );
  const count = before.length + 1;
  const after = missingSignOffs(signOff, [...before.map((one) => one.act), { roles: signed.operator.roles.filter((role) => signOff.roles.some((one) => one === role)) }]);
  return outcome({
    step: 'certify', verb: 'sign-off', headline: `${signed.operator.name} (${signed.ceremony}) answers for ${metadata.name} ${metadata.version}`,
    facts: [
      { label: 'candidate', value: candidate.digest },
      { label: 'sign-offs', value: `${count} of ${signOff.quorum}` },
      ...(after === null || count < signOff.quorum ? [] : [{ label: 'still open', value: after }]),
    ],
    next: after !== null ? 'agentctl certify sign-off --as <operator>' : 'agentctl certify issue',
    data: { candidate: candidate.digest, run: fresh.run, signOffs: count, quorum: signOff.quorum },
  }, EXIT.yes);
};

/** What the operator is about to answer for, on the conversation stream: results, exceptions, and what nobody knows. */
function tell({ world, build }: Session, steps: readonly StepView[], measured: { readonly [key: string]: unknown }): void {
  const findings = steps.filter((step) => step.required).flatMap((step) => step.findings);
  const waived = findings.filter((finding) => finding.waived);
  const unknown = findings.filter((finding) => finding.is === 'unknown' && !finding.waived);
  world.talk.say(`build ${short(build.digest)}, ${counted(build.document.files.length, 'file')}; ${String(measured['conditions'])} of ${String(measured['conditions'])} conditions met on ${String(measured['cases'])} cases (${String(measured['run'])})`);
  world.talk.say(`waived: ${waived.map((finding) => finding.id).join(', ') || 'nothing'}`);
  world.talk.say(`not known: ${unknown.map((finding) => finding.id).join(', ') || 'nothing'}`);
}
