/** The walk of a counterparty over what is published: list, identity, owner, card, certificate, build, pact, log, keys, history. */
import { link } from '../../attestation/certificate-links.js';
import type { CertificatePredicate } from '../../attestation/certificate.js';
import { peekStatement } from '../../attestation/statement.js';
import { verifyCertificate, type CertificateCheck, type CertificateVerdict } from '../../attestation/verify-certificate.js';
import { digestBytes } from '../../domain/digest.js';
import { combineExits, EXIT, Fault } from '../../domain/fault.js';
import type { LinkView } from '../../domain/report.js';
import { openPublication, PUBLISHED, type Publication } from '../../registries/publication.js';
import { buildPublished, cardIsTrue, historyIsWhole, identityIsCertified, keysArePublished, logIsSigned, ownerIsNamed, pactIsCertified, type Published } from './links.js';

/** Reads one published file by its name; undefined when it is not there. */
export type ReadPublished = (path: string) => Promise<string | undefined>;

export interface Walk extends Pick<CertificateCheck, 'trust' | 'now' | 'allowScripted' | 'maximumAge'> {
  readonly read: ReadPublished;
  /** Origin that the files come from; undefined for a folder. */
  readonly origin?: string;
}

/** Exit status as for a certificate: 0 every link holds, 3 one cannot be told, 4 one is false. @throws {Fault} NETWORK */
export async function walk({ read, origin, ...check }: Walk): Promise<CertificateVerdict> {
  const file = remembered(read);
  const envelope = await read(PUBLISHED.certificate);
  if (envelope === undefined) return { certificate: '', agent: null, issuer: null, exit: EXIT.indeterminate, links: [link('certificate', 'unknown', `${PUBLISHED.certificate} is not published here`, EXIT.indeterminate)] };
  const { exit: _exit, ...verdict } = await verifyCertificate({ ...check, envelope, subject: null });
  if (verdict.agent === null) return { ...verdict, exit: combineExits(verdict.links.map((one) => one.exit)) };
  // Its signer holds, so its shape was checked as well.
  const predicate = peekStatement(envelope).predicate as unknown as CertificatePredicate;
  const published: Published = { file, predicate, certificate: verdict.certificate, origin };
  const links = [
    await told('list', () => listIsSigned(published)),
    await told('identity', () => identityIsCertified(published)),
    await told('owner', () => ownerIsNamed(published)),
    await told('card', () => cardIsTrue(published)),
    // Which build answers behind the address cannot be seen from here; that a checkout is compared is another command.
    ...verdict.links.filter((one) => one.link !== 'subject'),
    await told('build', () => buildPublished(published)),
    await told('pact', () => pactIsCertified(published)),
    await told('log', () => logIsSigned(published)),
    await told('keys', () => keysArePublished(published)),
    await told('history', () => historyIsWhole(published)),
  ];
  return { ...verdict, links, exit: combineExits(links.map((one) => one.exit)) };
}

/** Each file is asked for once, so that no two checks see two versions of it. */
function remembered(read: ReadPublished): Published['file'] {
  const texts = new Map<string, string | undefined>();
  return async (path) => {
    if (!texts.has(path)) texts.set(path, await read(path));
    const text = texts.get(path);
    if (text === undefined) throw new Fault('EVIDENCE_MISSING', `${path} is not published here`, { at: path });
    return text;
  };
}

async function told(name: string, check: () => Promise<string>): Promise<LinkView> {
  try {
    return link(name, 'yes', await check(), EXIT.yes);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL' || error.exit === EXIT.surroundings) throw error;
    return error.exit === EXIT.indeterminate ? link(name, 'unknown', error.message, EXIT.indeterminate) : link(name, 'no', error.message, EXIT.untrustworthy);
  }
}

async function listIsSigned({ file, predicate, certificate }: Published): Promise<string> {
  const { claim, files } = await openPublication(await file(PUBLISHED.list));
  const { agent, organisation }: Pick<CertificatePredicate, 'agent' | 'organisation'> = predicate;
  const expected: Partial<Publication> = { agent: agent.did, organisation: organisation.did, certificate: certificate as Publication['certificate'] };
  const other = (['agent', 'organisation', 'certificate'] as const).find((key) => claim[key] !== expected[key]);
  if (other !== undefined) throw new Fault('DIGEST_MISMATCH', `the list of files is about another ${other}`);
  const changed: string[] = [];
  for (const [path, digest] of files) if (digestBytes(await file(path)) !== digest) changed.push(path);
  if (changed.length > 0) throw new Fault('DIGEST_MISMATCH', `changed since it was signed: ${changed.join(', ')}`);
  return `${files.size} files, each as ${organisation.name} signed it`;
}
