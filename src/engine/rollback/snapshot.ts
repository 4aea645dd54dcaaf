/** `rollback snapshot`: every file of the build by its content, the build document, and the accepted baseline that vouches for it. */
import { counted } from '../../domain/counted.js';
import { digestBytes, short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { addDuration, readable } from '../../domain/time.js';
import type { StoredBlob } from '../../domain/ports.js';
import { artifactOf, recordEvidence, textBlob, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { rollbackSectionOf } from './kept.js';

export const run: Verb = async (session) => {
  const { build, manifest, world } = session;
  const section = rollbackSectionOf(session);
  const baseline = await acceptedBaseline(session);
  const files = await readBuild(session);
  const { id, name, version } = manifest.metadata;
  const artifact = artifactOf('snapshot.json', { v: 1, agent: { id, name, version }, build: build.digest, baseline, files: build.document.files });
  const keepUntil = addDuration(world.clock.now(), section.keepFor);
  await recordEvidence(
    session, 'rollback',
    { type: 'snapshot.taken', validUntil: keepUntil, data: { snapshot: artifact.digest, deliverable: artifact.digest, build: build.digest, baseline, files: files.length, keepUntil } },
    { artifacts: [artifact], blobs: [...files, textBlob(build.text)] },
  );
  return outcome({
    step: 'rollback', verb: 'snapshot', headline: `build ${short(build.digest)} is kept, ${counted(files.length, 'file')}`,
    facts: [
      { label: 'snapshot', value: short(artifact.digest) },
      { label: 'baseline', value: `${short(baseline)}, accepted for this build` },
      { label: 'kept until', value: readable(keepUntil) },
      { label: 'written', value: 'artifacts/snapshot.json' },
    ],
    next: 'agentctl rollback drill --as <operator>',
    data: { snapshot: artifact.digest, build: build.digest, baseline, files: files.length, keepUntil },
  });
};

/** A version may be kept as good only by the evaluation of these very files. */
async function acceptedBaseline({ store, chain, build }: Session): Promise<Digest> {
  const accepted = await store.latest(chain, 'baseline.accepted');
  if (!accepted) throw new Fault('EVIDENCE_MISSING', 'there is no accepted baseline', { hint: 'agentctl baseline accept --as <operator>' });
  if (accepted.agent.build !== build.digest) throw new Fault('EVIDENCE_MISSING', `the accepted baseline is of build ${short(accepted.agent.build ?? '')}, not of ${short(build.digest)}`, { hint: 'agentctl baseline run' });
  return accepted.data['deliverable'] as Digest;
}

async function readBuild({ build, folder, world }: Session): Promise<readonly StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for (const { path, sha256 } of build.document.files) {
    const bytes = await world.files.read(`${folder}/${path}`);
    // Between hashing and reading somebody may have saved the file.
    if (digestBytes(bytes) !== `sha256:${sha256}`) throw new Fault('DIGEST_MISMATCH', `${path} changed while it was read`, { at: path, hint: 'agentctl rollback snapshot' });
    blobs.push({ mediaType: 'application/octet-stream', bytes });
  }
  return blobs;
}
