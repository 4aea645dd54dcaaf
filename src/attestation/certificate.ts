/** The certificate: one statement of the organisation about one build of its agent, with the evidence and the sign-offs that it rests on. */
import type { BuildDocument } from '../domain/build.js';
import { digestJson, type Digest } from '../domain/digest.js';
import type { JsonObject } from '../domain/json.js';
import type { Stakes } from '../domain/manifest.js';
import { integer, list, object, oneOf, optional, record, string, boolean, type Schema, type TypeOf } from '../domain/schema.js';
import { STATES, STEP_IDS, type StepId } from '../domain/step.js';
import { isInstant } from '../domain/time.js';
import { decimal, didKey, digest, envelope, instant, orNull } from './forms.js';
import type { Statement } from './statement.js';

export const CERTIFICATION = 'https://agentctl.dev/attestations/agent-certification/v1';
/** `act` of the human act that a certificate needs; its subject is the candidate digest. */
export const SIGN_OFF = 'sign-off';
/** Who may sign off (step 9). */
export const SIGN_OFF_ROLES = ['operations', 'legal'] as const;

/** The steps that a certificate of these stakes has to show as passed. */
export const CERTIFIED_STEPS: { readonly [S in Stakes]: readonly StepId[] } = {
  low: ['identity', 'pact', 'baseline', 'monitor', 'audit'],
  standard: ['identity', 'pact', 'baseline', 'guardrails', 'monitor', 'escalation', 'rollback', 'audit'],
  high: ['identity', 'pact', 'baseline', 'guardrails', 'monitor', 'escalation', 'rollback', 'audit'],
};

const buildDocument = object({
  v: integer(),
  files: list(object({ path: string(), sha256: string({ pattern: '^[0-9a-f]{64}$' }), mode: oneOf(['644', '755']) })),
  prompts: list(string()),
  model: object({ id: string(), kind: oneOf(['local', 'hosted']), file: orNull(string()) }),
  tools: list(object({ name: string(), digest })),
}) as JsonObject as Schema<BuildDocument>;

const condition = object({
  id: string(),
  statement: string(),
  dimension: string(),
  severity: string(),
  value: orNull(decimal),
  n: integer(),
  lower: orNull(decimal),
  upper: orNull(decimal),
  threshold: decimal,
  operator: string(),
  verdict: string(),
});

/** What every form of a certificate says, the build aside. */
const claims = {
  agent: object({ id: string(), did: didKey, name: string(), version: string() }),
  organisation: object({ name: string(), did: didKey }),
  stakes: oneOf(['low', 'standard', 'high']),
  validFrom: instant,
  validUntil: instant,
  /** Digest of the certificate that this one renews. */
  previous: orNull(digest),
  candidate: digest,
  /** Digest of every policy input, by its name. */
  sections: record(digest),
  pact: object({ digest, conditions: list(condition) }),
  composite: orNull(decimal),
  dimensions: record(orNull(decimal)),
  versions: record(string()),
  steps: list(object({ id: oneOf(STEP_IDS), state: oneOf(STATES), required: boolean() })),
  /** Rows of the checklist that nobody could answer, and why. */
  unknown: list(object({ row: string(), because: string() })),
  waivers: list(object({ step: oneOf(STEP_IDS), row: string(), by: string(), until: instant, reason: string() })),
  ledger: object({ chain: string(), size: integer(), head: string({ pattern: '^[0-9a-f]{64}$' }), checkpoint: string() }),
  signOffs: list(envelope),
  ownership: object({ credential: envelope, acceptance: envelope }),
  /** scripted as soon as one human act behind the certificate was. */
  ceremony: oneOf(['interactive', 'scripted']),
  /** Successions and withdrawals of the keys that signed anything in here, oldest first. */
  keys: optional(list(envelope)),
  /** Where verifiers see whether it was revoked. */
  status: optional(object({ list: string({ pattern: '^https://' }), index: integer({ minimum: 0 }) })),
  /** The very bytes of agent.yaml, and its patterns of build files: a reader who has the same bytes needs no other reading of them. */
  manifest: optional(object({ digest, files: list(string(), { minItems: 1 }) })),
  /** What agent.yaml asked of the sign-offs. */
  quorum: optional(object({ count: integer({ minimum: 1 }), roles: list(oneOf(SIGN_OFF_ROLES), { minItems: 1 }), each: boolean() })),
} as const;

export const certificatePredicate = object({ ...claims, build: buildDocument });
export type CertificatePredicate = TypeOf<typeof certificatePredicate>;

/** The same as the credential carries it: the build by its digest alone. */
export const certificateClaims = object({ ...claims, build: digest });
export type CertificateClaims = TypeOf<typeof certificateClaims>;

/** What a certificate says, in whichever form it came; `document` is the build document, where the form carries it. */
export type Certified = CertificateClaims & { readonly document: BuildDocument | null };

/** What operators sign off: this build under this pact and these policy sections. */
export function candidateDigest({ build, pact, sections }: { readonly build: Digest; readonly pact: Digest; readonly sections: Readonly<Record<string, Digest>> }): Digest {
  return digestJson({ build, pact, sections });
}

/** The unsigned statement. Subjects: the bytes of artifacts/build.json, and the pact document. */
export function certificateStatement(predicate: CertificatePredicate, buildJsonDigest: Digest, pactDigest: Digest): Statement {
  const subject = [
    { name: 'artifacts/build.json', digest: buildJsonDigest },
    { name: 'pact', digest: pactDigest },
  ];
  // The predicate is JSON by construction of its schema; its TypeScript type has no index signature.
  return { subject, predicateType: CERTIFICATION, predicate: predicate as unknown as JsonObject };
}

/** Why the claims of a certificate do not go together; undefined when they do. */
export function inconsistency({ build, pact, sections, candidate, validFrom, validUntil, waivers, steps }: CertificateClaims): string | undefined {
  if (candidateDigest({ build, pact: pact.digest, sections }) !== candidate) return 'the candidate digest does not follow from build, pact and sections';
  // Two readers would take two different answers.
  const twice = steps.find(({ id }, index) => steps.findIndex((one) => one.id === id) !== index);
  if (twice) return `${twice.id} is shown twice`;
  return [validFrom, validUntil, ...waivers.map((one) => one.until)].every(isInstant) ? undefined : 'a time in it is none';
}
