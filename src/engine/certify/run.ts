/** `certify run`: every condition of the pact, measured afresh on the build that lies here. */
import { EXIT, Fault } from '../../domain/fault.js';
import { computeBuild } from '../build.js';
import { conditionTable, dimensionTable } from '../baseline/table.js';
import { evaluate, exitOfConditions } from '../evaluate.js';
import { signedPacts } from '../pact/document.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { certificationOf, currentCandidate } from './cycle.js';
import { endOfRun, untilLine } from './validity.js';

export const run: Verb = async (session) => {
  const { validFor } = certificationOf(session);
  const candidate = await currentCandidate(session);
  const signed = await signedPacts(session);
  if (!signed) throw new Fault('INTERNAL', 'a candidate without a signed pact');
  const result = await evaluate(session, { purpose: 'certification', pacts: signed.pacts, pact: candidate.pact });
  await refuseChangedBuild(session);
  const exit = exitOfConditions(result.conditions);
  const verdict = exit === EXIT.yes ? 'met' : exit === EXIT.no ? 'not-met' : 'insufficient';
  const end = endOfRun(validFor, signed.pacts, session.world.clock.now());
  await recordEvidence(session, 'certify', {
    type: 'certificate.measured', validUntil: end.at,
    data: { run: result.run, deliverable: result.deliverable, pact: candidate.pact, verdict, conditions: result.conditions.length, cases: result.cases },
  });
  const missed = result.conditions.filter((one) => one.verdict !== 'met');
  return outcome({
    step: 'certify', verb: 'run',
    headline: missed.length === 0 ? `${result.conditions.length} of ${result.conditions.length} conditions met afresh on ${result.cases} cases` : `${missed.map((one) => one.id).join(', ')}: not met, or not with enough evidence`,
    facts: [
      { label: 'run', value: `${result.run}, held-out use number ${result.heldOutUse}` },
      { label: 'build', value: session.build.digest },
      { label: 'counts until', value: untilLine(end) },
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
