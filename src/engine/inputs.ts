/** What evidence is made from, as it is now: a digest and the canonical text of each input, so that a stale step can print the edit that did it. */
import { canonical } from '../domain/canonical.js';
import { digestBytes, type Digest } from '../domain/digest.js';
import { INPUT_NAMES, type InputName, type StepId } from '../domain/step.js';
import { isObject, type Json } from '../domain/json.js';
import type { Entry } from '../domain/entry.js';
import { STEPS } from '../steps/index.js';
import type { ComputedBuild } from './build.js';
import type { Manifest } from './manifest.js';

export interface Input {
  readonly digest: Digest;
  readonly text: string;
}
export type Inputs = { readonly [K in InputName]: Input };

/** Version of the harness that measures: runner, scorers and statistics. A change here makes every baseline stale. */
export const HARNESS = 'agentctl-harness/2';

export interface InputSources {
  readonly manifest: Manifest;
  readonly build: ComputedBuild;
  /** Digest of each declared data set file as it lies on disk; `missing` when it is not there. */
  readonly datasets: { readonly [id: string]: string };
  /** The same for the texts of incident notices, by name. */
  readonly notices: { readonly [notice: string]: string };
  readonly latest: (type: string) => Promise<Entry | undefined>;
}

/** Entry type and member that hold the digest of a step's deliverable. */
const DELIVERABLES: { readonly [id in 'identity' | 'pact' | 'baseline' | 'certify']: readonly [type: string, member: string] } = {
  identity: ['identity.registered', 'deliverable'],
  pact: ['pact.signed', 'document'],
  baseline: ['baseline.accepted', 'deliverable'],
  certify: ['certificate.issued', 'deliverable'],
};

export async function currentInputs({ manifest, build, datasets, notices, latest }: InputSources): Promise<Inputs> {
  const section = (key: string): Json => manifest[key] ?? null;
  const deliverable = async (id: keyof typeof DELIVERABLES): Promise<Json> => {
    const [type, member] = DELIVERABLES[id];
    return (await latest(type))?.data[member] ?? null;
  };
  const values: { readonly [K in InputName]: Json } = {
    owner: manifest.owner,
    permissions: manifest.capabilities.map((item) => ({ id: item.id, permissions: item.permissions })),
    build: build.document,
    pacts: withoutDigests(section('pacts')),
    capabilities: manifest.capabilities,
    datasets,
    target: manifest.target,
    harness: HARNESS,
    limits: section('limits'),
    tools: manifest.build.tools,
    monitoring: section('monitoring'),
    triggers: section('triggers'),
    rollback: section('rollback'),
    audit: section('audit'),
    certification: section('certification'),
    incidents: withNotices(section('incidents'), notices),
    trust: section('trust'),
    review: section('review'),
    'deliverable:identity': await deliverable('identity'),
    'deliverable:pact': await deliverable('pact'),
    'deliverable:baseline': await deliverable('baseline'),
    'deliverable:certify': await deliverable('certify'),
    'evidence:1-8': await evidenceOfLaunch(latest),
  };
  return Object.fromEntries(INPUT_NAMES.map((name) => [name, inputOf(values[name])])) as unknown as Inputs;
}

/** A notice that was edited has to be rehearsed again, like the procedure that sends it. */
function withNotices(section: Json, notices: InputSources['notices']): Json {
  return isObject(section) ? { ...section, notices } : section;
}

function inputOf(value: Json): Input {
  const text = canonical(value);
  return { digest: digestBytes(text), text };
}

/** The data set digests are the input `datasets`; leaving them out here keeps one edit from counting twice. */
function withoutDigests(pacts: Json): Json {
  if (!isObject(pacts) || !Array.isArray(pacts['datasets'])) return pacts;
  return { ...pacts, datasets: pacts['datasets'].map((item: Json) => (isObject(item) ? { ...item, sha256: null } : item)) };
}

/** What the evidence of steps 1 to 8 was made from: repeating a check changes nothing here, a new limit or a new baseline does. */
async function evidenceOfLaunch(latest: InputSources['latest']): Promise<Json> {
  const steps: Record<string, Json> = {};
  for (const step of STEPS.filter((one) => one.number <= 8)) {
    for (const type of producedBy(step.id)) {
      const entry = await latest(type);
      // A baseline that is accepted anew is another one, though nothing that it was made from changed.
      if (entry) steps[type] = { ...entry.inputs, ...(type === 'baseline.accepted' ? { deliverable: entry.data['deliverable'] ?? null } : {}) };
    }
  }
  return steps;
}

/** Entry types that count as evidence of a step. */
export function producedBy(id: StepId): readonly string[] {
  return STEPS.find((step) => step.id === id)?.verbs.flatMap((verb) => verb.produces) ?? [];
}
