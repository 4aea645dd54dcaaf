/** The walk of a counterparty over what is published: keys, list, identity, owner, certificate in each of its forms, card, build, pact, log, history. */
import { counted } from '../../domain/counted.js';
import { link } from '../../attestation/certificate-links.js';
import { readCertificate } from '../../attestation/certificate-input.js';
import { CERTIFICATION, type CertificatePredicate } from '../../attestation/certificate.js';
import { peekStatement } from '../../attestation/statement.js';
import { signOffsLink } from '../../attestation/sign-offs-link.js';
import { byName, knownHistories, openSpoken, type Histories } from '../../attestation/succession.js';
import { verifyCertificate, type CertificateCheck, type CertificateVerdict } from '../../attestation/verify-certificate.js';
import { combineExits, EXIT, Fault } from '../../domain/fault.js';
import type { LinkView } from '../../domain/report.js';
import { soleKey, worstStanding, type KeyHistory } from '../../identity/key-history.js';
import { openPublication, PUBLISHED } from '../../registries/publication.js';
import { cardIsTrue } from './card-link.js';
import { credentialAgrees, statusLookedUp, summaryAgrees } from './certificate-forms.js';
import { buildPublished, directoryIsOfAgent, historyIsWhole, identityIsCertified, isTheOneAsked, listIsSigned, logIsSigned, ownerIsNamed, pactIsCertified } from './links.js';
import { needed, remembered, told, type Published, type ReadPublished } from './published.js';

export interface Walk extends Pick<CertificateCheck, 'trust' | 'now' | 'allowScripted' | 'maximumAge'> {
  readonly read: ReadPublished;
  /** Origin that the files come from; undefined for a folder. */
  readonly origin?: string;
  readonly elsewhere?: Published['elsewhere'];
  /** DID that has to be the agent's, or its organisation's. */
  readonly asked?: string;
}

/** Exit status as for a certificate: 0 every link holds, 1 refused or revoked, 3 one cannot be told, 4 one is false. @throws {Fault} NETWORK */
export async function walk({ read, origin, elsewhere, asked, ...check }: Walk): Promise<CertificateVerdict> {
  const once = remembered(read);
  const envelope = await once(PUBLISHED.certificate);
  const absent = envelope === undefined ? link('certificate', 'unknown', `${PUBLISHED.certificate} is not published here`, EXIT.indeterminate) : misplaced(envelope);
  if (envelope === undefined || absent) return { certificate: '', agent: null, issuer: null, signer: null, exit: absent?.exit ?? EXIT.indeterminate, links: absent ? [absent] : [] };
  const { exit: _exit, ...verdict } = await verifyCertificate({ ...check, envelope, subject: null });
  if (verdict.agent === null) return { ...verdict, exit: combineExits(verdict.links.map((one) => one.exit)) };
  // Its signer holds, so its shape was checked as well.
  const predicate = peekStatement(envelope).predicate as unknown as CertificatePredicate;
  const file = needed(once);
  const keys = await keysIn(predicate, await once(PUBLISHED.successions));
  const listed = await filesListed(await once(PUBLISHED.list), keys.of);
  // A place that stops answering on the way is no broken link: this is where it would show.
  for (const path of listed) await once(path).catch(unlessOfPlace);
  const published: Published = { file, lists: (path) => listed.has(path), predicate, certificate: verdict.certificate, keysOf: keys.of, now: check.now, origin, elsewhere };
  const revocation = predicate.status === undefined ? undefined : await statusLookedUp(published);
  const silenced = await unlessYes(told('signer', () => signerSpoke(published, envelope)));
  // What is published beside a certificate may know of an end of a person's key, too.
  const signOffs = await unlessYes(signOffsLink(predicate, (did, at) => worstStanding(keys.known, did, at)).then((one) => one.view));
  const instead = new Map([['revocation', revocation?.view], ['signer', silenced], ['sign-offs', signOffs]]);
  const links = [
    ...(asked === undefined ? [] : [await told('did', () => isTheOneAsked(published, asked))]),
    ...keys.links,
    await told('list', () => listIsSigned(published)),
    await told('identity', () => identityIsCertified(published)),
    await told('owner', () => ownerIsNamed(published)),
    await told('card', () => cardIsTrue(published, revocation?.revoked === true)),
    // Which build answers behind the address cannot be seen from here; that a checkout is compared is another command.
    ...verdict.links.filter((one) => one.link !== 'subject' && one.link !== 'previous').map((one) => instead.get(one.link) ?? one),
    ...(published.lists(PUBLISHED.credential) ? [await told('credential', () => credentialAgrees(published))] : []),
    ...(published.lists(PUBLISHED.summary) ? [await told('summary', () => summaryAgrees(published))] : []),
    await told('build', () => buildPublished(published)),
    await told('pact', () => pactIsCertified(published)),
    await told('log', () => logIsSigned(published)),
    await told('keys', () => directoryIsOfAgent(published)),
    await told('history', () => historyIsWhole(published)),
  ];
  return { ...verdict, links, exit: combineExits(links.map((one) => one.exit)) };
}

/** Something else in the place of the certificate: a mistake of its publisher, not of the reader. */
function misplaced(text: string): LinkView | undefined {
  const read = readCertificate(text);
  const odd = (because: string) => link('certificate', 'no', `not what ${PUBLISHED.certificate} has to be: ${because}`, EXIT.untrustworthy);
  if (read.form === 'none') return read.broken.exit === EXIT.usage ? odd(read.broken.because) : undefined;
  return read.form === 'statement' && !text.includes('"dsseEnvelope"') ? undefined : odd('it is served in another form');
}

/** What is published beside a certificate may know of an end of its signer's key that was not known when it was issued. */
async function signerSpoke({ predicate, keysOf }: Published, envelope: string): Promise<string> {
  const { did } = await openSpoken(envelope, keysOf(predicate.organisation.did), CERTIFICATION, () => predicate.validFrom);
  return did;
}

async function unlessYes(view: Promise<LinkView>): Promise<LinkView | undefined> {
  return (await view).is === 'yes' ? undefined : view;
}

/** What is wrong with one file is told by its own link. */
function unlessOfPlace(error: unknown): undefined {
  if (error instanceof Fault && error.exit !== EXIT.surroundings) return undefined;
  throw error;
}

/**
 * The keys of organisation and agent, from what the certificate carries and what is published beside it. Statements that do not hold make a
 * broken link, and count for nothing.
 */
async function keysIn({ organisation, agent, keys = [] }: CertificatePredicate, text: string | undefined): Promise<{ readonly of: Histories; readonly known: readonly KeyHistory[]; readonly links: readonly LinkView[] }> {
  const lines = (text ?? '').split('\n').filter((line) => line !== '');
  if (lines.length === 0 && keys.length === 0) return { of: soleKey, known: [], links: [] };
  let known: readonly KeyHistory[] = [];
  const view = await told('succession', async () => {
    known = await knownHistories([...keys, ...lines], organisation.did);
    const of = byName(known);
    const [ours, its] = [of(organisation.did).keys.length, of(agent.did).keys.length];
    return `${organisation.name} has had ${keyCount(ours)}, ${agent.name} ${keyCount(its)}, each named by the one before`;
  });
  return { of: byName(known), known, links: [view] };
}

function keyCount(count: number): string {
  return counted(count, 'key');
}

/** Names in the signed list; none when there is no list that holds, which its own link tells. */
async function filesListed(list: string | undefined, keysOf: Histories): Promise<ReadonlySet<string>> {
  if (list === undefined) return new Set();
  try {
    return new Set((await openPublication(list, keysOf)).files.keys());
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return new Set();
    throw error;
  }
}
