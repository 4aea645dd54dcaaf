/** The tiny agent with low stakes, launched: identity, pact, baseline and audit proven, monitoring waived. Needs none of the other steps' rooms. */
import { waive } from '../../src/engine/waive.js';
import { computeStates } from '../../src/engine/states.js';
import { gateTime } from '../../src/engine/status.js';
import { acceptedAnew, prepared, type Edit, type Tiny } from './tiny.js';

/** Low stakes ask for steps 1 2 3 5 8 only, and are allowed where a human reviews every output. */
export const lowStakes = (text: string): string => text.replace('stakes: standard', 'stakes: low').replace('humanReview: escalated', 'humanReview: all');

export function launched(edit?: Edit): Promise<Tiny> {
  return prepared('launched', edit, launchedAnew);
}

async function launchedAnew(edit: Edit = (text) => text): Promise<Tiny> {
  const one = await acceptedAnew((text) => edit(lowStakes(text)));
  await one.run('audit', 'verify');
  for (const probe of await openMusts(one)) await waive(one.world, { yes: true }, { probe, as: 'erin', reason: 'not part of this test', expires: 'P90D' });
  return one;
}

/** Open musts of the required steps before the launch that may be waived. */
async function openMusts(one: Tiny): Promise<readonly string[]> {
  return one.withSession(async (session) => {
    const { steps } = await computeStates(session, await gateTime(session));
    return steps.filter((step) => step.required && step.number === 5).flatMap((step) => step.findings.filter((finding) => finding.severity === 'must' && (finding.is === 'unknown' || finding.is === 'no')).map((finding) => finding.id));
  }, false);
}

/** Certified by omar, whose hand is a script's. */
export function certified(edit?: Edit): Promise<Tiny> {
  return prepared('certified', edit, certifiedAnew);
}

async function certifiedAnew(edit?: Edit): Promise<Tiny> {
  const one = await launchedAnew(edit);
  const answer = await one.run('certify', 'renew', { as: 'omar' });
  if (answer.exit !== 0) throw new Error(`not certified: ${JSON.stringify(answer)}`);
  return one;
}
