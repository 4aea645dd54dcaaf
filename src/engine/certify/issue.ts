/** `certify issue`: the organisation signs the certificate, after everything that it says was checked, and checks it again as a stranger would. */
import { counted } from '../../domain/counted.js';
import { certificatePredicate } from '../../attestation/certificate.js';
import { conform } from '../../attestation/conform.js';
import { isDigest, short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { addDuration, readable } from '../../domain/time.js';
import { missingSignOffs } from '../../steps/09-certify.js';
import { checkEverything } from '../check-ledger.js';
import { gateTime } from '../status.js';
import { signedPacts } from '../pact/document.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { certificationOf, currentCandidate, freshRun, launchedSteps, signOffsOf, type FreshRun } from './cycle.js';
import { signForms } from './forms.js';
import { issuedHere } from './issued.js';
import { certificatePredicateOf } from './predicate.js';
import { newPlace, plannedLists, signStatusLists, withPlace } from './status-list.js';
import { earliest, endOfRun, untilLine, type End } from './validity.js';

export const run: Verb = async (session) => {
  const { store, chain, manifest, keys, build } = session;
  const { validFor, signOff } = certificationOf(session);
  await checkEverything(session);
  const steps = await launchedSteps(session);
  const candidate = await currentCandidate(session);
  const fresh = await freshRun(session, candidate);
  if (!fresh.ok) throw new Fault('EVIDENCE_MISSING', fresh.because, { hint: 'agentctl certify run' });
  const signOffs = await signOffsOf(session, candidate, fresh.run);
  const missing = missingSignOffs(signOff, signOffs.map((one) => one.act));
  if (missing !== null) throw new Fault('APPROVAL_PENDING', missing, { hint: 'agentctl certify sign-off --as <operator>' });
  const validFrom = await gateTime(session);
  // No certificate outlives the run and the waivers that it rests on.
  const end = earliest([
    { at: addDuration(validFrom, validFor), because: `certification.validFor: ${validFor}` },
    ...(await endsOfRun(session, fresh)),
    ...steps.flatMap((step) => step.findings.flatMap(({ id, waived }) => (waived === undefined ? [] : [{ at: waived.until, because: `the waiver of ${id}` }]))),
  ]);
  const validUntil = end.at;
  const former = (await issuedHere(session)).at(-1)?.entry.data['certificate'];
  const lists = await plannedLists(session);
  const place = newPlace(session, lists);
  const predicate = await certificatePredicateOf(session, {
    candidate, steps, signOffs, report: fresh.entry.data['deliverable'], validFrom, validUntil, previous: isDigest(former) ? former : null,
    status: place, quorum: { count: signOff.quorum, roles: signOff.roles, each: signOff.each ?? false },
  });
  conform(certificatePredicate, predicate as unknown as JsonObject, 'certificate');
  const issuer = await keys.openByDid('organisation', manifest.owner.organisation.did);
  const { certificate, deliverable, credential, summary, artifacts } = await signForms(session, predicate, issuer);
  const signedLists = place === undefined ? [] : await signStatusLists(session, issuer, withPlace(lists, place));
  await recordEvidence(
    session, 'certify',
    {
      type: 'certificate.issued', validUntil,
      data: {
        deliverable, certificate, candidate: candidate.digest, build: build.digest, run: fresh.run,
        previous: predicate.previous, validUntil, signOffs: signOffs.length, ceremony: predicate.ceremony, credential, summary,
        ...(place === undefined ? {} : { statusList: place.list, statusIndex: place.index }),
      },
    },
    { artifacts: [...artifacts, ...signedLists] },
  );
  return outcome({
    step: 'certify', verb: 'issue', headline: `${manifest.metadata.name} ${manifest.metadata.version} is certified until ${readable(validUntil)}`,
    facts: [
      { label: 'certificate', value: certificate },
      { label: 'valid until', value: untilLine(end) },
      { label: 'build', value: `${short(build.digest)}, ${counted(build.document.files.length, 'file')}` },
      { label: 'signed off by', value: signOffs.map((one) => `${one.act.name} (${one.act.roles.join(', ')}; ${one.act.ceremony})`).join('; ') },
      { label: 'renews', value: predicate.previous === null ? 'nothing: the first certificate' : short(predicate.previous) },
      { label: 'not known', value: `${predicate.unknown.length} rows, listed in the certificate` },
      { label: 'revocation', value: place === undefined ? 'cannot be published: agent.yaml names no trust.publish.base' : `place ${place.index} of ${place.list}` },
      { label: 'written', value: `artifacts/${[...artifacts, ...signedLists].map((one) => one.file).join(', ')}` },
    ],
    ...(predicate.ceremony === 'scripted' ? { notes: ['a scripted stand-in signed: verifiers refuse this certificate unless they add --allow-scripted'] } : {}),
    next: `agentctl verify --certificate artifacts/certificate.dsse.json --trust ${manifest.owner.organisation.did} --subject .`,
    data: { certificate, validUntil, decidedBy: end.because, previous: predicate.previous, candidate: candidate.digest },
  });
};

/** What the run recorded of itself; why, follows from the pact that it measured. */
async function endsOfRun(session: Session, { entry, run: id }: Extract<FreshRun, { ok: true }>): Promise<readonly End[]> {
  const signed = await signedPacts(session);
  if (entry.validUntil === undefined || !signed) return [];
  return [{ at: entry.validUntil, because: `${endOfRun(certificationOf(session).validFor, signed.pacts, entry.ts).because}, from ${id} on` }];
}
