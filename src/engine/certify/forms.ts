/** Every form of one certificate: each signed, and each verified as a stranger would before anything is recorded or written (row 9.3). */
import { certificateStatement, type CertificatePredicate } from '../../attestation/certificate.js';
import { certificateOf, credentialOf, differsFrom, openCredential, signCredential } from '../../attestation/credential.js';
import { CLOCK_TOLERANCE } from '../../attestation/data-integrity.js';
import { envelopeText, payloadOf } from '../../attestation/dsse.js';
import { bundleOf } from '../../attestation/sigstore-bundle.js';
import { signStatement } from '../../attestation/statement.js';
import { openSvr, svrStatement } from '../../attestation/svr.js';
import { verifyCertificate } from '../../attestation/verify-certificate.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { Signer } from '../../domain/ports.js';
import type { Artifact, Session } from '../session.js';

export interface CertificateForms {
  /** The signed statement: the name under which verifiers know the certificate. */
  readonly certificate: Digest;
  /** Digests of the files as entries name them. */
  readonly deliverable: Digest;
  readonly credential: Digest;
  readonly summary: Digest;
  readonly artifacts: readonly Artifact[];
}

/** @throws {Fault} REFUSED when a form would not verify */
export async function signForms(session: Session, predicate: CertificatePredicate, issuer: Signer): Promise<CertificateForms> {
  const statement = certificateStatement(predicate, session.build.digest, predicate.pact.digest);
  const envelope = await signStatement(statement, issuer);
  const certificate = digestBytes(payloadOf(envelope));
  const credential = await signCredential(credentialOf(predicate, certificate, issuer.did), issuer, predicate.validFrom);
  const summary = await signStatement(svrStatement(predicate, statement.subject), issuer);
  const text = envelopeText(envelope);
  const summaryText = envelopeText(summary);
  await refuseUnverifiable(session, text, predicate);
  await refuseUnlike(credential, predicate, certificate);
  await refuseUnreadable(summaryText, predicate, session, issuer);
  return {
    certificate, deliverable: digestBytes(text), credential: digestBytes(credential), summary: digestBytes(summaryText),
    artifacts: [
      { file: 'certificate.dsse.json', text },
      { file: 'certificate.sigstore.json', text: bundleOf(text) },
      { file: 'certificate.vc.json', text: credential },
      { file: 'certificate.svr.dsse.json', text: summaryText },
      { file: 'certificate.svr.sigstore.json', text: bundleOf(summaryText) },
      { file: 'build.json', text: session.build.text },
    ],
  };
}

async function refuseUnverifiable({ build, chain }: Session, envelope: string, { validFrom, organisation, sections }: CertificatePredicate): Promise<void> {
  const verdict = await verifyCertificate({ envelope, trust: [organisation.did], now: validFrom, subject: { agent: chain, build: build.document, sections }, allowScripted: true });
  const broken = verdict.links.find((link) => link.exit !== EXIT.yes);
  if (broken) throw refused(`${broken.link}: ${broken.because}`);
}

async function refuseUnlike(text: string, predicate: CertificatePredicate, certificate: Digest): Promise<void> {
  const credential = await orRefused('as a credential', openCredential(text, { now: predicate.validFrom }));
  const differs = differsFrom(credential, predicate, certificate);
  if (differs !== undefined || certificateOf(credential) !== certificate) throw refused(`as a credential: ${differs ?? 'the statement'} differs`);
}

async function refuseUnreadable(text: string, { validFrom: now }: CertificatePredicate, { build }: Session, issuer: Signer): Promise<void> {
  await orRefused('as a simple verification result', openSvr(text, issuer.did, { build: build.digest, now, maximumAge: CLOCK_TOLERANCE, properties: [] }));
}

async function orRefused<T>(form: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof Fault && cause.code !== 'INTERNAL') throw refused(`${form}: ${cause.message}`, cause);
    throw cause;
  }
}

function refused(because: string, cause?: unknown): Fault {
  return new Fault('REFUSED', `the certificate would not verify: ${because}`, { hint: 'agentctl explain certify', cause });
}
