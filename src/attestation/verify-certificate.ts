/** Verifies a certificate offline, as a sentence: envelope, signer, authority, ownership, sign-offs, checkpoint, subject, freshness, revocation, policy. */
import { digestBytes } from '../domain/digest.js';
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import type { CertificateReport, LinkView } from '../domain/report.js';
import { parseDuration, type Instant } from '../domain/time.js';
import { standingOf, worst, worstStanding, type KeyHistory } from '../identity/key-history.js';
import { statementForm, type CertificateForm } from './certificate-form.js';
import { readCertificate } from './certificate-input.js';
import {
  authorityLink, checkpointLink, freshnessLink, link, ownershipLink, policyLink, subjectLink, type CertificateSubject, type Speaks,
} from './certificate-links.js';
import type { Certified } from './certificate.js';
import { certificatePolicy, type CertificatePolicy } from './policy.js';
import { conform } from './conform.js';
import { previousLink } from './previous-link.js';
import { revocationLink } from './revocation-link.js';
import { NOT_BESIDE, resultLinks, type ResultCheck } from './result-links.js';
import { signOffsLink } from './sign-offs-link.js';
import { byName, historiesWith, knownHistories, type Histories } from './succession.js';
import { standingWith, statedBy, trustRootOf, type TrustRoot } from './trust-root.js';

export interface CertificateCheck {
  /** Text of the certificate in any form: certificate.dsse.json, the Sigstore bundle around it, the credential, or the verification result, which tells less. */
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
  /** Statements about keys that the reader has beside those in the certificate, one a line (keys.intoto.jsonl). */
  readonly keys?: string;
  /** The certificates before this one, one a line (certificates.intoto.jsonl). */
  readonly history?: string;
}

/** Recomputes the subject, once the certificate is known to be signed; or says why what lies there cannot be what was certified. Null: the form tells nothing that would help. */
export type SubjectOf = (certified: Certified | null) => Promise<CertificateSubject | { readonly problem: string }>;

/** The links, and the exit status in which they end (0 yes, 1 below policy or revoked, 2 no certificate, 3 indeterminate, 4 false). */
export type CertificateVerdict = CertificateReport & { readonly exit: Exit };

/**
 * Verifies a certificate, in whichever form, without network and without a store.
 * @throws {Fault} INPUT_INVALID for a trust root, a policy or an age that is malformed, EVIDENCE_MISSING for a root whose keys are not at hand; a bad certificate is a verdict, not a fault
 */
export async function verifyCertificate(check: CertificateCheck): Promise<CertificateVerdict> {
  const trust = check.trust?.map((root) => (typeof root === 'string' ? trustRootOf(root, '--trust') : root)) ?? null;
  if (check.maximumAge !== undefined) parseDuration(check.maximumAge);
  if (check.policy !== undefined) conform(certificatePolicy, { ...check.policy }, 'policy');
  const read = readCertificate(check.envelope);
  if (read.form === 'none') return verdict(digestBytes(check.envelope), {}, [read.broken]);
  if (read.form === 'result') {
    const { signer, links } = await resultLinks(read.result, resultCheck(check, trust));
    return verdict(digestBytes(read.result.payload), { signer }, links);
  }
  // Credentials are loaded by those only who have one.
  const form = read.form === 'statement' ? statementForm(read.statement) : await (await import('./credential-form.js')).credentialForm(read.credential, statedBy(trust ?? []));
  if ('broken' in form) return verdict(digestBytes(check.envelope), {}, form.broken);
  const { certified, digest, whole } = form;
  const keys = await keysIn(certified, check.keys);
  const signer = 'problem' in keys ? { view: link('signer', 'no', keys.problem, EXIT.untrustworthy) } : await form.signer(keys.history);
  // Nothing that an unauthenticated text says about itself is worth a further answer.
  if ('problem' in keys || signer.key === undefined) return verdict(digest, {}, [whole, signer.view]);
  return verdict(digest, { certified, signer: signer.key }, [whole, signer.view, ...(await furtherLinks(form, { key: signer.key, trust, ...keys }, check))]);
}

interface Keys {
  /** Of everybody whose keys changed. */
  readonly known: readonly KeyHistory[];
  readonly histories: Histories;
  /** The organisation's. */
  readonly history: KeyHistory;
}

interface Known extends Keys {
  readonly key: string;
  readonly trust: readonly TrustRoot[] | null;
}

async function furtherLinks({ certified, digest, made, untimely }: CertificateForm, { key, history, histories, known, trust }: Known, { now, policy, ...check }: CertificateCheck): Promise<readonly LinkView[]> {
  const speaks: Speaks = (did, at) => (trust === null ? standingOf(history, did, at) : standingWith(trust, history, did, at));
  const ownership = await ownershipLink(certified, histories);
  const signOffs = await signOffsLink(certified, (did, at) => worstStanding([...known, ...(trust ?? [])], did, at));
  const subject = await subjectOf(check.subject, certified);
  const late = untimely?.(now);
  return [
    authorityLink(certified, { key, speaks, trusted: trust !== null, ...(made === undefined ? {} : { made }) }),
    ownership.view,
    signOffs.view,
    await checkpointLink(certified, ownership.claim),
    subjectLink(certified, subject),
    late === undefined ? freshnessLink(certified, now, agesOf(check.maximumAge, policy)) : link('freshness', 'no', late, EXIT.indeterminate),
    await revocationLink(certified, { status: check.status ?? null, speaks, assertionsOf: statedBy(trust ?? []), now, required: policy?.requireStatus === true }),
    policyLink(certified, signOffs.acts, { now, policy, allowScripted: check.allowScripted }),
    await previousLink(certified, { digest, history: check.history ?? null, histories }),
  ];
}

function resultCheck({ subject, now, policy, maximumAge, allowScripted, keys }: CertificateCheck, trust: readonly TrustRoot[] | null): ResultCheck {
  return {
    trusted: trust?.flatMap((root) => root.keys.map((key) => key.did)) ?? null,
    standing: async (did, at) => {
      const histories = await historiesWith(did, linesOf(keys));
      return worst(histories.map((history) => (trust === null ? standingOf(history, did, at) : standingWith(trust, history, did, at))));
    },
    subject: () => subjectOf(subject, null),
    now, allowScripted, policy, maximumAges: agesOf(maximumAge, policy),
  };
}

async function subjectOf(subject: CertificateCheck['subject'], certified: Certified | null): Promise<CertificateSubject | { readonly problem: string } | null> {
  return typeof subject === 'function' ? subject(certified) : subject;
}

function agesOf(maximumAge: string | undefined, policy: CertificatePolicy | undefined): readonly string[] {
  return [maximumAge, policy?.maximumAge].filter((one) => one !== undefined);
}

/** Everybody's keys as the certificate and the reader's own statements show them: the first one, and those that followed. */
async function keysIn({ organisation, keys = [] }: Certified, besides?: string): Promise<Keys | { readonly problem: string }> {
  const lines = linesOf(besides);
  const own = await toldBy(keys, organisation.did, 'its statements about keys do not hold');
  const all = 'problem' in own || lines.length === 0 ? own : await toldBy([...keys, ...lines], organisation.did, NOT_BESIDE);
  if ('problem' in all) return all;
  const histories = byName(all.known);
  return { known: all.known, histories, history: histories(organisation.did) };
}

function linesOf(text = ''): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

async function toldBy(statements: Parameters<typeof knownHistories>[0], organisation: string, reproach: string): Promise<Pick<Keys, 'known'> | { readonly problem: string }> {
  try {
    return { known: await knownHistories(statements, organisation) };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return { problem: `${reproach}: ${error.message}` };
    throw error;
  }
}

function verdict(certificate: string, { certified, signer = null }: { readonly certified?: Certified; readonly signer?: string | null }, links: readonly LinkView[]): CertificateVerdict {
  const agent = certified === undefined ? null : { ...certified.agent, build: certified.build };
  return { certificate, agent, issuer: certified?.organisation.did ?? null, signer, links, exit: combineExits(links.map((one) => one.exit)) };
}
