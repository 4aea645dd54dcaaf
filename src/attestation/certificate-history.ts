/** The certificates of one agent as JSON Lines of envelopes, from the first to the newest: each names the one before by its digest, so that a gap or a swap shows. */
import { digestBytes, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { standingOf, type KeyHistory } from '../identity/key-history.js';
import { CERTIFICATION, certificatePredicate, type CertificatePredicate } from './certificate.js';
import { conform } from './conform.js';
import { peekStatement } from './statement.js';
import { openSigned, refuseSilent, SILENT, type Histories } from './succession.js';

/** Where they lie, beside the newest one. */
export const HISTORY_FILE = 'certificates.intoto.jsonl';

export interface FormerCertificate {
  /** Digest of the signed statement. */
  readonly certificate: Digest;
  readonly predicate: CertificatePredicate;
  /** The key of the organisation that signed it, as did:key. */
  readonly signer: string;
  /** False when that key was withdrawn as compromised since: the certificate stands in the line, and nothing that it says counts. */
  readonly counts: boolean;
}

/**
 * Opens every certificate with a key that spoke for its organisation when it was issued. One of a key that was stolen since keeps its place,
 * which the digest in the one after it vouches for; the newest has to count.
 * @param keysOf keys of the organisation, by its first one
 * @throws {Fault} INPUT_INVALID, SIGNATURE_INVALID, DIGEST_MISMATCH, each with the number of the certificate
 */
export async function openHistory(text: string, keysOf: Histories): Promise<readonly FormerCertificate[]> {
  const items: FormerCertificate[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) items.push(await opened(line, items, keysOf));
  const newest = items.at(-1);
  if (!newest) throw new Fault('EVIDENCE_MISSING', 'the history holds no certificate');
  if (!newest.counts) throw new Fault('REFUSED', `the newest certificate does not count: ${SILENT.compromised(newest.signer)}`);
  return items;
}

async function opened(line: string, before: readonly FormerCertificate[], keysOf: Histories): Promise<FormerCertificate> {
  const at = `certificate ${before.length + 1} of the history`;
  try {
    const predicate = conform<CertificatePredicate>(certificatePredicate, peekStatement(line).predicate, at);
    const { payload, signer, counts } = await openedBySigner(line, keysOf(predicate.organisation.did), predicate.validFrom);
    const last = before.at(-1);
    if (predicate.previous !== (last?.certificate ?? null)) throw new Fault('DIGEST_MISMATCH', 'it does not follow the one before it');
    const other = last && (last.predicate.agent.id !== predicate.agent.id ? 'agent' : last.predicate.organisation.did !== predicate.organisation.did ? 'organisation' : undefined);
    if (other !== undefined) throw new Fault('DIGEST_MISMATCH', `it is about another ${other} than the one before it`);
    if (last && predicate.validFrom < last.predicate.validFrom) throw new Fault('DIGEST_MISMATCH', 'it is older than the one before it');
    return { certificate: digestBytes(payload), predicate, signer, counts };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') throw new Fault(error.code, `${at}: ${error.message}`, { at, cause: error });
    throw error;
  }
}

async function openedBySigner(line: string, history: KeyHistory, validFrom: string): Promise<{ readonly payload: Uint8Array; readonly signer: string; readonly counts: boolean }> {
  const { payload, did: signer } = await openSigned(line, history, CERTIFICATION);
  const counts = standingOf(history, signer, validFrom) !== 'compromised';
  if (counts) refuseSilent(history, signer, validFrom);
  return { payload, signer, counts };
}
