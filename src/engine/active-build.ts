/** What the target runs: the working tree until a version is activated, from then on the restored files, verified before each use. */
import { digestBytes, hexOf, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { parseJson, type JsonObject } from '../domain/json.js';
import type { BuildDocument } from '../domain/build.js';
import type { Entry } from '../domain/entry.js';
import { readBlobText, type Session } from './session.js';

export interface ActiveBuild {
  readonly folder: string;
  readonly build: Digest;
  readonly document: BuildDocument;
  /** The activation in force; undefined while the working tree runs. */
  readonly activation: Entry | undefined;
}

/**
 * The folder and build to run. Drills change nothing for good, so they do not count.
 * @throws {Fault} DIGEST_MISMATCH naming the file when what was restored is no longer what was restored
 */
export async function activeFolder(session: Session): Promise<ActiveBuild> {
  const activation = await activationInForce(session);
  if (!activation) return { folder: session.folder, build: session.build.digest, document: session.build.document, activation };
  const build = activation.data['build'] as Digest;
  const document = await buildDocumentOf(session, build);
  const folder = buildFolder(session, build);
  const problem = await differenceFrom(session, folder, document);
  if (problem !== null) throw new Fault('DIGEST_MISMATCH', `the active build differs: ${problem}`, { at: folder, hint: `agentctl rollback restore --to ${hexOf(build).slice(0, 12)} --as <operator>` });
  return { folder, build, document, activation };
}

/** The session of what is active: evaluations and actions then name the build that really ran. */
export function runningAs(session: Session, { build, document }: ActiveBuild): Session {
  return build === session.build.digest ? session : { ...session, build: { ...session.build, digest: build, document }, agent: { ...session.agent, build } };
}

/** The newest activation that was meant to last. */
export async function activationInForce({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<Entry | undefined> {
  return (await store.readEvidence(chain, 'activation.recorded')).findLast((entry) => entry.data['kind'] !== 'drill');
}

/** Where the files of a restored build lie. */
export function buildFolder({ storeFolder }: Pick<Session, 'storeFolder'>, build: Digest): string {
  return `${storeFolder}/builds/${hexOf(build)}`;
}

/** @throws {Fault} EVIDENCE_MISSING when no snapshot ever kept this build */
export async function buildDocumentOf({ store }: Pick<Session, 'store'>, build: Digest): Promise<BuildDocument> {
  const text = await readBlobText(store, build);
  if (text === undefined) throw new Fault('EVIDENCE_MISSING', `nothing is kept of build ${build}`, { hint: 'agentctl rollback list' });
  return parseJson(text, 'build document') as unknown as BuildDocument;
}

/** The first difference between a folder and a build, naming the file; null when it is that build and nothing else. */
export async function differenceFrom({ world }: Pick<Session, 'world'>, folder: string, document: BuildDocument): Promise<string | null> {
  if (!(await world.files.exists(folder))) return 'its folder is gone';
  const found = new Map((await world.files.list(folder)).map((info) => [info.path, info]));
  for (const { path, sha256, mode } of document.files) {
    const info = found.get(path);
    found.delete(path);
    if (info?.kind !== 'file') return `${path} is ${info ? `a ${info.kind}` : 'missing'}`;
    if (hexOf(digestBytes(await world.files.read(`${folder}/${path}`))) !== sha256) return `${path} is not the file that was kept`;
    if (((info.mode & 0o100) === 0 ? '644' : '755') !== mode) return `${path} has the mode ${info.mode.toString(8)}`;
  }
  // A file more could be loaded in place of one that is listed.
  const [extra] = found.keys();
  return extra === undefined ? null : `${extra} does not belong to it`;
}

/**
 * Why the running agent is not this build, by its own word; null when every file that it names is the one of the build,
 * model and prompts among them.
 * @param reported answer to `describe`: `{files: {path: digest}}`
 */
export function differenceReported(reported: JsonObject, document: BuildDocument): string | null {
  const files = Object.entries((reported['files'] ?? {}) as JsonObject);
  if (reported['hosted'] === true) return 'it runs elsewhere, where nobody here can see what it is built from';
  if (files.length === 0) return 'it names no file';
  const expected = new Map(document.files.map((file) => [file.path, `sha256:${file.sha256}`]));
  for (const [path, digest] of files) {
    const own = expected.get(path);
    if (own === undefined) return `it loaded ${path}, which is no file of the build`;
    if (!isDigest(digest) || digest !== own) return `it loaded another ${path}`;
  }
  const named = new Set(files.map(([path]) => path));
  const silent = [...document.prompts, ...(document.model.file === null ? [] : [document.model.file])].find((path) => expected.has(path) && !named.has(path));
  return silent === undefined ? null : `it does not say which ${silent} it loaded`;
}
