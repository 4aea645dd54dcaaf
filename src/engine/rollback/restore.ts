/** `rollback restore`: switches what the target runs to a kept version; what the running agent says before and after is the proof. */
import { short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { activationInForce, activeFolder, buildFolder, differenceReported } from '../active-build.js';
import { performAct } from '../human-act.js';
import type { Session } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { recordActivation, type Activation } from './activation.js';
import { askRunning, chooseSnapshot, keptSnapshots, materialise, proveRunning, rollbackSectionOf, type Kept } from './kept.js';

export const run: Verb = async (session, input) => {
  const { world, manifest } = session;
  const section = rollbackSectionOf(session);
  const kept = await chooseSnapshot(session, textOption(input, 'to'), section.target);
  const before = await whatRuns(session);
  const signed = await performAct(session, {
    act: 'rollback-restore', step: 'rollback', as: textOption(input, 'as'), roles: section.authority, subject: kept.snapshot,
    sentence: `I restore ${manifest.metadata.name} to build ${short(kept.build)}.`,
  });
  const begun = world.clock.monotonic();
  const folder = buildFolder(session, kept.build);
  const document = await materialise(session, kept.build, folder);
  const written = Math.round(world.clock.monotonic() - begun);
  const after = await proveRunning(session, folder, document);
  if (after.problem !== null) throw new Fault('REFUSED', `the running agent is not build ${short(kept.build)}: ${after.problem}`, { at: folder, hint: 'the activation before stays in force; look at target.command in agent.yaml' });
  const inForce = await activationInForce(session);
  const previous = (inForce?.data['build'] ?? null) as Digest | null;
  const kind = await kindOf(session, kept, previous);
  await recordActivation(session, { kind, build: kept.build, previous, snapshot: kept.snapshot, subject: kept.snapshot, signed });
  return outcome({
    step: 'rollback', verb: 'restore', headline: `build ${short(kept.build)} is active (${kind}), by ${signed.operator.name} (${signed.ceremony})`,
    facts: [
      { label: 'agent said before', value: before },
      { label: 'agent says now', value: `build ${short(kept.build)}, file by file` },
      { label: 'files', value: `${document.files.length} verified, in ${folder}` },
      { label: 'machine time', value: `${written} ms to write and verify, ${after.start} ms to the first answer, ${after.verify} ms to compare; no human counted in` },
    ],
    next: 'agentctl monitor run',
    data: { build: kept.build, previous, kind, snapshot: kept.snapshot, folder, milliseconds: { materialise: written, start: after.start, verify: after.verify } },
  });
};

/** A version that is broken or lies must not be able to keep itself in place: whatever it says, the restore goes on. */
async function whatRuns(session: Session): Promise<string> {
  try {
    const { folder, document, build } = await activeFolder(session);
    const problem = differenceReported(await askRunning(session, folder), document);
    return problem === null ? `build ${short(build)}, file by file` : `another build than ${short(build)}: ${problem}`;
  } catch (cause) {
    if (cause instanceof Fault) return `nothing that holds: ${cause.message}`;
    throw cause;
  }
}

async function kindOf(session: Session, kept: Kept, previous: Digest | null): Promise<Activation['kind']> {
  if (previous === null) return 'launch';
  const earlier = await session.store.readEvidence(session.chain, 'activation.recorded');
  if (earlier.some((entry) => entry.data['kind'] !== 'drill' && entry.data['build'] === kept.build)) return 'rollback';
  const active = (await keptSnapshots(session)).findLast((one) => one.build === previous);
  return active && kept.seq < active.seq ? 'rollback' : 'upgrade';
}
