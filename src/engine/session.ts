/** One command's view of one agent: manifest, build, store, inputs, and the verbs to record what was done. */
import { canonical } from '../domain/canonical.js';
import { digestBytes, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import type { AgentRef, EntryDraft, StoredEntry } from '../domain/entry.js';
import type { Keys, Store, StoredBlob, World } from '../domain/ports.js';
import type { AgentView } from '../domain/report.js';
import type { StepId } from '../domain/step.js';
import { STEPS } from '../steps/index.js';
import { buildPatterns, computeBuild, hashFiles, type ComputedBuild, type Hasher } from './build.js';
import { currentInputs, type Inputs } from './inputs.js';
import { followingKeys, keyRecords } from './key-history.js';
import { findManifest, findStore } from './locate.js';
import { loadManifest, type LoadedManifest, type Manifest } from './manifest.js';
import { refuseMissingLedger } from './missing-ledger.js';
import { openLedger } from './open-ledger.js';
import { recallManifest, rememberManifest } from './manifest-cache.js';
import { cachedHasher, rememberingHasher } from './stat-cache.js';

export { findStore, STORE_FOLDER } from './locate.js';

export const ORGANISATION_CHAIN = 'organisation';

/** Flags that every command has. */
export interface Flags {
  readonly manifest?: string;
  readonly store?: string;
  /** Say yes to confirmations; the act is then marked as scripted. */
  readonly yes: boolean;
  /** Standard input holds the passphrase of the keys, so nothing else can be read from it. */
  readonly passphraseStdin?: boolean;
}

export interface Session {
  readonly world: World;
  readonly flags: Flags;
  readonly manifest: Manifest;
  readonly source: LoadedManifest;
  /** Folder of agent.yaml. */
  readonly folder: string;
  readonly storeFolder: string;
  readonly artifacts: string;
  readonly build: ComputedBuild;
  readonly store: Store;
  /** Asked for the key of an identity, they answer with the one that speaks for it now. */
  readonly keys: Keys;
  readonly chain: string;
  readonly agent: AgentRef;
  readonly inputs: Inputs;
  /** The inputs as another view of the same store gives them. */
  inputsOf(store: Store): Promise<Inputs>;
  /** Re-reads what depends on the ledger, after entries were added. */
  refresh(): Promise<Session>;
}

/** A file to write beside agent.yaml once the entry that names it is durable. */
export interface Artifact {
  readonly file: string;
  readonly text: string;
}

/**
 * Opens agent.yaml and its store. Reading needs no key and creates nothing; `mutates` opens the ledger, making it on first use.
 * @param quick trust what was kept about files and manifest: for what only shows, never for what judges or writes
 */
export async function openSession(world: World, flags: Flags, { mutates, quick = false }: { mutates: boolean; quick?: boolean }): Promise<Session> {
  const path = await findManifest(world, flags.manifest);
  const storeFolder = await findStore(world, path.slice(0, path.lastIndexOf('/')), flags.store);
  if (mutates) return openToWrite(world, flags, path, storeFolder);
  if (!(await world.stores.exists(storeFolder))) return sessionOf(world, flags, await loadManifest(world, path), storeFolder, emptyStore(), hashFiles(world));
  const store = await world.stores.open(storeFolder, { readonly: true });
  return closingOnFault(store, async () => {
    const source = quick ? await recallManifest(world, store, path) : await loadManifest(world, path);
    return sessionOf(world, flags, source, storeFolder, store, quick ? cachedHasher(world, store) : hashFiles(world));
  });
}

/** A manifest with mistakes must not leave a store behind: it is read before the store is made. */
async function openToWrite(world: World, flags: Flags, path: string, storeFolder: string): Promise<Session> {
  const source = await loadManifest(world, path);
  const checkout = { world, manifest: source.manifest, artifacts: artifactsOf(source.folder) };
  if (!(await world.stores.exists(storeFolder))) await refuseMissingLedger({ ...checkout, store: undefined });
  const store = await world.stores.open(storeFolder, { readonly: false });
  return closingOnFault(store, async () => {
    await refuseMissingLedger({ ...checkout, store });
    await openLedger(world, store, storeFolder, source.manifest);
    await rememberManifest(store, source);
    return sessionOf(world, flags, source, storeFolder, store, rememberingHasher(world, store));
  });
}

function artifactsOf(folder: string): string {
  return `${folder}/artifacts`;
}

async function closingOnFault(store: Store, work: () => Promise<Session>): Promise<Session> {
  try {
    return await work();
  } catch (cause) {
    await store.close();
    throw cause;
  }
}

async function sessionOf(world: World, flags: Flags, source: LoadedManifest, storeFolder: string, store: Store, hasher: Hasher): Promise<Session> {
  const { manifest, folder } = source;
  const chain = manifest.metadata.id;
  const build = await computeBuild(world, manifest, folder, hasher);
  const datasets = await hashDeclared(world, folder, hasher, datasetsOf(manifest));
  const notices = await hashDeclared(world, folder, hasher, noticesOf(manifest));
  const inputsOf = (view: Store) => currentInputs({ manifest, build, datasets, notices, latest: (type) => view.latest(chain, type) });
  const inputs = await inputsOf(store);
  const registered = await store.latest(chain, 'identity.registered');
  const did = registered?.data['agentDid'];
  return {
    world, flags, manifest, source, folder, storeFolder, build, store, chain, inputs, inputsOf,
    artifacts: artifactsOf(folder),
    keys: followingKeys(world.keys(storeFolder), () => keyRecords(store, manifest)),
    agent: { id: chain, did: typeof did === 'string' ? did : null, version: manifest.metadata.version, build: build.digest },
    refresh: () => sessionOf(world, flags, source, storeFolder, store, hasher),
  };
}

/** The same agent as `status` sees it: file digests by size and time, and what the ledger says by now. */
export function trustingStats({ world, flags, source, storeFolder, store }: Session): Promise<Session> {
  return sessionOf(world, flags, source, storeFolder, store, cachedHasher(world, store));
}

/** Every file and `folder/**` pattern that a session reads. */
export function lookedAt(manifest: Manifest): readonly string[] {
  return [...buildPatterns(manifest), ...[...datasetsOf(manifest), ...noticesOf(manifest)].map(([, file]) => file)];
}

type Declared = readonly (readonly [name: string, file: string])[];

function datasetsOf(manifest: Manifest): Declared {
  const pacts = manifest['pacts'];
  const declared = isObject(pacts) && Array.isArray(pacts['datasets']) ? (pacts['datasets'] as readonly JsonObject[]) : [];
  return declared.map(({ id, file }) => [String(id), String(file)]);
}

/** The texts of incident notices: they count like the section that names them. */
function noticesOf(manifest: Manifest): Declared {
  const section = manifest['incidents'];
  const templates = isObject(section) && isObject(section['templates']) ? section['templates'] : {};
  return Object.entries(templates).map(([notice, file]) => [notice, String(file)]);
}

async function hashDeclared(world: World, folder: string, hasher: Hasher, declared: Declared): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [name, file] of declared) {
    const path = `${folder}/${file}`;
    digests[name] = (await world.files.exists(path)) ? await hasher(path) : 'missing';
  }
  return digests;
}

/** The inputs of a step, by name, as an entry carries them. */
export function inputsOf(session: Pick<Session, 'inputs'>, id: StepId): Record<string, Digest> {
  const step = STEPS.find((one) => one.id === id);
  return Object.fromEntries((step?.inputs ?? []).map((name) => [name, session.inputs[name].digest]));
}

/** Evidence of a step: carries the step's inputs, keeps their canonical texts as blobs, then writes the artifacts that the entry names. */
export async function recordEvidence(
  session: Session,
  id: StepId,
  draft: { type: string; data: JsonObject; actor?: string; validUntil?: string; payload?: JsonObject },
  { artifacts = [], blobs = [], also = [] }: { artifacts?: readonly Artifact[]; blobs?: readonly StoredBlob[]; also?: readonly EntryDraft[] } = {},
): Promise<StoredEntry> {
  const inputs = inputsOf(session, id);
  const texts = Object.keys(inputs).map((name) => textBlob(session.inputs[name as keyof Inputs].text));
  const files = artifacts.map((artifact) => textBlob(artifact.text));
  const { actor = 'agentctl', ...rest } = draft;
  const stored = await session.store.append(session.chain, [...also, { ...rest, agent: session.agent, actor, inputs }], { blobs: [...texts, ...files, ...blobs] });
  for (const artifact of artifacts) await session.world.files.write(`${session.artifacts}/${artifact.file}`, artifact.text);
  const last = stored.at(-1);
  if (!last) throw new Fault('INTERNAL', 'an append returned nothing');
  return last;
}

/** An entry that is no evidence of a step, such as a key that was revoked or an action that was decided. */
export async function record(session: Session, draft: { type: string; data: JsonObject; actor?: string; payload?: JsonObject }, blobs: readonly StoredBlob[] = []): Promise<StoredEntry> {
  const [stored] = await session.store.append(session.chain, [{ ...draft, agent: session.agent, actor: draft.actor ?? 'agentctl' }], { blobs });
  if (!stored) throw new Fault('INTERNAL', 'an append returned nothing');
  return stored;
}

export function textBlob(text: string, mediaType = 'application/json'): StoredBlob {
  return { mediaType, bytes: new TextEncoder().encode(text) };
}

export async function readBlobText(store: Store, digest: unknown): Promise<string | undefined> {
  const blob = typeof digest === 'string' ? await store.blob(digest as Digest) : undefined;
  return blob && new TextDecoder('utf-8', { fatal: true }).decode(blob.bytes);
}

/** A JSON deliverable as artifact, with its digest. */
export function artifactOf(file: string, value: Json): Artifact & { digest: Digest } {
  const text = canonical(value);
  return { file, text, digest: digestBytes(text) };
}

export function agentView(session: Session): AgentView {
  const { metadata } = session.manifest;
  return { id: metadata.id, did: session.agent.did, name: metadata.name, version: metadata.version, build: session.build.digest };
}

/** A store that has nothing: what a reader sees before the first entry. */
function emptyStore(): Store {
  const nothing = () => Promise.resolve(undefined);
  const refuse = () => Promise.reject(new Fault('INTERNAL', 'a read-only session cannot write'));
  return {
    append: refuse, reserve: refuse, post: refuse, void: refuse, expire: refuse, erase: refuse, prune: refuse, putCheckpoint: refuse, putCosignature: refuse,
    head: nothing, latest: nothing, read: nothing, blob: nothing, payload: nothing, disclosed: nothing, erasedBy: nothing, projected: nothing, checkpoint: nothing, cached: nothing,
    tile: () => Promise.reject(new Fault('LEDGER_BROKEN', 'a ledger without entries has no tiles')),
    payloads: () => Promise.resolve({ kept: 0, erased: 0 }),
    backup: () => Promise.reject(new Fault('EVIDENCE_MISSING', 'there is no ledger to copy', { hint: 'agentctl apply' })),
    chains: () => Promise.resolve([]),
    checkpoints: () => Promise.resolve([]),
    cosignatures: () => Promise.resolve([]),
    readEvidence: () => Promise.resolve([]),
    count: () => Promise.resolve(0),
    projection: () => Promise.resolve(new Map()),
    scan: async function* () {},
    verifyParts: nothing,
    audit: async function* () {},
    cache: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
