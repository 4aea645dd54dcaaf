/** What a step may see of the world, made of a few entries: for tables of probes. */
import type { Entry } from '../../src/domain/entry.js';
import type { Digest } from '../../src/domain/digest.js';
import type { Json, JsonObject } from '../../src/domain/json.js';
import type { CommonManifest, Stakes } from '../../src/domain/manifest.js';
import type { Attestation, Finding, Step, StepIo } from '../../src/domain/step.js';

export interface Seen {
  readonly now?: string;
  readonly stakes?: Stakes;
  readonly operators?: CommonManifest['owner']['operators'];
  /** DID of the organisation that agent.yaml names. */
  readonly organisation?: string;
  readonly organisationWeb?: string;
  readonly capabilities?: readonly Partial<CommonManifest['capabilities'][number]>[];
  readonly entries?: readonly (Partial<Entry> & { readonly type: string; readonly data: JsonObject })[];
  readonly blobs?: { readonly [digest: string]: string };
  readonly inputs?: StepIo['inputs'];
  /** State of projections, by name and key. */
  readonly projections?: { readonly [name: string]: { readonly [key: string]: JsonObject } };
  /** The human behind every entry that has an act. */
  readonly human?: Attestation;
}

export const NOW = '2026-11-22T12:00:00.000Z';
export const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}`;

export function stepIo({ now = NOW, stakes = 'standard', operators = [], organisation = 'did:key:o', organisationWeb, capabilities = [], entries = [], blobs = {}, inputs = {}, projections = {}, human }: Seen): StepIo {
  const all = entries.map((one, seq): Entry => ({
    v: 1, chain: 'c', seq, ts: NOW, agent: { id: 'c', did: null, version: '1.0.0', build: digestOf('b') }, actor: 'agentctl', inputs: {}, ...one,
  }));
  const of = (type: string) => all.filter((entry) => entry.type === type);
  return {
    now, inputs,
    manifest: { stakes, owner: { organisation: { name: 'o', did: organisation, ...(organisationWeb === undefined ? {} : { web: organisationWeb }) }, operators }, capabilities } as unknown as CommonManifest,
    evidence: {
      latest: (type) => Promise.resolve(of(type).at(-1)),
      list: (type, limit) => Promise.resolve(of(type).slice(limit === undefined ? 0 : -limit)),
      count: (type) => Promise.resolve(of(type).length),
    },
    blob: (digest) => Promise.resolve(blobs[digest]),
    projection: (name) => Promise.resolve(new Map(Object.entries(projections[name] ?? {}))),
    attested: (entry) => Promise.resolve(entry === undefined ? undefined : human),
  };
}

/** The finding of one probe. */
export async function findingOf(step: Step, section: Json, seen: Seen, probe: string): Promise<Finding> {
  const { findings } = await step.examine(section, stepIo(seen));
  const found = findings.find((one) => one.id === probe);
  if (!found) throw new Error(`no probe ${probe}`);
  return found;
}
