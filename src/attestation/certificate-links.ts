/** The links of a certificate's chain of trust, each a question with its own answer and exit status. */
import { counted } from '../domain/counted.js';
import { diffBuilds, type BuildDocument } from '../domain/build.js';
import { digestJson, type Digest } from '../domain/digest.js';
import { EXIT, Fault, type Exit } from '../domain/fault.js';
import type { LinkView } from '../domain/report.js';
import { addDuration, millisecondsOf, parseDuration, readable, type Instant } from '../domain/time.js';
import { keyOfDid } from '../identity/did-key.js';
import { verifySignature } from '../identity/ed25519-verify.js';
import type { KeyHistory, Standing } from '../identity/key-history.js';
import { openCheckpointNote, parseVerifierKey } from '../ledger/checkpoint.js';
import { CERTIFICATION, CERTIFIED_STEPS, SIGN_OFF_ROLES, type Certified } from './certificate.js';
import { signingKey } from './dsse.js';
import { inRole, type HumanAct } from './human-act.js';
import { verifyOwnership, type Ownership } from './ownership.js';
import { shortfalls, type CertificatePolicy } from './policy.js';
import { openSealed, type Sealed } from './statement.js';
import type { Histories } from './succession.js';

export function link(name: string, is: LinkView['is'], because: string, exit: Exit): LinkView {
  return { link: name, is, because, exit };
}
export const yes = (name: string, because: string) => link(name, 'yes', because, EXIT.yes);
export const falsified = (name: string, because: string) => link(name, 'no', because, EXIT.untrustworthy);

/** The link of the signer, and the key if it is one of the organisation's. */
export interface Signed {
  readonly view: LinkView;
  readonly key?: string;
}

/** Is it signed by a key of the organisation that it names as its issuer? */
export async function signerLink(sealed: Sealed, { organisation }: Pick<Certified, 'organisation'>, { keys }: KeyHistory): Promise<Signed> {
  try {
    return signedBy(await openSealed(sealed, keys.map((one) => one.did), CERTIFICATION), organisation);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const other = await otherSigner(sealed, organisation.did);
    return { view: falsified('signer', other === undefined ? error.message : `signed by ${other}, but it names ${organisation.did} as its issuer`) };
  }
}

export function signedBy(key: string, { name, did }: Certified['organisation']): Signed {
  return { key, view: yes('signer', `signed by ${name} (${did})${key === did ? '' : `, with its key ${key}`}`) };
}

async function otherSigner(sealed: Sealed, issuer: string): Promise<string | undefined> {
  const keyid = sealed.envelope.signatures[0]?.keyid ?? '';
  if (keyid === issuer) return undefined;
  try {
    await signingKey(sealed, [{ keyid, publicKey: keyOfDid(keyid) }]);
    return keyid;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** How a key stands for the organisation at a time, by all that certificate and reader know. */
export type Speaks = (did: string, at: Instant) => Standing;

interface Authority {
  readonly key: string;
  readonly speaks: Speaks;
  /** Whether the reader has said whom he trusts. */
  readonly trusted: boolean;
  /** When the signature says that it was made, if it says so. */
  readonly made?: Instant;
}

/** Does this key speak for an organisation that the reader trusts, and did it when it signed? */
export function authorityLink({ organisation, validFrom }: Pick<Certified, 'organisation' | 'validFrom'>, { key, speaks, trusted, made = validFrom }: Authority): LinkView {
  const unknown = (because: string) => link('authority', 'unknown', because, EXIT.indeterminate);
  const standing = speaks(key, validFrom);
  if (standing !== 'valid' && standing !== 'stranger') return silent(standing, key, validFrom);
  // Made later than the certificate begins, by its own word: the key has to have spoken until then.
  if (made > validFrom && speaks(key, made) === 'ended') return silent('ended', key, made);
  if (!trusted) return unknown('the signature holds; you have not said whom you trust (--trust)');
  if (standing === 'stranger') return unknown(`${organisation.did} is not among the roots that you trust`);
  return yes('authority', `you trust ${organisation.name} (${organisation.did})`);
}

/** The link of an authority that ended, or had not begun. */
export function silent(standing: Exclude<Standing, 'valid' | 'stranger'>, key: string, at: Instant): LinkView {
  // A thief sets whatever date he likes: that it was stolen is an answer, and no forgery has to be shown.
  if (standing === 'compromised') return link('authority', 'no', `${key} was withdrawn as compromised: nothing that it signed counts`, EXIT.no);
  return falsified('authority', `${key} ${standing === 'ended' ? 'no longer spoke' : 'did not speak yet'} for the organisation on ${readable(at)}`);
}

/** Do organisation and agent confirm each other? */
export async function ownershipLink({ agent, organisation, ownership }: Certified, histories: Histories): Promise<{ readonly view: LinkView; readonly claim?: Ownership }> {
  const verdict = await verifyOwnership(ownership.credential, ownership.acceptance, histories);
  if (!verdict.ok) {
    // A signature by a key that was stolen since is no forgery: that it no longer counts is an answer.
    const stolen = [organisation.did, agent.did].some((did) => histories(did).keys.some((key) => key.ended?.cause === 'compromised'));
    const genuine = stolen && (await verifyOwnership(ownership.credential, ownership.acceptance, (did) => timeless(histories(did)))).ok;
    return { view: link('ownership', 'no', verdict.problem, genuine ? EXIT.no : EXIT.untrustworthy) };
  }
  const { agent: owned, organisation: owner } = verdict.ownership;
  if (owned.did !== agent.did || owned.id !== agent.id || owner.did !== organisation.did) return { view: falsified('ownership', 'the ownership credential is about another agent or owner') };
  return { claim: verdict.ownership, view: yes('ownership', `${organisation.name} and ${agent.name} confirm each other`) };
}

function timeless({ root, keys }: KeyHistory): KeyHistory {
  return { root, keys: keys.map(({ did }) => ({ did, from: null, ended: null })) };
}

/** Was the state of the ledger that it rests on signed by the agent's own log? Which key that is, the ownership credential says. */
export async function checkpointLink({ ledger }: Certified, claim: Ownership | undefined): Promise<LinkView> {
  if (!claim) return link('checkpoint', 'unknown', 'whose log it is cannot be told without the ownership credential', EXIT.indeterminate);
  try {
    const { origin, size } = await openCheckpointNote(ledger.checkpoint, [parseVerifierKey(claim.log)], verifySignature, 'checkpoint');
    if (size !== ledger.size) return falsified('checkpoint', `it speaks of ${ledger.size} entries, its checkpoint of ${size}`);
    return yes('checkpoint', `${size} entries of ${origin}, signed by its log`);
  } catch (error) {
    if (error instanceof Fault) return falsified('checkpoint', error.message);
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
export function subjectLink({ agent, build, document, sections }: Certified, subject: CertificateSubject | { readonly problem: string } | null): LinkView {
  const other = (because: string) => link('subject', 'no', because, EXIT.indeterminate);
  if (subject === null) return link('subject', 'unknown', 'you have not said which checkout it is about (--subject)', EXIT.indeterminate);
  if ('problem' in subject) return other(`genuine, but for another build: ${subject.problem}`);
  if (subject.agent !== agent.id) return other(`genuine, but for another agent: ${agent.id}, not ${subject.agent}`);
  if (build !== digestJson(subject.build)) return other(`genuine, but for another build: ${differences(document, subject.build)}`);
  const names = [...new Set([...Object.keys(sections), ...Object.keys(subject.sections)])].sort();
  const changed = names.filter((name) => sections[name] !== subject.sections[name]);
  if (changed.length > 0) return other(`genuine, but agent.yaml has changed since: ${changed.join(', ')}`);
  return yes('subject', `${counted(subject.build.files.length, 'file')}, model, tools and policy sections are the certified ones`);
}

function differences(certified: BuildDocument | null, found: BuildDocument): string {
  if (certified === null) return 'this form names the build by its digest alone, so which file differs only certificate.dsse.json can tell';
  return diffBuilds(certified, found).join(', ') || 'the build documents differ';
}

/** Is it in force now, and young enough for the reader? */
export function freshnessLink({ validFrom, validUntil }: Pick<Certified, 'validFrom' | 'validUntil'>, now: Instant, maximumAges: readonly string[]): LinkView {
  const late = (because: string) => link('freshness', 'no', because, EXIT.indeterminate);
  if (now < validFrom) return late(`not valid before ${readable(validFrom)}`);
  if (now >= validUntil) return late(`expired on ${readable(validUntil)}`);
  const age = millisecondsOf(now) - millisecondsOf(validFrom);
  const exceeded = maximumAges.find((most) => age > parseDuration(most));
  if (exceeded !== undefined) return late(`older than ${exceeded}: you accept it until ${readable(addDuration(validFrom, exceeded))}`);
  return yes('freshness', `valid until ${readable(validUntil)}`);
}

/** Does it show what its stakes and the reader require, by people and not by scripts? */
export function policyLink(predicate: Certified, acts: readonly HumanAct[], { now, allowScripted, policy }: { readonly now: Instant; readonly allowScripted: boolean; readonly policy: CertificatePolicy | undefined }): LinkView {
  const scripted = predicate.ceremony === 'scripted' || acts.some((act) => act.ceremony === 'scripted');
  const open = openSteps(predicate, now);
  if (open.length > 0) return link('policy', 'no', `required steps are not passed: ${open.join(', ')}`, EXIT.no);
  if (scripted && !allowScripted) return link('policy', 'no', 'a scripted stand-in signed where a human has to (--allow-scripted accepts that)', EXIT.no);
  const short = policy === undefined ? [] : shortfalls(policy, predicate, acts.filter(inRole(SIGN_OFF_ROLES)));
  const worst = short.some((one) => one.is === 'no') ? 'no' : 'unknown';
  if (short.length > 0) return link('policy', worst, `below your policy: ${short.map((one) => one.because).join('; ')}`, worst === 'no' ? EXIT.no : EXIT.indeterminate);
  const waived = predicate.steps.filter((step) => step.required && step.state === 'waived').map((step) => step.id);
  const notes = [...(waived.length > 0 ? [`waived: ${waived.join(', ')}`] : []), ...(scripted ? ['scripted stand-ins allowed by you'] : [])];
  return yes('policy', ['every required step is passed', ...(policy === undefined ? [] : ['and all that you ask for is met']), ...notes].join('; '));
}

function openSteps({ stakes, steps, waivers }: Certified, now: Instant): readonly string[] {
  const absent = CERTIFIED_STEPS[stakes].filter((id) => !steps.some((step) => step.id === id && step.required));
  const open = steps.filter(({ id, state, required }) => {
    const covered = state === 'waived' && waivers.some((waiver) => waiver.step === id && now < waiver.until);
    return required && state !== 'passed' && state !== 'not-applicable' && !covered;
  });
  return [...absent.map((id) => `${id} (not shown)`), ...open.map(({ id, state }) => `${id} (${state})`)];
}
