/** Ed25519 signatures checked strictly (RFC 8032), with OpenSSL alone: nothing has to be loaded for it. The one file besides digest.ts that may use node:crypto. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { isSecondSpelling, isSmallOrder, KEY_LENGTH } from './ed25519-key.js';

export const SIGNATURE_LENGTH = 64;

/** SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Whether `signature` is `publicKey`'s over `message`. Never throws: what is malformed is not a signature.
 * OpenSSL refuses what is no point of the curve, but takes keys of small order and second spellings for good, so those
 * are refused first. The tests hold it against noble's strict reading.
 */
export async function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const key = signature.length === SIGNATURE_LENGTH ? keyFrom(publicKey) : undefined;
  return key !== undefined && verify(null, message, key, signature);
}

/** Keys seen before, undefined for a weak one: the same few sign everything. */
const seen = new Map<string, KeyObject | undefined>();
const REMEMBERED = 1000;

function keyFrom(publicKey: Uint8Array): KeyObject | undefined {
  if (publicKey.length !== KEY_LENGTH) return undefined;
  const name = Buffer.from(publicKey).toString('latin1');
  if (seen.has(name)) return seen.get(name);
  const weak = isSecondSpelling(publicKey) || isSmallOrder(publicKey);
  const key = weak ? undefined : createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  if (seen.size >= REMEMBERED) seen.clear();
  seen.set(name, key);
  return key;
}
