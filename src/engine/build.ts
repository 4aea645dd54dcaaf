/** Computes the build document from a folder: the same bytes in the working tree, a snapshot and a stranger's checkout. */
import { canonical } from '../domain/canonical.js';
import { digestBytes, digestJson, hexOf, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { BuildDocument, BuildFile } from '../domain/build.js';
import type { CommonManifest } from '../domain/manifest.js';
import type { FileInfo, World } from '../domain/ports.js';

export interface ComputedBuild {
  readonly document: BuildDocument;
  /** Canonical bytes: what `artifacts/build.json` holds. */
  readonly text: string;
  readonly digest: Digest;
}

/** Digest of a file; `status` hands in one that remembers digests by size, time and inode. */
export type Hasher = (path: string) => Promise<Digest>;

export function hashFiles(world: Pick<World, 'files'>): Hasher {
  return async (path) => world.files.digest(path);
}

/**
 * @param folder folder of agent.yaml, against which build paths are read
 * @throws {Fault} INPUT_INVALID for a missing file, an empty pattern or a symbolic link
 */
export async function computeBuild(world: Pick<World, 'files'>, manifest: CommonManifest, folder: string, hasher: Hasher = hashFiles(world)): Promise<ComputedBuild> {
  const { build } = manifest;
  const files = await buildFiles(world, buildPatterns(manifest), folder, hasher);
  const document: BuildDocument = {
    v: 1,
    files,
    prompts: [...(build.prompts ?? [])].sort(),
    model: { id: build.model.id, kind: build.model.kind, file: build.model.file ?? null },
    tools: build.tools.map((tool) => ({ name: tool.name, digest: digestJson(tool) })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
  const text = canonical(document);
  return { document, text, digest: digestBytes(text) };
}

/** The files that the patterns name, sorted by path. @throws {Fault} as {@link computeBuild} */
export async function buildFiles(world: Pick<World, 'files'>, patterns: readonly string[], folder: string, hasher: Hasher = hashFiles(world)): Promise<readonly BuildFile[]> {
  const found = new Map<string, FileInfo>();
  for (const pattern of patterns) for (const info of await match(world, folder, pattern)) found.set(info.path, info);
  const files: BuildFile[] = [];
  for (const path of [...found.keys()].sort()) {
    const info = found.get(path);
    files.push({ path, sha256: hexOf(await hasher(`${folder}/${path}`)), mode: ((info?.mode ?? 0) & 0o100) === 0 ? '644' : '755' });
  }
  return files;
}

/** Files and `folder/**` patterns that make up the build. */
export function buildPatterns({ build }: Pick<CommonManifest, 'build'>): readonly string[] {
  return [...build.files, ...(build.prompts ?? []), ...(build.model.file === undefined ? [] : [build.model.file])];
}

async function match(world: Pick<World, 'files'>, folder: string, pattern: string): Promise<readonly FileInfo[]> {
  const below = pattern.endsWith('/**') ? pattern.slice(0, -3) : undefined;
  await refuseLinkedFolders(world, folder, below ?? pattern.slice(0, Math.max(0, pattern.lastIndexOf('/'))));
  const infos =
    below === undefined
      ? [await world.files.info(`${folder}/${pattern}`)].map((info) => info && { ...info, path: pattern })
      : (await world.files.list(`${folder}/${below}`)).map((info) => ({ ...info, path: `${below}/${info.path}` }));
  if (infos.length === 0 || infos.includes(undefined)) {
    throw new Fault('INPUT_INVALID', `build file "${pattern}" does not exist`, { at: `${folder}/${pattern}`, hint: 'correct build.files in agent.yaml' });
  }
  return infos.filter((info) => info !== undefined).map((info) => {
    if (info.kind === 'file') return info;
    throw new Fault('INPUT_INVALID', `build file "${info.path}" is a ${info.kind}, not a plain file`, { at: `${folder}/${info.path}`, hint: 'a link could point elsewhere tomorrow: copy the file' });
  });
}

/** A linked folder would bring files from elsewhere into the build under innocent names. */
async function refuseLinkedFolders(world: Pick<World, 'files'>, folder: string, below: string): Promise<void> {
  const parts = below.split('/').filter((part) => part !== '');
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const path = parts.slice(0, depth).join('/');
    if ((await world.files.info(`${folder}/${path}`))?.kind === 'link') {
      throw new Fault('INPUT_INVALID', `build folder "${path}" is a link, not a plain folder`, { at: `${folder}/${path}`, hint: 'a link could point elsewhere tomorrow: copy the folder' });
    }
  }
}
