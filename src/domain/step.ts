/** A step as a value: a card (data), a gather (reads only), probes (pure questions), a deliverable; and the one place with an opinion, judge. */
import type { CommonManifest } from './manifest.js';
import type { Role } from './names.js';
import type { Digest } from './digest.js';
import type { Entry } from './entry.js';
import type { Instant } from './time.js';
import type { Json, JsonObject } from './json.js';
import type { Schema } from './schema.js';

export const STEP_IDS = [
  'identity', 'pact', 'baseline', 'guardrails', 'monitor', 'escalation',
  'rollback', 'audit', 'certify', 'incident', 'trust', 'review',
] as const;
export type StepId = (typeof STEP_IDS)[number];

/** States in order of precedence; `not-applicable` only where a card allows it. */
export const STATES = ['untrustworthy', 'failed', 'stale', 'unproven', 'blocked', 'waived', 'passed', 'not-applicable'] as const;
export type State = (typeof STATES)[number];

/** What can make evidence out of date: a part of the manifest, bytes on disk, or the deliverable of an earlier step. */
export const INPUT_NAMES = [
  'owner', 'permissions', 'build', 'pacts', 'capabilities', 'datasets', 'target', 'harness', 'limits', 'tools', 'monitoring',
  'triggers', 'rollback', 'audit', 'certification', 'incidents', 'trust', 'review',
  'deliverable:identity', 'deliverable:pact', 'deliverable:baseline', 'deliverable:certify', 'evidence:1-8',
] as const;
export type InputName = (typeof INPUT_NAMES)[number];

export interface ArgumentCard {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
}

export interface OptionCard {
  /** As commander writes it: `--as <operator>`; `--force`; `--participant <name...>`. */
  readonly flags: string;
  readonly description: string;
  readonly required?: boolean;
}

/** A verb of a step, as data: the command line, `apply`, help and the README read it. */
export interface VerbCard {
  readonly name: string;
  readonly summary: string;
  /** Whether it appends to the ledger. */
  readonly mutates: boolean;
  /** Name of an option with which it appends, although it otherwise only reads. */
  readonly mutatesWith?: string;
  /** Whether a human with a key has to do it. */
  readonly needsHuman: boolean;
  /** Entry types that count as evidence of the step; `apply` runs the verb when the newest one is missing or stale. */
  readonly produces: readonly string[];
  readonly arguments?: readonly ArgumentCard[];
  readonly options?: readonly OptionCard[];
  /** Steps that have to pass before this verb, where a path puts them after its own step. */
  readonly after?: readonly StepId[];
  /** Shows and judges nothing: like `status` it may trust what was kept about agent.yaml and files that did not change. */
  readonly shows?: boolean;
  /** Reads agent.yaml and no ledger. */
  readonly manifestOnly?: boolean;
  /** Works without agent.yaml and store: a counterparty has neither. The name of an option: does so once that is given. */
  readonly outside?: true | string;
}

export interface StepCard {
  readonly number: number;
  readonly id: StepId;
  readonly title: string;
  /** The question that the step answers. */
  readonly question: string;
  readonly owner: readonly Role[];
  readonly ifSkipped: string;
  readonly requires: readonly StepId[];
  readonly inputs: readonly InputName[];
  readonly deliverable: { readonly name: string; readonly file: string; readonly mediaType: string };
  readonly verbs: readonly VerbCard[];
  /** The verb that `agentctl <step>` stands for as soon as one of that verb's options is given; without any, the step is shown. */
  readonly direct?: string;
}

/** Yes is always good; unknown is a value and never passes a must; not-applicable needs a measured reason. */
export type Answer =
  /** `remedy`: where the answer knows better than the card what to do next. */
  | { readonly is: 'yes' | 'no' | 'unknown'; readonly because: string; readonly at?: string; readonly remedy?: string }
  | { readonly is: 'not-applicable'; readonly because: string };

export interface ProbeCard {
  /** `<step>.<what>`, stable for ever. */
  readonly id: string;
  /** Row of the checklist, such as `1.3` or `X2`. */
  readonly row: string;
  /** Ends in a question mark; worded so that yes is good. */
  readonly question: string;
  readonly severity: 'must' | 'should';
  /** measured: the program looked. attested: an operator signed, and the signature was checked. */
  readonly proof: 'measured' | 'attested';
  /** The next command or edit. */
  readonly remedy: string;
}

export interface Probe<Spec, Facts> extends ProbeCard {
  readonly answer: (facts: Facts, spec: Spec) => Answer;
}

/** Read-only questions to the verified ledger of this agent. */
export interface EvidenceQuery {
  latest(type: string): Promise<Entry | undefined>;
  /** Oldest first; `limit` keeps the newest. */
  list(type: string, limit?: number): Promise<readonly Entry[]>;
  count(type: string): Promise<number>;
}

/** A human act whose signature, key, subject and role have been checked. */
export interface Attestation {
  readonly act: string;
  readonly operator: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly sentence: string;
  readonly ceremony: 'interactive' | 'scripted';
  readonly subject: Digest;
  readonly at: Instant;
}

/** All that a step sees of the world: no store, no key, no terminal, no clock, no other step. */
export interface StepIo {
  readonly now: Instant;
  readonly manifest: CommonManifest;
  readonly evidence: EvidenceQuery;
  /** Digests of the step's declared inputs as they are now. */
  readonly inputs: { readonly [K in InputName]?: Digest };
  /** A stored text by its digest, such as a signed document; undefined when it is not there. */
  blob(digest: Digest): Promise<string | undefined>;
  /** State of a projection, such as keys, approvals or reservations. */
  projection(name: string): Promise<ReadonlyMap<string, JsonObject>>;
  /** The verified human act behind an entry; undefined when there is none or the operator holds none of the roles any more; the owners of the step unless roles are named. */
  attested(entry: Entry | undefined, roles?: readonly Role[]): Promise<Attestation | undefined>;
}

export interface Finding extends ProbeCard {
  readonly is: Answer['is'];
  readonly because: string;
  readonly at?: string;
  readonly waived?: { readonly by: string; readonly until: Instant; readonly reason: string };
}

export interface StepDefinition<Spec, Facts extends Json> extends StepCard {
  /** The step's section of agent.yaml; `optional` sections may be absent and then read as undefined. */
  readonly section?: { readonly key: string; readonly schema: Schema<Spec>; readonly optional?: boolean };
  readonly gather: (spec: Spec, io: StepIo) => Promise<Facts>;
  readonly probes: readonly Probe<Spec, Facts>[];
  /** Unsigned bytes of the deliverable, as JSON. */
  readonly deliver: (facts: Facts, spec: Spec) => Json;
}

/** A step with its private types closed over. */
export interface Step extends StepCard {
  readonly section: { readonly key: string; readonly schema: JsonObject; readonly optional: boolean } | undefined;
  readonly probes: readonly ProbeCard[];
  examine(spec: Json | undefined, io: StepIo): Promise<{ readonly facts: Json; readonly findings: readonly Finding[]; readonly deliverable: Json }>;
}

export function defineStep<Spec, Facts extends Json>(definition: StepDefinition<Spec, Facts>): Step {
  const { section, gather, probes, deliver, ...card } = definition;
  return {
    ...card,
    section: section && { key: section.key, schema: section.schema, optional: section.optional ?? false },
    probes: probes.map(({ answer: _answer, ...probe }) => probe),
    async examine(raw, io) {
      // The manifest was validated against `section.schema` before any step runs, so the section has the type it describes.
      const spec = raw as Spec;
      const facts = await gather(spec, io);
      const findings = probes.map(({ answer, ...probe }) => ({ ...probe, ...answer(facts, spec) }));
      return { facts, findings, deliverable: deliver(facts, spec) };
    },
  };
}

/** What judge needs to know beside the findings. */
export interface Circumstances {
  readonly stale: boolean;
  readonly blocked: boolean;
}

/** The state of a step from its findings: the only place with an opinion. */
export function judge(findings: readonly Finding[], { stale, blocked }: Circumstances): State {
  const musts = findings.filter((finding) => finding.severity === 'must' && finding.is !== 'not-applicable');
  const open = musts.filter((finding) => finding.is !== 'yes');
  const unwaived = open.filter((finding) => !finding.waived);
  if (unwaived.some((finding) => finding.is === 'no')) return 'failed';
  if (stale) return 'stale';
  if (unwaived.length > 0 || musts.length === 0) return 'unproven';
  if (blocked) return 'blocked';
  return open.length > 0 ? 'waived' : 'passed';
}

export const yes = (because: string): Answer => ({ is: 'yes', because });
export const no = (because: string, at?: string): Answer => (at === undefined ? { is: 'no', because } : { is: 'no', because, at });
export const unknown = (because: string, remedy?: string): Answer => (remedy === undefined ? { is: 'unknown', because } : { is: 'unknown', because, remedy });
export const notApplicable = (because: string): Answer => ({ is: 'not-applicable', because });
