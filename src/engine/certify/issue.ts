/** `certify issue`: the organisation signs the certificate, after everything that it says was checked, and checks it again as a stranger would. */
import { certificatePredicate, certificateStatement, type CertificatePredicate } from '../../attestation/certificate.js';
import { conform } from '../../attestation/conform.js';
import { envelopeText, payloadOf } from '../../attestation/dsse.js';
import { sigstoreBundle } from '../../attestation/sigstore-bundle.js';
import { signStatement } from '../../attestation/statement.js';
import { verifyCertificate } from '../../attestation/verify-certificate.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes, isDigest, short } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { addDuration, readable } from '../../domain/time.js';
import { checkEverything } from '../check-ledger.js';
import { gateTime } from '../status.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { certificationOf, currentCandidate, freshRun, launchedSteps, signOffsOf } from './cycle.js';
import { certificatePredicateOf } from './predicate.js';

export const run: Verb = async (session) => {
  const { store, chain, manifest, keys, build } = session;
  const { validFor, signOff } = certificationOf(session);
  await checkEverything(session);
  const steps = await launchedSteps(session);
  const candidate = await currentCandidate(session);
  const fresh = await freshRun(session, candidate);
  if (!fresh.ok) throw new Fault('EVIDENCE_MISSING', fresh.because, { hint: 'agentctl certify run' });
  const signOffs = await signOffsOf(session, candidate, fresh.run);
  if (signOffs.length < signOff.quorum) {
    throw new Fault('APPROVAL_PENDING', `${signOffs.length} of ${signOff.quorum} sign-offs of this candidate by ${signOff.roles.join(' or ')}`, { hint: 'agentctl certify sign-off --as <operator>' });
  }
  const validFrom = await gateTime(session);
  // No certificate outlives the run and the waivers that it rests on.
  const ends = [addDuration(validFrom, validFor), fresh.entry.validUntil, ...steps.flatMap((step) => step.findings.map((finding) => finding.waived?.until))];
  const validUntil = ends.filter((one) => one !== undefined).reduce((earliest, one) => (one < earliest ? one : earliest));
  const former = (await store.latest(chain, 'certificate.issued'))?.data['certificate'];
  const predicate = await certificatePredicateOf(session, {
    candidate, steps, signOffs, report: fresh.entry.data['deliverable'], validFrom, validUntil, previous: isDigest(former) ? former : null,
  });
  conform(certificatePredicate, predicate as unknown as JsonObject, 'certificate');
  const issuer = await keys.openByDid('organisation', manifest.owner.organisation.did);
  const envelope = await signStatement(certificateStatement(predicate, build.digest, candidate.pact), issuer);
  const text = envelopeText(envelope);
  await refuseUnverifiable(session, text, predicate);
  const certificate = digestBytes(payloadOf(envelope));
  await recordEvidence(
    session, 'certify',
    {
      type: 'certificate.issued', validUntil,
      data: {
        deliverable: digestBytes(text), certificate, candidate: candidate.digest, build: build.digest, run: fresh.run,
        previous: predicate.previous, validUntil, signOffs: signOffs.length, ceremony: predicate.ceremony,
      },
    },
    {
      artifacts: [
        { file: 'certificate.dsse.json', text },
        { file: 'certificate.sigstore.json', text: `${canonical(sigstoreBundle(envelope, issuer.did))}\n` },
        { file: 'build.json', text: build.text },
      ],
    },
  );
  return outcome({
    step: 'certify', verb: 'issue', headline: `${manifest.metadata.name} ${manifest.metadata.version} is certified until ${readable(validUntil)}`,
    facts: [
      { label: 'certificate', value: certificate },
      { label: 'build', value: `${short(build.digest)}, ${build.document.files.length} files` },
      { label: 'signed off by', value: signOffs.map((one) => `${one.act.name} (${one.act.roles.join(', ')}; ${one.act.ceremony})`).join('; ') },
      { label: 'renews', value: predicate.previous === null ? 'nothing: the first certificate' : short(predicate.previous) },
      { label: 'not known', value: `${predicate.unknown.length} rows, listed in the certificate` },
      { label: 'written', value: 'artifacts/certificate.dsse.json, certificate.sigstore.json, build.json' },
    ],
    ...(predicate.ceremony === 'scripted' ? { notes: ['a scripted stand-in signed: verifiers refuse this certificate unless they add --allow-scripted'] } : {}),
    next: `agentctl verify --certificate artifacts/certificate.dsse.json --trust ${issuer.did} --subject .`,
    data: { certificate, validUntil, previous: predicate.previous, candidate: candidate.digest },
  });
};

/** Row 9.3: what does not verify from its own bytes is never handed out, nor recorded. */
async function refuseUnverifiable({ build, chain }: Session, envelope: string, { validFrom, organisation, sections }: CertificatePredicate): Promise<void> {
  const verdict = await verifyCertificate({ envelope, trust: [organisation.did], now: validFrom, subject: { agent: chain, build: build.document, sections }, allowScripted: true });
  const broken = verdict.links.find((link) => link.exit !== EXIT.yes);
  if (broken) throw new Fault('REFUSED', `the certificate would not verify: ${broken.link}: ${broken.because}`, { hint: `agentctl explain certify` });
}
