/** The same sentence over a Simple Verification Result, which carries less: what it does not say is unknown, so that it is at best an indeterminate answer. */
import { digestJson, short } from '../domain/digest.js';
import { EXIT, Fault } from '../domain/fault.js';
import type { LinkView } from '../domain/report.js';
import { addDuration, readable, type Instant } from '../domain/time.js';
import type { Standing } from '../identity/key-history.js';
import { damaged } from './certificate-input.js';
import { falsified, link, silent, yes, type CertificateSubject } from './certificate-links.js';
import { conform } from './conform.js';
import { CLOCK_TOLERANCE } from './data-integrity.js';
import type { CertificatePolicy } from './policy.js';
import { openSealed, type Sealed } from './statement.js';
import { STATEMENTS_FILE } from './succession.js';
import { BY_PEOPLE, stepProperty, SVR, svrPredicate, type SvrPredicate } from './svr.js';

export interface ResultCheck {
  /** Keys of the roots that the reader trusts, as did:keys; null when he has not said. */
  readonly trusted: readonly string[] | null;
  /** By what the reader has beside the result too. @throws {Fault} when that does not hold */
  readonly standing: (did: string, at: Instant) => Promise<Standing>;
  readonly now: Instant;
  /** Recomputed only for a result whose signature holds. */
  readonly subject: () => Promise<CertificateSubject | { readonly problem: string } | null>;
  readonly allowScripted: boolean;
  readonly maximumAges: readonly string[];
  readonly policy: CertificatePolicy | undefined;
}

/** How it is told that the reader's own statements are false, not the certificate's. */
export const NOT_BESIDE = `the statements about keys that lie beside it (${STATEMENTS_FILE}) do not hold`;

const MORE = 'certificate.dsse.json does';
const unknown = (name: string, because: string) => link(name, 'unknown', because, EXIT.indeterminate);

/** The links, and the key that signed. */
export async function resultLinks(sealed: Sealed, check: ResultCheck): Promise<{ readonly signer: string | null; readonly links: readonly LinkView[] }> {
  const result = shapeOf(sealed);
  if ('link' in result) return { signer: null, links: [result] };
  const whole = yes('envelope', 'a verification result: one statement, one signature, in canonical form');
  const signer = await signerOf(sealed, check.trusted ?? []);
  if (signer.key === undefined) return { signer: null, links: [whole, signer.view] };
  return { signer: signer.key, links: [
    whole, signer.view, await authorityLink(signer.key, result, check),
    unknown('ownership', `a verification result names neither agent nor organisation: ${MORE}`),
    unknown('sign-offs', `it holds no sign-offs: ${MORE}`),
    unknown('checkpoint', `it names no log: ${MORE}`),
    subjectLink(sealed, await check.subject()),
    freshnessLink(result, check),
    link('revocation', 'unknown', 'it names no status list: whether the certificate was revoked cannot be looked up', check.policy?.requireStatus === true ? EXIT.indeterminate : EXIT.yes),
    policyLink(result, check),
  ] };
}

function shapeOf({ statement }: Sealed): SvrPredicate | LinkView {
  try {
    const result = conform(svrPredicate, statement.predicate, 'simple verification result');
    if (statement.subject.length !== 2) throw new Fault('INPUT_INVALID', 'it has two subjects: build and pact', { at: 'simple verification result' });
    return result;
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return falsified('envelope', damaged(error));
    throw error;
  }
}

/** It names no issuer, so the key id says which key to try, or else those that the reader trusts. */
async function signerOf(sealed: Sealed, trusted: readonly string[]): Promise<{ readonly view: LinkView; readonly key?: string }> {
  const named = sealed.envelope.signatures[0]?.keyid ?? '';
  const keys = named.startsWith('did:key:') ? [named] : trusted;
  if (keys.length === 0) return { view: unknown('signer', 'it names no key, and you have not said whom you trust (--trust)') };
  try {
    const key = await openSealed(sealed, keys, SVR);
    return { key, view: yes('signer', `signed by ${key}`) };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return { view: falsified('signer', error.message) };
    throw error;
  }
}

async function authorityLink(key: string, { timeCreated }: SvrPredicate, { trusted, standing }: ResultCheck): Promise<LinkView> {
  try {
    const found = await standing(key, timeCreated);
    if (found !== 'valid' && found !== 'stranger') return silent(found, key, timeCreated);
    if (trusted === null) return unknown('authority', 'the signature holds; you have not said whom you trust (--trust)');
    return found === 'valid' ? yes('authority', `you trust ${key}`) : unknown('authority', `${key} is not among the roots that you trust`);
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return falsified('authority', `${NOT_BESIDE}: ${error.message}`);
    throw error;
  }
}

function subjectLink({ statement }: Sealed, subject: CertificateSubject | { readonly problem: string } | null): LinkView {
  const other = (because: string) => link('subject', 'no', `genuine, but for another build: ${because}`, EXIT.indeterminate);
  if (subject === null) return unknown('subject', 'you have not said which checkout it is about (--subject)');
  if ('problem' in subject) return other(subject.problem);
  const [build] = statement.subject;
  const found = digestJson(subject.build);
  if (build?.digest !== found) return other(`${short(build?.digest ?? '')}, not ${short(found)}`);
  return unknown('subject', `this is the build, but whether agent.yaml has changed its policy since, a verification result does not tell: ${MORE}`);
}

function freshnessLink({ timeCreated }: SvrPredicate, { now, maximumAges }: ResultCheck): LinkView {
  const late = (because: string) => link('freshness', 'no', because, EXIT.indeterminate);
  if (timeCreated > addDuration(now, CLOCK_TOLERANCE)) return late(`made in the future: on ${readable(timeCreated)}`);
  const exceeded = maximumAges.find((most) => addDuration(timeCreated, most) < now);
  if (exceeded !== undefined) return late(`older than ${exceeded}: made on ${readable(timeCreated)}`);
  return unknown('freshness', `made on ${readable(timeCreated)}; until when it counts it does not say: ${MORE}`);
}

/** Absence is this format's only no. */
function policyLink({ properties }: SvrPredicate, { allowScripted, policy }: ResultCheck): LinkView {
  const no = (because: string) => link('policy', 'no', because, EXIT.no);
  if (!allowScripted && !properties.includes(BY_PEOPLE)) return no(`it does not say that people signed, so a script may have (--allow-scripted accepts that)`);
  const absent = (policy?.steps ?? []).filter((id) => !properties.includes(stepProperty(id)));
  if (absent.length > 0) return no(`below your policy: ${absent.map((id) => `${id} is not certified as passed`).join('; ')}`);
  return unknown('policy', `${properties.filter((one) => one !== BY_PEOPLE).length} steps are named as passed; which of them its stakes require it does not say: ${MORE}`);
}
