/** Simple Verification Result v0.2 (in-toto attestation framework): which properties were found, in the form that gates of build pipelines ask for by name. */
import { short, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { list, object, string, type TypeOf } from '../domain/schema.js';
import type { StepId } from '../domain/step.js';
import { addDuration, type Instant } from '../domain/time.js';
import type { CertificatePredicate } from './certificate.js';
import { conform } from './conform.js';
import { CLOCK_TOLERANCE } from './data-integrity.js';
import { instant } from './forms.js';
import { openStatement, type Statement } from './statement.js';

export const SVR = 'https://in-toto.io/attestation/svr/v0.2';

export const svrPredicate = object({
  verifier: object({ id: string({ pattern: '^https://' }), policies: list(object({ uri: string() })) }),
  timeCreated: instant,
  properties: list(string({ pattern: '^AGENTCTL_[A-Z_]+$' })),
});
export type SvrPredicate = TypeOf<typeof svrPredicate>;

/** Said when no script stood in for a human: a gate that asks for it by name refuses rehearsals. */
export const BY_PEOPLE = 'AGENTCTL_SIGNED_BY_PEOPLE';

/** The property that says that a step passed. */
export function stepProperty(id: StepId): string {
  return `AGENTCTL_STEP_${id.toUpperCase()}`;
}

/**
 * The unsigned statement, about the subjects of the certificate. Only what passed is named: what was waived, failed or could
 * not be told is absent, and absence is this format's only "no". Gates ask for each property, and for a bounded age.
 */
export function svrStatement(predicate: CertificatePredicate, subject: Statement['subject']): Statement {
  const passed = predicate.steps.filter(({ state }) => state === 'passed').map(({ id }) => stepProperty(id));
  const result: SvrPredicate = {
    verifier: { id: `https://agentctl.dev/verifiers/agentctl/${predicate.versions['agentctl'] ?? 'unknown'}`, policies: [] },
    timeCreated: predicate.validFrom,
    properties: [...passed, ...(predicate.ceremony === 'interactive' ? [BY_PEOPLE] : [])],
  };
  return { subject, predicateType: SVR, predicate: result as unknown as JsonObject };
}

/** What a gate asks for. */
export interface SvrCheck {
  /** Digest of the build document that is to be deployed. */
  readonly build: Digest;
  readonly now: Instant;
  /** ISO 8601 duration since `timeCreated`: without one, a result would count for ever. */
  readonly maximumAge: string;
  /** Properties that have to be named. */
  readonly properties: readonly string[];
}

/**
 * Reads a result as a gate does: signed by `did`, about this build, young enough, with every property by name.
 * @throws {Fault} as openStatement; INPUT_INVALID for another form, EVIDENCE_MISSING for another build or time, REFUSED when a property is not named
 */
export async function openSvr(source: string, did: string, { build, now, maximumAge, properties }: SvrCheck): Promise<SvrPredicate> {
  const { statement } = await openStatement(source, did, SVR);
  const result = conform(svrPredicate, statement.predicate, 'simple verification result');
  const unfit = (because: string) => new Fault('EVIDENCE_MISSING', because, { at: 'simple verification result', hint: 'ask its issuer for a newer one' });
  if (!statement.subject.some((one) => one.digest === build)) throw unfit(`genuine, but for another build than ${short(build)}`);
  if (result.timeCreated > addDuration(now, CLOCK_TOLERANCE)) throw unfit(`it says that it was made in the future: ${result.timeCreated}`);
  if (addDuration(result.timeCreated, maximumAge) < now) throw unfit(`older than ${maximumAge}: made on ${result.timeCreated}`);
  const absent = properties.filter((name) => !result.properties.includes(name));
  if (absent.length > 0) throw new Fault('REFUSED', `not named as passed: ${absent.join(', ')}`, { at: 'simple verification result', hint: 'agentctl status' });
  return result;
}
