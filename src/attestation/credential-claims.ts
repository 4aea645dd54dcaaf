/** Reads a certificate back out of its credential, so that the same questions can be asked of either. */
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import { certificateClaims, type CertificateClaims } from './certificate.js';
import { conform } from './conform.js';
import { certificateOf, firstDifference, restated, type OpenedCredential } from './credential.js';

/**
 * The certificate that a credential restates, read back claim by claim: nothing may be left over, so that whoever judges the claims judges all that was signed.
 * @throws {Fault} INPUT_INVALID
 */
export function claimsOf(credential: OpenedCredential): CertificateClaims {
  const { signed, subject, status } = credential;
  const { id, type: _type, name, version, uuid, organisation, pact, steps, ...rest } = subject;
  const keys = evidenceOf(credential, 'KeyStatement');
  const { digest, conditions } = isObject(pact) ? pact : {};
  const claims = conform(certificateClaims, withoutAbsent({
    ...rest,
    agent: withoutAbsent({ id: typeof uuid === 'string' ? uuid.replace(/^urn:uuid:/, '') : uuid, did: id, name, version }),
    organisation: withoutAbsent({ name: isObject(signed['issuer']) ? signed['issuer']['name'] : undefined, did: organisation }),
    validFrom: signed['validFrom'], validUntil: signed['validUntil'],
    pact: withoutAbsent({ digest, conditions: renamed(conditions, 'condition') }),
    steps: renamed(steps, 'step'),
    ledger: evidenceOf(credential, 'LogCheckpoint')[0],
    signOffs: evidenceOf(credential, 'HumanSignOff').map((one) => one['envelope'] ?? null),
    ownership: evidenceOf(credential, 'AgentOwnership')[0],
    keys: keys.length > 0 ? keys.map((one) => one['envelope'] ?? null) : undefined,
    status: status && { ...status },
  }), 'credential');
  const odd = firstDifference(restated(claims, certificateOf(credential), credential.issuer), signed);
  if (odd !== undefined) throw new Fault('INPUT_INVALID', `its ${odd} says something that no certificate says`, { at: 'credential' });
  return claims;
}

function evidenceOf({ evidence }: OpenedCredential, type: string): readonly JsonObject[] {
  return evidence.filter((one) => one['type'] === type).map(({ type: _type, ...one }) => one);
}

/** Back to `id`, which in a credential has to be an address. */
function renamed(items: Json | undefined, name: string): Json | undefined {
  return Array.isArray(items) ? (items as readonly Json[]).map((one) => (isObject(one) ? withoutAbsent({ ...one, id: one[name], [name]: undefined }) : one)) : items;
}

function withoutAbsent(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined));
}
