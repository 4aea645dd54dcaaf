/** What the links of a walk look at: published files, each fetched once, the certificate among them, and the keys of those who signed. */
import type { CertificatePredicate } from '../../attestation/certificate.js';
import { link } from '../../attestation/certificate-links.js';
import type { Histories } from '../../attestation/succession.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { LinkView } from '../../domain/report.js';
import type { Instant } from '../../domain/time.js';

/** Reads one published file by its name; undefined when it is not there. */
export type ReadPublished = (path: string) => Promise<string | undefined>;

export interface Published {
  /** @throws {Fault} EVIDENCE_MISSING when it is not there */
  readonly file: (path: string) => Promise<string>;
  /** Whether the signed list names a file. One that it does not name is not looked at. */
  readonly lists: (path: string) => boolean;
  readonly predicate: CertificatePredicate;
  /** Digest of the certificate's statement. */
  readonly certificate: string;
  /** Keys of organisation and agent, by the first key of each. */
  readonly keysOf: Histories;
  readonly now: Instant;
  /** Where the files come from; undefined for a folder that is not served yet. */
  readonly origin: string | undefined;
  /** Reads an address outside this place; undefined where nothing but this place may be asked. */
  readonly elsewhere: ((url: string) => Promise<string>) | undefined;
}

/** Each file is asked for once, so that no two checks see two versions of it. */
export function remembered(read: ReadPublished): ReadPublished {
  const texts = new Map<string, Promise<string | undefined>>();
  return (path) => {
    const known = texts.get(path) ?? read(path);
    texts.set(path, known);
    return known;
  };
}

export function needed(read: ReadPublished): Published['file'] {
  return async (path) => {
    const text = await read(path);
    if (text === undefined) throw new Fault('EVIDENCE_MISSING', `${path} is not published here`, { at: path });
    return text;
  };
}

/**
 * One link, from a check that answers in a sentence or faults. What is missing or out of date cannot be told (3), nor what another place did not
 * answer (6). What was refused is a no (1): an address that must not be asked is no false signature. Everything else that a publisher got wrong
 * is false (4).
 * @throws {Fault} INTERNAL
 */
export async function told(name: string, check: () => Promise<string>): Promise<LinkView> {
  try {
    return link(name, 'yes', await check(), EXIT.yes);
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    const { exit, message } = error;
    if (exit === EXIT.indeterminate || exit === EXIT.surroundings) return link(name, 'unknown', message, exit);
    return link(name, 'no', message, exit === EXIT.no ? EXIT.no : EXIT.untrustworthy);
  }
}
