/** `certify run`: every condition of the pact, measured afresh on the build that lies here. */
import { addDuration, parseDuration, readable } from '../../domain/time.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { Pacts } from '../../evaluation/condition.js';
import { computeBuild } from '../build.js';
import { conditionTable, dimensionTable } from '../baseline/table.js';
import { evaluate, exitOfConditions } from '../evaluate.js';
import { signedPacts } from '../pact/document.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { certificationOf, currentCandidate } from './cycle.js';

export const run: Verb = async (session) => {
  const { validFor } = certificationOf(session);
  const candidate = await currentCandidate(session);
  const signed = await signedPacts(session);
  if (!signed) throw new Fault('INTERNAL', 'a candidate without a signed pact');
  const result = await evaluate(session, { purpose: 'certification', pacts: signed.pacts, pact: candidate.pact });
  await refuseChangedBuild(session);
  const exit = exitOfConditions(result.conditions);
  const verdict = exit === EXIT.yes ? 'met' : exit === EXIT.no ? 'not-met' : 'insufficient';
  const validUntil = addDuration(session.world.clock.now(), shortest([validFor, ...windowsOf(signed.pacts)]));
  await recordEvidence(session, 'certify', {
    type: 'certificate.measured', validUntil,
    data: { run: result.run, deliverable: result.deliverable, pact: candidate.pact, verdict, conditions: result.conditions.length, cases: result.cases },
  });
  const missed = result.conditions.filter((one) => one.verdict !== 'met');
  return outcome({
    step: 'certify', verb: 'run',
    headline: missed.length === 0 ? `${result.conditions.length} of ${result.conditions.length} conditions met afresh on ${result.cases} cases` : `${missed.map((one) => one.id).join(', ')}: not met, or not with enough evidence`,
    facts: [
      { label: 'run', value: `${result.run}, held-out use number ${result.heldOutUse}` },
      { label: 'build', value: session.build.digest },
      { label: 'counts until', value: readable(validUntil) },
    ],
    tables: [conditionTable(result.conditions), dimensionTable(result.scores)],
    next: missed.length === 0 ? 'agentctl certify sign-off --as <operator>' : 'agentctl baseline run',
    data: { ...result.report, verdict },
  }, exit);
};

/** A file swapped while the agent was being asked would be certified unmeasured. */
async function refuseChangedBuild({ world, manifest, folder, build }: Session): Promise<void> {
  const after = await computeBuild(world, manifest, folder);
  if (after.digest !== build.digest) throw new Fault('REFUSED', 'the build changed while it was being measured', { at: folder, hint: 'agentctl certify run' });
}

function windowsOf(pacts: Pacts): readonly string[] {
  return pacts.agreements.flatMap((agreement) => agreement.conditions.map((condition) => condition.window));
}

function shortest(durations: readonly string[]): string {
  return [...durations].sort((a, b) => parseDuration(a) - parseDuration(b))[0] ?? 'P1D';
}
