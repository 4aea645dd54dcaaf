/** Snapshots as they are kept: finding one, and turning it back into a folder whose every file is the one that was kept. */
import { digestBytes, hexOf, short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { BuildDocument } from '../../domain/build.js';
import type { JsonObject } from '../../domain/json.js';
import { buildDocumentOf, differenceFrom, differenceReported } from '../active-build.js';
import type { RollbackSection } from '../../steps/07-rollback.js';
import type { Session } from '../session.js';
import { startTarget } from '../start-target.js';

export interface Kept {
  readonly snapshot: Digest;
  readonly build: Digest;
  readonly baseline: Digest;
  readonly keepUntil: string;
  readonly takenAt: string;
  readonly seq: number;
  readonly files: number;
}

const TAKE = 'agentctl rollback snapshot';

/** @throws {Fault} MANIFEST_INVALID without the section */
export function rollbackSectionOf({ manifest }: Pick<Session, 'manifest'>): RollbackSection {
  const section = manifest['rollback'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "rollback"', { at: 'agent.yaml', hint: 'agentctl explain rollback' });
  return section as unknown as RollbackSection;
}

/** Every snapshot, oldest first; one that was taken again counts by its newest entry. */
export async function keptSnapshots({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<readonly Kept[]> {
  const newest = new Map<string, Kept>();
  for (const { data, ts, seq } of await store.readEvidence(chain, 'snapshot.taken')) {
    newest.delete(String(data['snapshot']));
    newest.set(String(data['snapshot']), {
      snapshot: data['snapshot'] as Digest, build: data['build'] as Digest, baseline: data['baseline'] as Digest,
      keepUntil: String(data['keepUntil']), takenAt: ts, seq, files: Number(data['files']),
    });
  }
  return [...newest.values()];
}

/**
 * The snapshot that was named, or the one that `rollback.target` means.
 * @param to beginning of a build or snapshot digest
 * @throws {Fault} EVIDENCE_MISSING, USAGE when the prefix fits several builds
 */
export async function chooseSnapshot(session: Session, to: string | undefined, target: RollbackSection['target']): Promise<Kept> {
  const kept = await keptSnapshots(session);
  if (kept.length === 0) throw new Fault('EVIDENCE_MISSING', 'no snapshot was taken yet', { hint: TAKE });
  if (to !== undefined) return byPrefix(kept, to);
  const build = target === 'previous' ? await previousBuild(session) : await certifiedBuild(session);
  const found = build === undefined ? kept.at(-1) : kept.findLast((one) => one.build === build);
  if (!found) throw new Fault('EVIDENCE_MISSING', `no snapshot was taken of the ${target} build ${short(build ?? '')}`, { hint: 'agentctl rollback list, then agentctl rollback restore --to <prefix> --as <operator>' });
  return found;
}

function byPrefix(kept: readonly Kept[], to: string): Kept {
  const prefix = to.replace(/^sha256:/, '').toLowerCase();
  if (!/^[0-9a-f]{6,64}$/.test(prefix)) throw new Fault('USAGE', `--to "${to}" is not the beginning of a digest`, { hint: 'at least six hex digits from agentctl rollback list' });
  const fitting = kept.filter((one) => hexOf(one.build).startsWith(prefix) || hexOf(one.snapshot).startsWith(prefix));
  const builds = new Set(fitting.map((one) => one.build));
  const found = fitting.at(-1);
  if (!found) throw new Fault('EVIDENCE_MISSING', `no snapshot begins with ${prefix}`, { hint: 'agentctl rollback list' });
  if (builds.size > 1) throw new Fault('USAGE', `--to ${prefix} fits ${builds.size} builds`, { hint: `write more digits: ${[...builds].map(short).join(', ')}` });
  return found;
}

async function previousBuild({ store, chain }: Session): Promise<Digest> {
  const lasting = (await store.readEvidence(chain, 'activation.recorded')).filter((entry) => entry.data['kind'] !== 'drill').map((entry) => entry.data['build']);
  const previous = lasting.findLast((build) => build !== lasting.at(-1));
  if (previous === undefined) throw new Fault('EVIDENCE_MISSING', 'no other version was active before this one', { hint: 'agentctl rollback restore --to <prefix> --as <operator>' });
  return previous as Digest;
}

/** The build of the newest certificate; undefined before the first, when the newest snapshot is what was accepted. */
async function certifiedBuild({ store, chain }: Session): Promise<Digest | undefined> {
  return (await store.latest(chain, 'certificate.issued'))?.agent.build ?? undefined;
}

/**
 * Writes the kept files of a build into `folder`, all of them or none: under another name first, then by rename.
 * @throws {Fault} DIGEST_MISMATCH naming the file whose kept bytes are gone or changed
 */
export async function materialise(session: Session, build: Digest, folder: string): Promise<BuildDocument> {
  const { world } = session;
  const document = await buildDocumentOf(session, build);
  const mark = Buffer.from(world.random.bytes(6)).toString('hex');
  const fresh = `${folder}.${mark}.new`;
  await world.files.makeFolder(fresh, 0o700);
  try {
    for (const { path, sha256, mode } of document.files) {
      const file = `${fresh}/${path}`;
      await world.files.makeFolder(file.slice(0, file.lastIndexOf('/')), 0o700);
      await world.files.write(file, await keptFile(session, path, sha256), mode === '755' ? 0o700 : 0o600);
    }
    const problem = await differenceFrom(session, fresh, document);
    if (problem !== null) throw new Fault('IO', `the files of build ${short(build)} were not written as they are kept: ${problem}`, { at: fresh, hint: 'check the disk, then run the command again' });
    // An intact folder stays, so that a process which runs from it keeps its files.
    if ((await differenceFrom(session, folder, document)) !== null) {
      if (await world.files.exists(folder)) await world.files.move(folder, `${folder}.${mark}.old`);
      await world.files.move(fresh, folder);
    }
  } finally {
    await world.files.remove(fresh);
    await world.files.remove(`${folder}.${mark}.old`);
  }
  return document;
}

async function keptFile({ store }: Session, path: string, sha256: string): Promise<Uint8Array> {
  const broken = (cause?: unknown) => new Fault('DIGEST_MISMATCH', `the kept bytes of ${path} are gone or were changed`, { at: path, hint: 'agentctl audit verify', ...(cause === undefined ? {} : { cause }) });
  const blob = await store.blob(`sha256:${sha256}`).catch((cause: unknown) => {
    throw cause instanceof Fault && cause.code === 'DIGEST_MISMATCH' ? broken(cause) : cause;
  });
  if (!blob || digestBytes(blob.bytes) !== `sha256:${sha256}`) throw broken();
  return blob.bytes;
}

/** What the agent started in a folder says it was built from. */
export async function askRunning(session: Session, folder: string): Promise<JsonObject> {
  const running = await startTarget(session, folder);
  try {
    return await running.describe();
  } finally {
    await running.close();
  }
}

export interface Witnessed {
  /** Why what runs is not the build; null when it is. */
  readonly problem: string | null;
  /** From the start of the process to the end of its answer, and for comparing it, in whole milliseconds. */
  readonly start: number;
  readonly verify: number;
}

/** Starts the agent in a restored folder and holds its own word, and the files once more, against the build. */
export async function proveRunning(session: Session, folder: string, document: BuildDocument): Promise<Witnessed> {
  const { clock } = session.world;
  const begun = clock.monotonic();
  const reported = await askRunning(session, folder);
  const answered = clock.monotonic();
  const problem = differenceReported(reported, document) ?? (await differenceFrom(session, folder, document));
  return { problem, start: Math.round(answered - begun), verify: Math.round(clock.monotonic() - answered) };
}

/** Where a version is activated: the machine's kind, without names. */
export function environmentOf({ world }: Session): string {
  const { node, platform, version } = world.surroundings;
  return `${platform}, node ${node.replace(/^v/, '')}, agentctl ${version}`;
}
