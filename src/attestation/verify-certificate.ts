/** Verifies a certificate offline, as a sentence: envelope, signer, authority, ownership, sign-offs, checkpoint, subject, freshness, revocation, policy. */
import { digestBytes } from '../domain/digest.js';
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import type { CertificateReport, LinkView } from '../domain/report.js';
import { parseDuration, type Instant } from '../domain/time.js';
import { standingOf, type KeyHistory } from '../identity/key-history.js';
import { readCertificate, type ReadCertificate } from './certificate-input.js';
import {
  authorityLink, checkpointLink, freshnessLink, link, ownershipLink, policyLink, revocationLink, signerLink, signOffsLink, subjectLink, type CertificateSubject, type Speaks,
} from './certificate-links.js';
import type { CertificatePredicate } from './certificate.js';
import { certificatePolicy, type CertificatePolicy } from './policy.js';
import { conform } from './conform.js';
import { historiesOf, type Histories } from './succession.js';
import { standingWith, trustRootOf, type TrustRoot } from './trust-root.js';

export interface CertificateCheck {
  /** Text of certificate.dsse.json, or of the Sigstore bundle around it. */
  readonly envelope: string;
  /** Every organisation whose certificates count, by its did:key or with all its keys; null when the reader has not said. */
  readonly trust: readonly (string | TrustRoot)[] | null;
  readonly now: Instant;
  /** Recomputed from the reader's checkout; null when there is none. */
  readonly subject: CertificateSubject | null | SubjectOf;
  /** Accept certificates for which a script stood in for the humans. */
  readonly allowScripted: boolean;
  /** ISO 8601 duration since `validFrom`. */
  readonly maximumAge?: string;
  /** What the reader asks for beyond what the stakes ask. */
  readonly policy?: CertificatePolicy;
  /** Text of the status list that the certificate names, fetched by the reader. */
  readonly status?: string;
}

/** Recomputes the subject, once the certificate is known to be signed; or says why what lies there cannot be what was certified. */
export type SubjectOf = (certified: CertificatePredicate) => Promise<CertificateSubject | { readonly problem: string }>;

/** The links, and the exit status in which they end (0 yes, 1 below policy or revoked, 2 no certificate, 3 indeterminate, 4 false). */
export type CertificateVerdict = CertificateReport & { readonly exit: Exit };

/**
 * Verifies a certificate without network and without a store.
 * @throws {Fault} INPUT_INVALID for a trust root, a policy or an age that is malformed, EVIDENCE_MISSING for a root whose keys are not at hand; a bad certificate is a verdict, not a fault
 */
export async function verifyCertificate(check: CertificateCheck): Promise<CertificateVerdict> {
  const trust = check.trust?.map((root) => (typeof root === 'string' ? trustRootOf(root, '--trust') : root)) ?? null;
  if (check.maximumAge !== undefined) parseDuration(check.maximumAge);
  if (check.policy !== undefined) conform(certificatePolicy, { ...check.policy }, 'policy');
  const read = readCertificate(check.envelope);
  if ('broken' in read) return verdict(digestBytes(check.envelope), null, [read.broken]);
  const { sealed, predicate, digest, build } = read;
  const keys = await keysIn(predicate);
  const signer = 'problem' in keys ? { view: link('signer', 'no', keys.problem, EXIT.untrustworthy) } : await signerLink(sealed, predicate, keys.history);
  // Nothing that an unauthenticated text says about itself is worth a further answer.
  if ('problem' in keys || signer.key === undefined) return verdict(digest, null, [WHOLE, signer.view]);
  return verdict(digest, { predicate, build }, [WHOLE, signer.view, ...(await furtherLinks(predicate, { key: signer.key, trust, ...keys }, check))]);
}

interface Keys {
  readonly histories: Histories;
  /** The organisation's. */
  readonly history: KeyHistory;
}

interface Signed extends Keys {
  readonly key: string;
  readonly trust: readonly TrustRoot[] | null;
}

async function furtherLinks(predicate: CertificatePredicate, { key, history, histories, trust }: Signed, { now, policy, ...check }: CertificateCheck): Promise<readonly LinkView[]> {
  const speaks: Speaks = (did, at) => (trust === null ? standingOf(history, did, at) : standingWith(trust, history, did, at));
  const ownership = await ownershipLink(predicate, histories);
  const signOffs = await signOffsLink(predicate);
  const subject = typeof check.subject === 'function' ? await check.subject(predicate) : check.subject;
  return [
    authorityLink(predicate, { key, speaks, trusted: trust !== null }),
    ownership.view,
    signOffs.view,
    await checkpointLink(predicate, ownership.claim),
    subjectLink(predicate, subject),
    freshnessLink(predicate, now, [check.maximumAge, policy?.maximumAge].filter((one) => one !== undefined)),
    await revocationLink(predicate, { status: check.status ?? null, speaks, now, required: policy?.requireStatus === true }),
    policyLink(predicate, signOffs.acts, { now, policy, allowScripted: check.allowScripted }),
  ];
}

/** Everybody's keys as the certificate shows them: the first one, and those that followed. */
async function keysIn({ organisation, keys = [] }: CertificatePredicate): Promise<Keys | { readonly problem: string }> {
  try {
    const histories = await historiesOf(keys, organisation.did);
    return { histories, history: histories(organisation.did) };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return { problem: `its statements about keys do not hold: ${error.message}` };
    throw error;
  }
}

const WHOLE = link('envelope', 'yes', 'one statement, one signature, in canonical form', EXIT.yes);

function verdict(certificate: string, read: Pick<ReadCertificate, 'predicate' | 'build'> | null, links: readonly LinkView[]): CertificateVerdict {
  const agent = read && { ...read.predicate.agent, build: read.build };
  return { certificate, agent, issuer: read?.predicate.organisation.did ?? null, links, exit: combineExits(links.map((one) => one.exit)) };
}
