/** Simple Verification Result v0.2 (in-toto attestation framework): which properties were found, in the form that gates of build pipelines ask for by name. */
import type { JsonObject } from '../domain/json.js';
import { list, object, string, type TypeOf } from '../domain/schema.js';
import type { CertificatePredicate } from './certificate.js';
import { instant } from './forms.js';
import type { Statement } from './statement.js';

export const SVR = 'https://in-toto.io/attestation/svr/v0.2';

export const svrPredicate = object({
  verifier: object({ id: string({ pattern: '^https://' }), policies: list(object({ uri: string() })) }),
  timeCreated: instant,
  properties: list(string({ pattern: '^AGENTCTL_[A-Z_]+$' })),
});
export type SvrPredicate = TypeOf<typeof svrPredicate>;

/** Said when no script stood in for a human: a gate that asks for it by name refuses rehearsals. */
export const BY_PEOPLE = 'AGENTCTL_SIGNED_BY_PEOPLE';

/**
 * The unsigned statement, about the subjects of the certificate. Only what passed is named: what was waived, failed or could
 * not be told is absent, and absence is this format's only "no". Gates ask for each property, and for a bounded age.
 */
export function svrStatement(predicate: CertificatePredicate, subject: Statement['subject']): Statement {
  const passed = predicate.steps.filter(({ state }) => state === 'passed').map(({ id }) => `AGENTCTL_STEP_${id.toUpperCase()}`);
  const result: SvrPredicate = {
    verifier: { id: `https://agentctl.dev/verifiers/agentctl/${predicate.versions['agentctl'] ?? 'unknown'}`, policies: [] },
    timeCreated: predicate.validFrom,
    properties: [...passed, ...(predicate.ceremony === 'interactive' ? [BY_PEOPLE] : [])],
  };
  return { subject, predicateType: SVR, predicate: result as unknown as JsonObject };
}
