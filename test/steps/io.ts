/** What a step sees of the world, from a plain manifest and plain entries. */
import { digestBytes } from '../../src/domain/digest.js';
import type { Entry } from '../../src/domain/entry.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { CommonManifest } from '../../src/domain/manifest.js';
import type { Attestation, Finding, Step, StepIo } from '../../src/domain/step.js';
import { CAPABILITIES, CHAIN, entry, NOW, TOOLS, ANNA, BERT, CARA } from '../enforcement/fixture.js';

export const MANIFEST: CommonManifest = {
  apiVersion: 'agentctl/v1alpha1', kind: 'Agent', checklist: 'v1',
  metadata: { id: CHAIN, name: 'fixture', version: '1.0.0', description: 'Pays and sorts.' },
  stakes: 'standard',
  owner: { organisation: { name: 'Fixture', did: ANNA.did }, operators: [ANNA, BERT, CARA] },
  build: { files: ['agent.js'], model: { id: 'm', kind: 'hosted' }, tools: TOOLS },
  target: { kind: 'jsonl', command: ['node', 'agent.js'] },
  capabilities: CAPABILITIES,
};

/** The same agent without its money. */
export const WITHOUT_MONEY: CommonManifest = { ...MANIFEST, capabilities: [{ id: 'triage', description: 'sorts', permissions: ['mail:move'], tools: ['move', 'notify'] }] };

export interface Seen {
  readonly manifest?: CommonManifest;
  readonly entries?: readonly (readonly [type: string, data: JsonObject])[];
  readonly projections?: Readonly<Record<string, readonly (readonly [string, JsonObject])[]>>;
  readonly attested?: boolean;
}

export function ioOf({ manifest = MANIFEST, entries = [], projections = {}, attested = true }: Seen): StepIo {
  const all = entries.map(([type, data], seq): Entry => entry(type, data, NOW, seq));
  const of = (type: string) => all.filter((one) => one.type === type);
  const act: Attestation = { act: 'approve', operator: 'anna', name: 'Anna', roles: ['finance'], sentence: 's', ceremony: 'scripted', subject: digestBytes('s'), at: NOW };
  return {
    now: NOW, manifest, inputs: {},
    evidence: { latest: (type) => Promise.resolve(of(type).at(-1)), list: (type) => Promise.resolve(of(type)), count: (type) => Promise.resolve(of(type).length) },
    blob: () => Promise.resolve(undefined),
    projection: (name) => Promise.resolve(new Map(projections[name] ?? [])),
    attested: (one) => Promise.resolve(one && attested ? act : undefined),
  };
}

/** Findings of a step by probe. The sections lie in the manifest, as they do in agent.yaml. */
export async function findingsOf(step: Step, section: JsonObject, seen: Seen = {}, others: Readonly<Record<string, JsonObject>> = {}): Promise<Readonly<Record<string, Finding>>> {
  const key = step.section?.key ?? '';
  const manifest = { ...(seen.manifest ?? MANIFEST), ...others, [key]: section } as CommonManifest;
  const { findings } = await step.examine(section, ioOf({ ...seen, manifest }));
  return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
}
