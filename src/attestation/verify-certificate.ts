/** Verifies a certificate offline, as a sentence: envelope, signer, authority, ownership, sign-offs, subject, freshness, revocation, policy. */
import { digestBytes, digestJson } from '../domain/digest.js';
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import { isObject, parseJson, type JsonObject } from '../domain/json.js';
import type { CertificateReport, LinkView } from '../domain/report.js';
import type { Instant } from '../domain/time.js';
import { candidateDigest, CERTIFICATION, certificatePredicate, type CertificatePredicate } from './certificate.js';
import { authorityLink, freshnessLink, link, ownershipLink, policyLink, revocationLink, signerLink, signOffsLink, subjectLink, type CertificateSubject } from './certificate-links.js';
import { conform } from './conform.js';
import { payloadOf, readEnvelope, type Envelope } from './dsse.js';
import { HUMAN_ACT } from './human-act.js';
import { ACCEPTANCE, OWNERSHIP } from './ownership.js';
import { parseStatement, type Statement } from './statement.js';

export interface CertificateCheck {
  /** Text of certificate.dsse.json. */
  readonly envelope: string;
  /** did:key of every organisation whose certificates count; null when the reader has not said. */
  readonly trust: readonly string[] | null;
  readonly now: Instant;
  /** Recomputed from the reader's checkout; null when there is none. */
  readonly subject: CertificateSubject | null;
  /** Accept certificates for which a script stood in for the humans. */
  readonly allowScripted: boolean;
  /** ISO 8601 duration since `validFrom`. */
  readonly maximumAge?: string;
}

/** The links, and the exit status in which they end (0 yes, 1 below policy, 2 no certificate, 3 indeterminate, 4 false). */
export type CertificateVerdict = CertificateReport & { readonly exit: Exit };

/**
 * Verifies a certificate without network and without a store.
 * @throws {Fault} INPUT_INVALID for a trust root or an age that is malformed; a bad certificate is a verdict, not a fault
 */
export async function verifyCertificate(check: CertificateCheck): Promise<CertificateVerdict> {
  const read = readCertificate(check.envelope);
  if ('broken' in read) return verdict(digestBytes(check.envelope), null, [read.broken]);
  const { envelope, predicate, digest } = read;
  const signer = await signerLink(envelope, predicate);
  // Nothing that an unauthenticated text says about itself is worth a further answer.
  if (signer.is !== 'yes') return verdict(digest, null, [WHOLE, signer]);
  const signOffs = await signOffsLink(predicate);
  return verdict(digest, predicate, [
    WHOLE,
    signer,
    authorityLink(predicate, check.trust),
    await ownershipLink(predicate),
    signOffs.view,
    subjectLink(predicate, check.subject),
    freshnessLink(predicate, check.now, check.maximumAge),
    revocationLink(),
    policyLink(predicate, signOffs.acts, check),
  ]);
}

const WHOLE = link('envelope', 'yes', 'one statement, one signature, in canonical form', EXIT.yes);

function verdict(certificate: string, predicate: CertificatePredicate | null, links: readonly LinkView[]): CertificateVerdict {
  const agent = predicate && { ...predicate.agent, build: digestJson(predicate.build) };
  return { certificate, agent, issuer: predicate?.organisation.did ?? null, links, exit: combineExits(links.map((one) => one.exit)) };
}

interface Certificate {
  readonly envelope: Envelope;
  readonly predicate: CertificatePredicate;
  readonly digest: string;
}

function readCertificate(text: string): Certificate | { readonly broken: LinkView } {
  try {
    const envelope = readEnvelope(text, 'certificate');
    const payload = payloadOf(envelope);
    const statement = parseStatement(payload, 'certificate');
    if (OTHER_STATEMENTS.includes(statement.predicateType)) return noCertificate('this is another signed statement of agentctl, not a certificate');
    return { envelope, predicate: consistent(statement), digest: digestBytes(payload) };
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    if (!resembles(text)) return noCertificate('this file is no DSSE envelope');
    const place = error.at === undefined ? '' : ` (${error.at})`;
    return { broken: link('envelope', 'no', `truncated or edited: ${error.message}${place}`, EXIT.untrustworthy) };
  }
}

const OTHER_STATEMENTS: readonly string[] = [HUMAN_ACT, OWNERSHIP, ACCEPTANCE];

function noCertificate(because: string): { readonly broken: LinkView } {
  return { broken: link('envelope', 'no', because, EXIT.usage) };
}

/** Whether a broken text was meant as an envelope: then it was damaged; else it is the wrong file. */
function resembles(text: string): boolean {
  if (/"(payload|payloadType|signatures)"/.test(text)) return true;
  return text.trimStart().startsWith('{') && !isOtherJson(text);
}

function isOtherJson(text: string): boolean {
  try {
    return isObject(parseJson(text, 'certificate'));
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** The predicate, once its shape holds and its digests agree with each other. */
function consistent({ subject, predicateType, predicate: json }: Statement): CertificatePredicate {
  if (predicateType !== CERTIFICATION) throw broken(`the statement is of type ${JSON.stringify(predicateType)}`);
  const predicate = conform<CertificatePredicate>(certificatePredicate, json as JsonObject, 'certificate');
  const [build, pact, ...others] = subject;
  if (!build || !pact || others.length > 0) throw broken('a certificate has two subjects: build and pact');
  if (build.digest !== digestJson(predicate.build)) throw broken('the build document is not the first subject');
  if (pact.digest !== predicate.pact.digest) throw broken('the pact is not the second subject');
  const candidate = candidateDigest({ build: build.digest, pact: pact.digest, sections: predicate.sections });
  if (candidate !== predicate.candidate) throw broken('the candidate digest does not follow from build, pact and sections');
  return predicate;
}

function broken(reason: string): Fault {
  return new Fault('INPUT_INVALID', reason, { at: 'certificate' });
}
