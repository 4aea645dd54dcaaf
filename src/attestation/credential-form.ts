/** The credential as a form of the certificate: its proof, its issuer, and the claims that are judged link by link. */
import { EXIT, Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import type { LinkView } from '../domain/report.js';
import type { Instant } from '../domain/time.js';
import type { KeyHistory } from '../identity/key-history.js';
import type { CertificateForm } from './certificate-form.js';
import { damaged } from './certificate-input.js';
import { falsified, link, signedBy, yes, type Signed } from './certificate-links.js';
import { inconsistency, type Certified } from './certificate.js';
import { claimsOf } from './credential-claims.js';
import { certificateOf, openUndated, type OpenedCredential } from './credential.js';
import { refuseWrongTime, timeOf } from './data-integrity.js';

/** The links that say why there is none, if the proof does not hold or what it covers is no certificate. */
export async function credentialForm(json: JsonObject): Promise<CertificateForm | { readonly broken: readonly LinkView[] }> {
  try {
    const credential = await openUndated(json);
    const certified: Certified = { ...claimsOf(credential), document: null };
    const problem = inconsistency(certified);
    if (problem !== undefined) throw new Fault('INPUT_INVALID', problem, { at: 'credential' });
    const { created, expires } = credential.proof;
    for (const time of [created, ...(expires === undefined ? [] : [expires])]) timeOf(time, 'a time of the proof');
    return { certified, digest: certificateOf(credential), whole: yes('envelope', 'one credential, one proof, and nothing in it but what a certificate says'), signer: (history) => Promise.resolve(issuerLink(credential, certified, history)), untimely: (now) => untimely(credential, now) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    return { broken: brokenBy(error) };
  }
}

function brokenBy(fault: Fault): readonly LinkView[] {
  if (fault.code === 'INPUT_INVALID') return [falsified('envelope', damaged(fault))];
  const read = yes('envelope', 'one credential, one proof');
  return [read, fault.exit === EXIT.indeterminate ? link('signer', 'unknown', fault.message, fault.exit) : falsified('signer', fault.message)];
}

/** The proof was made with a key of the issuer that the credential names: is that one the organisation? */
function issuerLink({ issuer }: OpenedCredential, { organisation }: Certified, { keys }: KeyHistory): Signed {
  if (keys.some((one) => one.did === issuer)) return signedBy(issuer, organisation);
  return { view: falsified('signer', `signed by ${issuer}, but it names ${organisation.did} as the organisation`) };
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
