/** `rollback drill`: a rehearsal. A different build runs, the snapshot is restored, and each time the running agent says what it is. */
import { counted } from '../../domain/counted.js';
import { digestBytes, digestJson, hexOf, short, type Digest } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import type { BuildDocument } from '../../domain/build.js';
import type { Json } from '../../domain/json.js';
import { activeFolder, buildFolder, differenceFrom, differenceReported } from '../active-build.js';
import { performAct } from '../human-act.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { recordActivation, signatureOf } from './activation.js';
import { askRunning, keptSnapshots, materialise, proveRunning, rollbackSectionOf, type Kept } from './kept.js';

/** How long a rehearsal counts. */
const COUNTS = 'P90D';

export const run: Verb = async (session, input) => {
  const { world, manifest } = session;
  const section = rollbackSectionOf(session);
  const kept = await currentSnapshot(session);
  const active = await activeFolder(session);
  const signed = await performAct(session, {
    act: 'rollback-drill', step: 'rollback', as: textOption(input, 'as'), roles: section.authority, subject: kept.snapshot,
    sentence: `I rehearse restoring ${manifest.metadata.name} to build ${short(kept.build)}.`,
  });
  const scratch = `${session.storeFolder}/builds/drill-${Buffer.from(world.random.bytes(6)).toString('hex')}`;
  try {
    const other = await differentBuild(session, kept, scratch);
    const said = differenceReported(await askRunning(session, scratch), other.document) ?? (await differenceFrom(session, scratch, other.document));
    if (said !== null) return failed(`the different build was started, but ${said}`, other.file);
    await recordActivation(session, { kind: 'drill', build: other.build, previous: active.build, snapshot: null, subject: kept.snapshot, signed });
    const begun = world.clock.monotonic();
    const folder = buildFolder(session, kept.build);
    const document = await materialise(session, kept.build, folder);
    const materialised = Math.round(world.clock.monotonic() - begun);
    const { problem, start, verify } = await proveRunning(session, folder, document);
    if (problem !== null) return failed(`the snapshot was restored, but ${problem}`, other.file);
    await recordActivation(session, { kind: 'drill', build: kept.build, previous: other.build, snapshot: kept.snapshot, subject: kept.snapshot, signed });
    const milliseconds = { materialise: materialised, start, verify };
    await recordEvidence(
      session, 'rollback',
      {
        type: 'rollback.drilled', actor: signed.operator.did, validUntil: addDuration(world.clock.now(), COUNTS),
        data: { from: other.build, to: kept.build, snapshot: kept.snapshot, milliseconds, verified: true, ...signatureOf(signed, kept.snapshot) },
      },
      { blobs: [signed.blob] },
    );
    return outcome({
      step: 'rollback', verb: 'drill', headline: `restored in ${materialised + start + verify} ms of machine time, verified by the running agent`,
      facts: [
        { label: 'agent said before', value: `build ${short(other.build)}: ${other.file} differs by one empty line` },
        { label: 'agent said after', value: `build ${short(kept.build)}, file by file` },
        { label: 'machine time', value: `${materialised} ms to write and verify ${counted(kept.files, 'file')}, ${start} ms to the first answer, ${verify} ms to compare; no human counted in` },
        { label: 'in force as before', value: active.activation ? `build ${short(active.build)}` : 'the working tree' },
      ],
      next: 'agentctl apply',
      data: { from: other.build, to: kept.build, milliseconds, verified: true },
    });
  } finally {
    await world.files.remove(scratch);
  }
};

function failed(headline: string, file: string): ReturnType<typeof outcome> {
  return outcome({ step: 'rollback', verb: 'drill', headline, facts: [{ label: 'changed for the drill', value: file }], notes: ['nothing was recorded as proof'], next: 'agentctl rollback drill --as <operator>', data: { verified: false } }, EXIT.no);
}

async function currentSnapshot(session: Session): Promise<Kept> {
  const kept = (await keptSnapshots(session)).findLast((one) => one.build === session.build.digest);
  if (!kept) throw new Fault('EVIDENCE_MISSING', `no snapshot was taken of this build, ${short(session.build.digest)}`, { hint: 'agentctl rollback snapshot' });
  return kept;
}

/** The kept build with one empty line more in one file that the agent reads: harmless, and yet another build. */
async function differentBuild(session: Session, kept: Kept, folder: string): Promise<{ build: Digest; document: BuildDocument; file: string }> {
  const { world } = session;
  const document = await materialise(session, kept.build, folder);
  const file = fileToChange(session, document);
  const before = await world.files.read(`${folder}/${file}`);
  const changed = new Uint8Array([...before, 0x0a]);
  await world.files.write(`${folder}/${file}`, changed);
  const sha256 = hexOf(digestBytes(changed));
  const other: BuildDocument = { ...document, files: document.files.map((one) => (one.path === file ? { ...one, sha256 } : one)) };
  return { build: digestJson(other as unknown as Json), document: other, file };
}

/** A prompt, else the program that the target's command names, else the model file: what every honest agent reports. */
function fileToChange({ manifest }: Session, { files, prompts, model }: BuildDocument): string {
  const { command = [], file: module } = manifest.target;
  const candidates = [...prompts, ...command, ...(module === undefined ? [] : [module]), ...(model.file === null ? [] : [model.file])];
  const file = candidates.map((one) => one.replace(/^\.\//, '')).find((one) => files.some(({ path }) => path === one));
  if (file === undefined) throw new Fault('INPUT_INVALID', 'the drill finds no file that the agent is sure to read', { at: 'agent.yaml: target.command', hint: 'name a build file in target.command, or list a prompt under build.prompts' });
  return file;
}
