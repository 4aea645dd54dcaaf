/** The credential as a form of the certificate: its proof, its issuer, and the claims that are judged link by link. */
import { EXIT, Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import type { LinkView } from '../domain/report.js';
import { toInstant, type Instant } from '../domain/time.js';
import type { KeyHistory } from '../identity/key-history.js';
import type { CertificateForm } from './certificate-form.js';
import { damaged } from './certificate-input.js';
import { falsified, link, signedBy, yes, type Signed } from './certificate-links.js';
import { inconsistency, type Certified } from './certificate.js';
import { claimsOf } from './credential-claims.js';
import { certificateOf, openUndated, type AssertionsOf, type OpenedCredential } from './credential.js';
import { refuseWrongTime, timeOf } from './data-integrity.js';

/**
 * The links that say why there is none, if the proof does not hold or what it covers is no certificate.
 * @param assertionsOf what the reader knows of issuers that are no did:key
 */
export async function credentialForm(json: JsonObject, assertionsOf?: AssertionsOf): Promise<CertificateForm | { readonly broken: readonly LinkView[] }> {
  try {
    const credential = await openUndated(json, assertionsOf);
    const certified: Certified = { ...claimsOf(credential), document: null };
    const problem = inconsistency(certified);
    if (problem !== undefined) throw new Fault('INPUT_INVALID', problem, { at: 'credential' });
    const { created, expires } = credential.proof;
    for (const time of [created, ...(expires === undefined ? [] : [expires])]) timeOf(time, 'a time of the proof');
    return { certified, digest: certificateOf(credential), made: toInstant(timeOf(created, 'created')), whole: yes('envelope', 'one credential, one proof, and nothing in it but what a certificate says'), signer: (history) => Promise.resolve(issuerLink(credential, certified, history)), untimely: (now) => untimely(credential, now) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    return { broken: brokenBy(error) };
  }
}

function brokenBy(fault: Fault): readonly LinkView[] {
  if (fault.code === 'INPUT_INVALID') return [falsified('envelope', damaged(fault))];
  const read = yes('envelope', 'one credential, one proof');
  const unknown = () => link('signer', 'unknown', [fault.message, fault.hint].filter((part) => part !== undefined).join(': '), fault.exit);
  return [read, fault.exit === EXIT.indeterminate ? unknown() : falsified('signer', fault.message)];
}

/** The proof was made with a key of the issuer that the credential names: is it one of the organisation? */
function issuerLink({ issuer, key }: OpenedCredential, { organisation }: Certified, { keys }: KeyHistory): Signed {
  const name = issuer === key ? issuer : `${issuer}, with its key ${key}`;
  if (!keys.some((one) => one.did === key)) return { view: falsified('signer', `signed by ${name}, but it names ${organisation.did} as the organisation`) };
  const { view } = signedBy(key, organisation);
  return { key, view: issuer === key ? view : { ...view, because: `${view.because}, as ${issuer}` } };
}

function untimely({ proof }: OpenedCredential, now: Instant): string | undefined {
  try {
    refuseWrongTime(proof, now);
    return undefined;
  } catch (error) {
    if (error instanceof Fault && error.code === 'EVIDENCE_MISSING') return error.message;
    throw error;
  }
}
