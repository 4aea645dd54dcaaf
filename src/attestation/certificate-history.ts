/** The certificates of one agent as JSON Lines of envelopes, from the first to the newest: each names the one before by its digest, so that a gap or a swap shows. */
import { digestBytes, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { CERTIFICATION, certificatePredicate, type CertificatePredicate } from './certificate.js';
import { conform } from './conform.js';
import { peekStatement } from './statement.js';
import { openSpoken, type Histories } from './succession.js';

export interface FormerCertificate {
  /** Digest of the signed statement. */
  readonly certificate: Digest;
  readonly predicate: CertificatePredicate;
  /** The key of the organisation that signed it, as did:key. */
  readonly signer: string;
}

/**
 * Opens every certificate with a key that spoke for its organisation when it was issued.
 * @param keysOf keys of the organisation, by its first one
 * @throws {Fault} INPUT_INVALID, SIGNATURE_INVALID, DIGEST_MISMATCH, each with the number of the certificate
 */
export async function openHistory(text: string, keysOf: Histories): Promise<readonly FormerCertificate[]> {
  const items: FormerCertificate[] = [];
  for (const line of text.split('\n').filter((one) => one !== '')) items.push(await opened(line, items, keysOf));
  if (items.length === 0) throw new Fault('EVIDENCE_MISSING', 'the history holds no certificate');
  return items;
}

async function opened(line: string, before: readonly FormerCertificate[], keysOf: Histories): Promise<FormerCertificate> {
  const at = `certificate ${before.length + 1} of the history`;
  try {
    const predicate = conform<CertificatePredicate>(certificatePredicate, peekStatement(line).predicate, at);
    const { payload, did: signer } = await openSpoken(line, keysOf(predicate.organisation.did), CERTIFICATION, (json: JsonObject) => String(json['validFrom']));
    const last = before.at(-1);
    if (predicate.previous !== (last?.certificate ?? null)) throw new Fault('DIGEST_MISMATCH', 'it does not follow the one before it');
    const other = last && (last.predicate.agent.id !== predicate.agent.id ? 'agent' : last.predicate.organisation.did !== predicate.organisation.did ? 'organisation' : undefined);
    if (other !== undefined) throw new Fault('DIGEST_MISMATCH', `it is about another ${other} than the one before it`);
    if (last && predicate.validFrom < last.predicate.validFrom) throw new Fault('DIGEST_MISMATCH', 'it is older than the one before it');
    return { certificate: digestBytes(payload), predicate, signer };
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') throw new Fault(error.code, `${at}: ${error.message}`, { at, cause: error });
    throw error;
  }
}
