/** The answer of `status` as the last command that wrote left it, and whether it still holds. Losable, and never read by `verify`, `apply` or any verb. */
import { conforms } from '../domain/conforms.js';
import { digestBytes, type Digest } from '../domain/digest.js';
import { isObject, type Json } from '../domain/json.js';
import { boolean, integer, list, nullable, object, oneOf, optional, string } from '../domain/schema.js';
import { STATES, STEP_IDS } from '../domain/step.js';
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

const text = string({ minLength: 0 });
const finding = object({
  id: text, row: text, question: text, severity: oneOf(['must', 'should']), proof: oneOf(['measured', 'attested']), remedy: text,
  is: oneOf(['yes', 'no', 'unknown', 'not-applicable']), because: text, at: optional(text),
  waived: optional(object({ by: text, until: text, reason: text })),
});
const step = object({
  number: integer(), id: oneOf(STEP_IDS), title: text, question: text, owner: list(text), harm: text, required: boolean(), state: oneOf(STATES), because: text,
  findings: list(finding),
  evidence: list(object({ type: text, seq: integer(), ts: text, validUntil: optional(text), stale: optional(list(text)) })),
  deliverable: object({ name: text, file: text, digest: optional(text) }),
  next: nullable(text),
});
const KEPT = object({
  key: text, head: object({ size: integer(), hash: text }), from: text, until: text, looked: list(text), stamp: text,
  view: object({
    agent: object({ id: text, did: nullable(text), name: text, version: text, build: text }),
    stakes: text, steps: list(step), next: nullable(text),
  }),
});

/** What an answer depends on besides ledger, clock and files: the program that judges, and agent.yaml to the byte. */
export function keyOf({ surroundings }: Pick<World, 'surroundings'>, manifestText: string): Digest {
  return digestBytes(`${surroundings.version}\n${surroundings.program()}\n${manifestText}`);
}

function placeOf(manifestPath: string): string {
  return `view:${manifestPath}`;
}

export async function rememberView(store: Pick<Store, 'cache'>, manifestPath: string, kept: KeptView): Promise<void> {
  // A cache, not evidence: it needs no canonical form.
  await store.cache(placeOf(manifestPath), JSON.stringify(kept));
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

function readKept(row: string | undefined): KeptView | undefined {
  const value = row === undefined ? undefined : parsed(row);
  return isObject(value) && conforms(KEPT, value) === null ? (value as unknown as KeptView) : undefined;
}

/** A row that is no JSON is as good as none: the next command that writes replaces it. */
function parsed(row: string): Json | undefined {
  try {
    return JSON.parse(row) as Json;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
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
