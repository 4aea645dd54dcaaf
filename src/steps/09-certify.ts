/** Step 9: who answers for this build, and on which fresh evidence; in a certificate that a stranger can verify offline. */
import { CERTIFICATION, SIGN_OFF_ROLES } from '../attestation/certificate.js';
import { openSpoken, recordedHistories } from '../attestation/succession.js';
import type { Digest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import { durationOf } from '../domain/manifest.js';
import { boolean, integer, list, object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { defineStep, no, notApplicable, unknown, yes, type Answer, type StepIo } from '../domain/step.js';
import { REVOCATIONS } from '../ledger/types/certify.js';
import { addDuration, millisecondsOf, parseDuration, readable, toInstant, type Instant } from '../domain/time.js';

export const certificationSection = object(
  {
    every: durationOf('How often the agent is certified anew: P90D is quarterly.'),
    validFor: durationOf('How long a certificate counts; never longer than the evidence that it rests on.'),
    warnBefore: durationOf('How long before the end a renewal is due; also the most that a run may be old when a certificate is issued on it.', 'P14D'),
    signOff: object({
      roles: list(oneOf(SIGN_OFF_ROLES), { description: 'Roles that may sign off.', minItems: 1, uniqueItems: true }),
      quorum: integer({ description: 'How many different operators have to.', minimum: 1, maximum: 3 }),
      each: optional(boolean({ description: 'Whether every role named has to be among them.' })),
    }),
    sentence: string({ description: 'What the operator says when signing off.', maxLength: 500 }),
  },
  { description: 'When the agent is certified anew, and who answers for it.' },
);
export type CertificationSection = TypeOf<typeof certificationSection>;

/** What the sign-offs lack of what agent.yaml asks for; null once they are enough. */
export function missingSignOffs({ quorum, roles, each }: CertificationSection['signOff'], acts: readonly { readonly roles: readonly string[] }[]): string | null {
  if (acts.length < quorum) return `${acts.length} of ${quorum} sign-offs of this candidate by ${roles.join(' or ')}`;
  const absent = each === true ? roles.filter((role) => !acts.some((act) => act.roles.includes(role))) : [];
  return absent.length === 0 ? null : `nobody signed off as ${absent.join(', nobody as ')}: every role is asked for`;
}

type Revocation = { at: Instant; cause: string };
type Certificate = {
  certificate: string; run: string; build: string; from: Instant; until: Instant; due: Instant; warn: Instant; previous: string | null; ceremony: string;
  forms: number; list: string | null; index: number | null; revoked: Revocation | null;
};
type Facts = {
  now: Instant;
  run: { id: string; verdict: string; conditions: number; cases: number; build: string | null } | null;
  certificate: Certificate | null;
  signature: 'holds' | 'missing' | string;
  signers: readonly { who: string; roles: readonly string[] }[];
  issued: number;
};

const CERTIFY = 'agentctl certify --as <operator>';

export const certify = defineStep<CertificationSection, Facts>({
  number: 9,
  id: 'certify',
  title: 'Certification',
  question: 'Has somebody answered for this build, on fresh evidence?',
  owner: ['operations', 'legal'],
  ifSkipped: 'nobody accountable',
  requires: ['identity', 'pact', 'baseline', 'guardrails', 'monitor', 'escalation', 'rollback', 'audit'],
  inputs: ['evidence:1-8', 'certification'],
  deliverable: { name: 'quarterly certification with human sign-off', file: 'certificate.dsse.json', mediaType: 'application/vnd.dsse+json' },
  section: { key: 'certification', schema: certificationSection },
  direct: 'renew',
  verbs: [
    { name: 'run', summary: 'measure every condition of the pact afresh, on this very build', mutates: true, needsHuman: false, produces: ['certificate.measured'] },
    {
      name: 'sign-off', summary: 'answer for the candidate: this build under this pact and these policies', mutates: true, needsHuman: true, produces: ['certificate.signedoff'],
      options: [{ flags: '--as <operator>', description: 'operator who answers for it' }],
    },
    { name: 'issue', summary: 'sign the certificate with the organisation\'s key, once steps 1-8 pass, a fresh run is met and the sign-offs are there', mutates: true, needsHuman: false, produces: ['certificate.issued'] },
    {
      name: 'renew', summary: 'run, sign-off and issue in one go, as far as they are needed; the same as agentctl certify --as', mutates: true, needsHuman: true, produces: [],
      options: [{ flags: '--as <operator>', description: 'operator who answers for it' }],
    },
    {
      name: 'revoke', summary: 'revoke a certificate before its end, the newest unless named, with the organisation\'s key; the status list shows it', mutates: true, needsHuman: false, produces: [],
      arguments: [{ name: 'certificate', description: 'digest of the certificate, or its first twelve digits', required: false }],
      options: [
        { flags: '--cause <cause>', description: `why, in a word: ${REVOCATIONS.join(', ')}`, required: true },
        { flags: '--reason <text>', description: 'why, in a sentence; kept in the payload of the entry', required: true },
      ],
    },
    {
      name: 'status', summary: 'whether the certificate is in force, due or revoked, and where others see it; exit 0 in force, 1 revoked, 3 expired or none', mutates: false, needsHuman: false, produces: [], shows: true,
      options: [{ flags: '--refresh', description: 'sign the status lists anew, with the organisation\'s key' }],
    },
    { name: 'show', summary: 'the certificate in words, and those before it', mutates: false, needsHuman: false, produces: [], shows: true },
  ],
  async gather(spec, io) {
    const measured = await io.evidence.latest('certificate.measured');
    const issued = await io.evidence.latest('certificate.issued');
    return {
      now: io.now,
      run: measured ? { id: String(measured.data['run']), verdict: String(measured.data['verdict']), conditions: Number(measured.data['conditions']), cases: Number(measured.data['cases']), build: measured.agent.build } : null,
      certificate: issued ? certificateOf(issued, spec, await io.evidence.list('certificate.revoked')) : null,
      signature: await signatureOf(issued, io),
      signers: await signersOf(issued, spec, io),
      issued: await io.evidence.count('certificate.issued'),
    };
  },
  probes: [
    {
      id: 'certify.in-force', row: '9.1', question: 'Is a certificate in force, and its renewal not overdue?', severity: 'must', proof: 'measured', remedy: CERTIFY,
      answer: ({ certificate, now }) => inForce(certificate, now),
    },
    {
      id: 'certify.due', row: '9.1', question: 'Is there time before the next renewal?', severity: 'should', proof: 'measured', remedy: CERTIFY,
      answer: ({ certificate, now }) => {
        if (certificate === null) return unknown('no certificate issued yet');
        if (certificate.revoked !== null) return unknown('the certificate was revoked');
        return now < certificate.warn ? yes(`due from ${readable(certificate.warn)}`) : no(`due since ${readable(certificate.warn)}, at the latest on ${readable(certificate.due)}`);
      },
    },
    {
      id: 'certify.fresh-run', row: '9.1', question: 'Does it rest on a full fresh run of all conditions, on the certified build?', severity: 'must', proof: 'measured', remedy: 'agentctl certify run',
      answer: ({ run, certificate }) => freshRun(run, certificate),
    },
    {
      id: 'certify.artifact', row: '9.2', question: 'Is there a signed artifact with conditions, results, composite and harness version?', severity: 'must', proof: 'measured', remedy: 'agentctl certify issue',
      answer: ({ certificate, signature }) => {
        if (certificate === null) return unknown('no certificate issued yet');
        if (signature === 'missing') return unknown('the certificate is gone from the store');
        return signature === 'holds' ? yes(`certificate ${certificate.certificate.slice(7, 19)}, signed by the organisation; its signature was checked again just now`) : no(signature);
      },
    },
    {
      id: 'certify.sign-off', row: '9.2', question: 'Have enough of the responsible people signed off exactly this candidate?', severity: 'must', proof: 'attested', remedy: 'agentctl certify sign-off --as <operator>',
      answer: ({ certificate, signers }, { signOff }) => {
        if (certificate === null) return unknown('no certificate issued yet');
        return missingSignOffs(signOff, signers) === null ? yes(signers.map((one) => one.who).join('; ')) : unknown(lacking(signOff, signers));
      },
    },
    {
      id: 'certify.by-people', row: '9.2', question: 'Was every human act behind it done by a human?', severity: 'should', proof: 'measured', remedy: 'sign again in a terminal, without --yes',
      answer: ({ certificate }) => (certificate === null ? unknown('no certificate issued yet') : certificate.ceremony === 'interactive' ? yes('every act was signed at a terminal') : no('a scripted stand-in signed: verifiers refuse the certificate without --allow-scripted')),
    },
    {
      id: 'certify.verifiable', row: '9.3', question: 'Does the certificate verify offline, from its file alone?', severity: 'must', proof: 'measured', remedy: 'agentctl certify issue',
      answer: ({ certificate }) => (certificate === null ? unknown('no certificate issued yet') : yes(`each form was verified offline before it was handed out: ${FORMS.slice(0, certificate.forms).join(', ')}`)),
    },
    {
      id: 'certify.other-tools', row: '9.3', question: 'Has somebody else\'s tool verified it here?', severity: 'should', proof: 'measured', remedy: 'cosign verify-blob-attestation --key <pem> --bundle artifacts/certificate.sigstore.json --insecure-ignore-tlog artifacts/build.json',
      answer: () => unknown('agentctl runs no other verifier; the formats are public, and the remedy names one'),
    },
    {
      id: 'certify.renewal', row: '9.4', question: 'Does each renewal name the certificate that it replaces?', severity: 'should', proof: 'measured', remedy: CERTIFY,
      answer: ({ certificate, issued }) => {
        if (certificate === null) return unknown('no certificate issued yet');
        return certificate.previous === null ? notApplicable('the first certificate: there is nothing to renew yet') : yes(`number ${issued}, renews ${certificate.previous.slice(7, 19)}`);
      },
    },
    {
      id: 'certify.revocation', row: '9.4', question: 'Could the certificate be revoked so that verifiers notice?', severity: 'should', proof: 'measured', remedy: 'name the origin that serves it: trust.publish.base in agent.yaml, then certify anew',
      answer: ({ certificate }) => {
        if (certificate === null) return unknown('no certificate issued yet');
        if (certificate.list === null) return no('it names no status list, since agent.yaml named no address for one: it ends on its date, or when its build changes');
        return yes(`place ${String(certificate.index)} of ${certificate.list}, by agentctl certify revoke`);
      },
    },
  ],
  deliver: ({ certificate }) => (certificate === null ? null : { certificate: certificate.certificate, validUntil: certificate.until }),
});

/** Names of the forms in the order in which releases came to write them: an older certificate has the first two. */
const FORMS = ['DSSE with an in-toto statement', 'Sigstore bundle v0.3', 'W3C verifiable credential 2.0', 'simple verification result v0.2'] as const;

/** When a renewal is due at the latest: the schedule, or the end of the certificate if that comes first. */
function certificateOf({ ts, data, validUntil }: Entry, { every, warnBefore }: CertificationSection, revocations: readonly Entry[]): Certificate {
  const revoked = revocations.find((entry) => entry.data['certificate'] === data['certificate']);
  const until = validUntil ?? String(data['validUntil']);
  const scheduled = addDuration(ts, every);
  const due = scheduled < until ? scheduled : until;
  return {
    certificate: String(data['certificate']), run: String(data['run']), build: String(data['build']), from: ts, until, due,
    warn: toInstant(millisecondsOf(due) - parseDuration(warnBefore)),
    previous: typeof data['previous'] === 'string' ? data['previous'] : null,
    ceremony: String(data['ceremony']),
    forms: data['credential'] === undefined ? 2 : FORMS.length,
    list: typeof data['statusList'] === 'string' ? data['statusList'] : null,
    index: typeof data['statusIndex'] === 'number' ? data['statusIndex'] : null,
    revoked: revoked ? { at: revoked.ts, cause: String(revoked.data['cause']) } : null,
  };
}

async function signatureOf(issued: Entry | undefined, io: StepIo): Promise<string> {
  const envelope = issued && (await io.blob(issued.data['deliverable'] as Digest));
  if (envelope === undefined) return 'missing';
  try {
    const histories = await recordedHistories(io);
    await openSpoken(envelope, histories(io.manifest.owner.organisation.did), CERTIFICATION, (predicate) => String(predicate['validFrom']));
    return 'holds';
  } catch (error) {
    // A certificate of a former organisation key is no forgery: the step is then stale through its input.
    if (error instanceof Fault && error.code !== 'INTERNAL') return `not signed by ${io.manifest.owner.organisation.name} as agent.yaml names it: ${error.message}`;
    throw error;
  }
}

/** Operators whose sign-off of the certified candidate still counts, each once. */
async function signersOf(issued: Entry | undefined, { signOff }: CertificationSection, io: StepIo): Promise<Facts['signers']> {
  const signers = new Map<string, Facts['signers'][number]>();
  for (const entry of issued ? await io.evidence.list('certificate.signedoff', 20) : []) {
    if (entry.data['subject'] !== issued?.data['candidate'] || entry.data['run'] !== issued?.data['run']) continue;
    const act = await io.attested(entry);
    const roles = act?.roles.filter((role) => signOff.roles.some((one) => one === role)) ?? [];
    if (act && roles.length > 0) signers.set(act.operator, { who: `${act.name} (${roles.join(', ')}; ${act.ceremony})`, roles });
  }
  return [...signers.values()];
}

function lacking({ quorum, each }: CertificationSection['signOff'], signers: Facts['signers']): string {
  return `${signers.length} of ${quorum} sign-offs by operators who hold the role today${each === true ? ', who have to hold every role between them' : ''}`;
}

function inForce(certificate: Certificate | null, now: Instant): Answer {
  if (certificate === null) return unknown('no certificate issued yet');
  if (certificate.revoked !== null) return no(`revoked on ${readable(certificate.revoked.at)}: ${certificate.revoked.cause}`);
  if (now >= certificate.due) return unknown(`overdue since ${readable(certificate.due)}${now >= certificate.until ? ': expired' : ''}`);
  return yes(`until ${readable(certificate.until)}; ${now >= certificate.warn ? 'renewal is due now' : `renewal is due from ${readable(certificate.warn)}`}`);
}

function freshRun(run: Facts['run'], certificate: Certificate | null): Answer {
  if (run === null) return unknown('no certification run yet');
  if (run.verdict === 'not-met') return no(`${run.id}: a condition of the pact is not met`);
  if (run.verdict !== 'met') return unknown(`${run.id}: not enough evidence for every condition`);
  if (certificate !== null && certificate.run === run.id && certificate.build !== run.build) return no(`${run.id} measured another build than the certified one`);
  return yes(`${run.id}: ${run.conditions} of ${run.conditions} conditions met on ${run.cases} cases, build ${(run.build ?? '').slice(7, 19)}`);
}
