/** The links of a certificate's chain of trust, each a question with its own answer and exit status. */
import { diffBuilds, type BuildDocument } from '../domain/build.js';
import { canonical } from '../domain/canonical.js';
import type { Digest } from '../domain/digest.js';
import { EXIT, Fault, type Exit } from '../domain/fault.js';
import type { LinkView } from '../domain/report.js';
import { addDuration, millisecondsOf, parseDuration, readable, type Instant } from '../domain/time.js';
import { keyOfDid } from '../identity/did-key.js';
import { CERTIFICATION, CERTIFIED_STEPS, SIGN_OFF, SIGN_OFF_ROLES, type CertificatePredicate } from './certificate.js';
import { openEnvelope, type Envelope } from './dsse.js';
import { openAct, type HumanAct } from './human-act.js';
import { verifyOwnership } from './ownership.js';
import { openStatement } from './statement.js';

export function link(name: string, is: LinkView['is'], because: string, exit: Exit): LinkView {
  return { link: name, is, because, exit };
}
const yes = (name: string, because: string) => link(name, 'yes', because, EXIT.yes);

/** Is it signed by the organisation that it names as its issuer? */
export async function signerLink(envelope: Envelope, { organisation }: CertificatePredicate): Promise<LinkView> {
  try {
    await openStatement(envelope, organisation.did, CERTIFICATION);
    return yes('signer', `signed by ${organisation.name} (${organisation.did})`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const other = await otherSigner(envelope, organisation.did);
    const because = other === undefined ? error.message : `signed by ${other}, but it names ${organisation.did} as its issuer`;
    return link('signer', 'no', because, EXIT.untrustworthy);
  }
}

async function otherSigner(envelope: Envelope, issuer: string): Promise<string | undefined> {
  const keyid = envelope.signatures[0]?.keyid ?? '';
  if (keyid === issuer) return undefined;
  try {
    await openEnvelope(envelope, [{ keyid, publicKey: keyOfDid(keyid) }]);
    return keyid;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** Is the issuer somebody whom the reader trusts? */
export function authorityLink({ organisation }: CertificatePredicate, trust: readonly string[] | null): LinkView {
  if (trust === null) return link('authority', 'unknown', 'the signature holds; you have not said whom you trust (--trust)', EXIT.indeterminate);
  for (const root of trust) if (!isKey(root)) throw new Fault('INPUT_INVALID', `trust root ${JSON.stringify(root.slice(0, 100))} is not a did:key`, { hint: 'give the DID of the organisation whose certificates you accept' });
  if (!trust.includes(organisation.did)) return link('authority', 'unknown', `${organisation.did} is not among the roots that you trust`, EXIT.indeterminate);
  return yes('authority', `you trust ${organisation.name} (${organisation.did})`);
}

function isKey(did: string): boolean {
  try {
    return keyOfDid(did).length > 0;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

/** Do organisation and agent confirm each other? */
export async function ownershipLink({ agent, organisation, ownership }: CertificatePredicate): Promise<LinkView> {
  const verdict = await verifyOwnership(ownership.credential, ownership.acceptance);
  if (!verdict.ok) return link('ownership', 'no', verdict.problem, EXIT.untrustworthy);
  const { agent: owned, organisation: owner } = verdict.ownership;
  if (owned.did !== agent.did || owned.id !== agent.id || owner.did !== organisation.did) return link('ownership', 'no', 'the ownership credential is about another agent or owner', EXIT.untrustworthy);
  return yes('ownership', `${organisation.name} and ${agent.name} confirm each other`);
}

/** Did a person who may do so sign off exactly this candidate? Whose keys these are is the issuer's word. */
export async function signOffsLink(predicate: CertificatePredicate): Promise<{ readonly view: LinkView; readonly acts: readonly HumanAct[] }> {
  const acts: HumanAct[] = [];
  for (const envelope of predicate.signOffs) {
    const problem = await openSignOff(envelope, predicate, acts);
    if (problem !== undefined) return { view: link('sign-offs', 'no', problem, EXIT.untrustworthy), acts };
  }
  const fitting = acts.filter((act) => SIGN_OFF_ROLES.some((role) => act.roles.includes(role)));
  if (fitting.length === 0) return { view: link('sign-offs', 'no', `nobody of ${SIGN_OFF_ROLES.join(' or ')} signed off`, EXIT.no), acts };
  const people = fitting.map((act) => `${act.operator.name} (${act.roles.join(', ')}, ${act.ceremony})`);
  return { view: yes('sign-offs', `signed off by ${people.join('; ')}`), acts };
}

async function openSignOff(envelope: Envelope, { candidate, agent }: CertificatePredicate, acts: HumanAct[]): Promise<string | undefined> {
  try {
    const { act, subject } = await openAct(envelope);
    if (act.act !== SIGN_OFF || subject !== candidate || act.agent.id !== agent.id) return `${act.operator.name} signed something else`;
    acts.push(act);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return `a sign-off does not hold: ${error.message}`;
    throw error;
  }
}

/** What the reader has before him: the agent that a checkout names, and the build document and policy digests recomputed from it. */
export interface CertificateSubject {
  /** `metadata.id` of its agent.yaml. */
  readonly agent: string;
  readonly build: BuildDocument;
  readonly sections: Readonly<Record<string, Digest>>;
}

/** Is it about the files that lie here? */
export function subjectLink({ agent, build, sections }: CertificatePredicate, subject: CertificateSubject | null): LinkView {
  if (subject === null) return link('subject', 'unknown', 'you have not said which checkout it is about (--subject)', EXIT.indeterminate);
  if (subject.agent !== agent.id) return link('subject', 'no', `genuine, but for another agent: ${agent.id}, not ${subject.agent}`, EXIT.indeterminate);
  if (canonical(build) !== canonical(subject.build)) {
    const lines = diffBuilds(build, subject.build);
    return link('subject', 'no', `genuine, but for another build: ${lines.join(', ') || 'the build documents differ'}`, EXIT.indeterminate);
  }
  const names = [...new Set([...Object.keys(sections), ...Object.keys(subject.sections)])].sort();
  const changed = names.filter((name) => sections[name] !== subject.sections[name]);
  if (changed.length > 0) return link('subject', 'no', `genuine, but agent.yaml has changed since: ${changed.join(', ')}`, EXIT.indeterminate);
  return yes('subject', `${build.files.length} files, model, tools and policy sections are the certified ones`);
}

/** Is it in force now, and young enough for the reader? */
export function freshnessLink({ validFrom, validUntil }: CertificatePredicate, now: Instant, maximumAge: string | undefined): LinkView {
  const late = (because: string) => link('freshness', 'no', because, EXIT.indeterminate);
  if (now < validFrom) return late(`not valid before ${readable(validFrom)}`);
  if (now >= validUntil) return late(`expired on ${readable(validUntil)}`);
  const old = maximumAge !== undefined && millisecondsOf(now) - millisecondsOf(validFrom) > parseDuration(maximumAge);
  if (old) return late(`older than ${maximumAge}: you accept it until ${readable(addDuration(validFrom, maximumAge))}`);
  return yes('freshness', `valid until ${readable(validUntil)}`);
}

/** Said openly, and no obstacle: there is nothing yet that could be asked. */
export function revocationLink(): LinkView {
  return link('revocation', 'unknown', 'not checkable: this release publishes no revocation list', EXIT.yes);
}

/** Does it show what its stakes require, by people and not by scripts? */
export function policyLink(predicate: CertificatePredicate, acts: readonly HumanAct[], { now, allowScripted }: { readonly now: Instant; readonly allowScripted: boolean }): LinkView {
  const scripted = predicate.ceremony === 'scripted' || acts.some((act) => act.ceremony === 'scripted');
  const open = openSteps(predicate, now);
  if (open.length > 0) return link('policy', 'no', `required steps are not passed: ${open.join(', ')}`, EXIT.no);
  if (scripted && !allowScripted) return link('policy', 'no', 'a scripted stand-in signed where a human has to (--allow-scripted accepts that)', EXIT.no);
  const waived = predicate.steps.filter((step) => step.required && step.state === 'waived').map((step) => step.id);
  const notes = [...(waived.length > 0 ? [`waived: ${waived.join(', ')}`] : []), ...(scripted ? ['scripted stand-ins allowed by you'] : [])];
  return yes('policy', ['every required step is passed', ...notes].join('; '));
}

function openSteps({ stakes, steps, waivers }: CertificatePredicate, now: Instant): readonly string[] {
  const absent = CERTIFIED_STEPS[stakes].filter((id) => !steps.some((step) => step.id === id && step.required));
  const open = steps.filter(({ id, state, required }) => {
    const covered = state === 'waived' && waivers.some((waiver) => waiver.step === id && now < waiver.until);
    return required && state !== 'passed' && state !== 'not-applicable' && !covered;
  });
  return [...absent.map((id) => `${id} (not shown)`), ...open.map(({ id, state }) => `${id} (${state})`)];
}
