/** The answer of `status` as the last command that wrote left it, and whether it still holds. Losable, and never read by `verify`, `apply` or any verb. */
import { digestBytes, type Digest } from '../domain/digest.js';
import type { FileInfo, Files, Head, Store, World } from '../domain/ports.js';
import type { StatusReport } from '../domain/report.js';
import type { Instant } from '../domain/time.js';
import { gateTime } from './gate-time.js';

export interface KeptView {
  /** Program and manifest that it was computed by and from. */
  readonly key: Digest;
  readonly head: Pick<Head, 'size' | 'hash'>;
  /** The same answer at every time in between. */
  readonly from: Instant;
  readonly until: Instant;
  /** Files and `folder/**` patterns that the build and the inputs were computed from, and their stamp then. */
  readonly looked: readonly string[];
  readonly stamp: Digest;
  readonly view: Pick<StatusReport, 'agent' | 'stakes' | 'steps' | 'next'>;
}

/** What an answer depends on besides ledger, clock and files: the program that judges, and agent.yaml to the byte. */
export function keyOf({ surroundings }: Pick<World, 'surroundings'>, manifestText: string): Digest {
  return digestBytes(`${surroundings.version}\n${surroundings.program()}\n${manifestText}`);
}

function placeOf(manifestPath: string): string {
  return `view:${manifestPath}`;
}

/** The row begins with the digest of the rest, so that only what was kept whole is believed. */
export async function rememberView(store: Pick<Store, 'cache'>, manifestPath: string, kept: KeptView): Promise<void> {
  const text = JSON.stringify(kept);
  await store.cache(placeOf(manifestPath), `${digestBytes(text)} ${text}`);
}

/** The kept view, if nothing that it depends on has changed since; undefined means: compute anew. */
export async function recallView(world: Pick<World, 'clock' | 'files' | 'surroundings'>, store: Pick<Store, 'cached' | 'head' | 'read'>, manifestPath: string): Promise<KeptView | undefined> {
  const kept = readKept(await store.cached(placeOf(manifestPath)));
  if (!kept || kept.key !== keyOf(world, await world.files.readText(manifestPath))) return undefined;
  const chain = kept.view.agent.id;
  const head = await store.head(chain);
  if (!head || head.size !== kept.head.size || head.hash !== kept.head.hash) return undefined;
  const now = await gateTime({ world, store, chain });
  if (now < kept.from || now > kept.until) return undefined;
  return (await stampOf(world, folderOf(manifestPath), kept.looked)) === kept.stamp ? kept : undefined;
}

/** A row that is not what was written is as good as none: the next command that writes replaces it. */
function readKept(row = ''): KeptView | undefined {
  const space = row.indexOf(' ');
  const text = row.slice(space + 1);
  return row.slice(0, space) === digestBytes(text) ? (JSON.parse(text) as KeptView) : undefined;
}

/** Size, time and mode of every file named, and the listing of every folder; undefined when something is no plain file, since what a link leads to has a time of its own. */
export async function stampOf({ files }: Pick<World, 'files'>, folder: string, looked: readonly string[]): Promise<Digest | undefined> {
  const found = await Promise.all(looked.map((pattern) => look(files, folder, pattern)));
  if (found.flat().some((info) => info !== undefined && info.kind !== 'file')) return undefined;
  return digestBytes(found.map((infos, index) => `${looked[index]}\n${infos.map(line).join('\n')}`).join('\n\n'));
}

async function look(files: Files, folder: string, pattern: string): Promise<readonly (FileInfo | undefined)[]> {
  if (!pattern.endsWith('/**')) return [await files.info(`${folder}/${pattern}`)];
  const below = `${folder}/${pattern.slice(0, -'/**'.length)}`;
  return (await files.exists(below)) ? files.list(below) : [undefined];
}

function line(info: FileInfo | undefined): string {
  return info === undefined ? 'missing' : JSON.stringify([info.path, info.size, info.modified, info.mode]);
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
