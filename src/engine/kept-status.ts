/**
 * The answer of `agentctl status` as the last command that wrote left it, in a file of its own beside the ledger, and whether it still
 * holds. Losable, and never read by `verify`, `apply` or any verb. Imports no step and opens no store: that is what makes it quick.
 */
import { EXIT, type Exit } from '../domain/fault.js';
import type { FileInfo, Files, Keys, Stores, World } from '../domain/ports.js';
import type { Report, StatusReport } from '../domain/report.js';
import type { Instant } from '../domain/time.js';
import { findManifest, findStore } from './locate.js';
import type { Flags } from './session.js';

export interface KeptStatus {
  /** Files and `folder/**` patterns that build and inputs were computed from. */
  readonly looked: readonly string[];
  /** See {@link stampOf}. */
  readonly stamp: string;
  /** The same answer at every time in between. */
  readonly from: Instant;
  readonly until: Instant;
  /** Without the warnings on where keys lie, which are looked at anew. */
  readonly report: StatusReport;
}

/** As much of the world as the kept answer needs. */
export type Looking = Pick<World, 'clock' | 'files' | 'surroundings'> & { readonly stores: Pick<Stores, 'exists' | 'stamp'>; keys(storeFolder: string): Pick<Keys, 'placement'> };

/** What an answer is about. */
export interface Place {
  readonly manifest: string;
  readonly storeFolder: string;
}

/** @returns undefined when it has to be computed */
export async function keptStatus(world: Looking, flags: Flags): Promise<Report<'status'> | undefined> {
  const manifest = await findManifest(world, flags.manifest);
  const place = { manifest, storeFolder: await findStore(world, folderOf(manifest), flags.store) };
  const kept = await readKept(world, place);
  const now = world.clock.now();
  if (!kept || now < kept.from || now > kept.until) return undefined;
  const { report } = kept;
  const warnings = [...report.warnings, ...(await world.keys(place.storeFolder).placement())];
  return { kind: 'status', exit: exitOfStatus(report), data: { ...report, warnings, kept: kept.from } };
}

/** Exit 0 whenever computable, 4 when anything cannot be trusted. */
export function exitOfStatus({ steps }: Pick<StatusReport, 'steps'>): Exit {
  return steps.some((step) => step.state === 'untrustworthy') ? EXIT.untrustworthy : EXIT.yes;
}

/** One file for each manifest of a store, by its way from there. */
export function fileOf({ manifest, storeFolder }: Place): string {
  const beside = folderOf(storeFolder);
  const way = manifest.startsWith(`${beside}/`) ? manifest.slice(beside.length + 1) : manifest;
  return `${storeFolder}/status/${encodeURIComponent(way)}.json`;
}

/**
 * Everything that an answer depends on besides the time, as far as it shows from outside: program, agent.yaml, every file named, the
 * listing of every folder, and the ledger.
 *
 * @param before the answer was written at this time, in milliseconds. File systems tell time in ticks, and two changes within one look like
 *   one: so every file has to be older than the ledger, and the ledger than the answer.
 * @returns undefined when that is not so, while somebody writes, and when something is no plain file: what a link leads to has a time of its own
 */
export async function stampOf({ files, stores, surroundings }: Looking, { manifest, storeFolder }: Place, looked: readonly string[], before: number): Promise<string | undefined> {
  const folder = folderOf(manifest);
  const ledger = await stores.stamp(storeFolder);
  const found = await Promise.all([
    ...[surroundings.program, manifest].map(async (path) => [await files.info(path)]),
    ...looked.map((pattern) => look(files, folder, pattern)),
  ]);
  const plain = found.flat().every((info) => info === undefined || (info.kind === 'file' && ledger !== undefined && info.changed < ledger.changed));
  if (!ledger || !plain || ledger.changed >= before) return undefined;
  return [surroundings.version, ledger.text, ...found.map((infos, index) => `${looked[index - 2] ?? ''}\n${infos.map(line).join('\n')}`)].join('\n\n');
}

async function look(files: Files, folder: string, pattern: string): Promise<readonly (FileInfo | undefined)[]> {
  if (!pattern.endsWith('/**')) return [await files.info(`${folder}/${pattern}`)];
  const below = `${folder}/${pattern.slice(0, -'/**'.length)}`;
  return (await files.exists(below)) ? files.list(below) : [undefined];
}

function line(info: FileInfo | undefined): string {
  return info === undefined ? 'missing' : JSON.stringify([info.path, info.size, info.modified, info.changed, info.mode]);
}

/** A file that is not what was written is as good as none: the next command that writes replaces it. */
async function readKept(world: Looking, place: Place): Promise<KeptStatus | undefined> {
  const file = fileOf(place);
  const info = await world.files.info(file);
  if (info?.kind !== 'file') return undefined;
  const kept = parseKept(await world.files.readText(file));
  return kept && kept.stamp === (await stampOf(world, place, kept.looked, info.changed)) ? kept : undefined;
}

function parseKept(text: string): KeptStatus | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'looked' in value && Array.isArray(value.looked) ? (value as KeptStatus) : undefined;
  } catch {
    return undefined;
  }
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
