/** Ed25519 signatures checked strictly (RFC 8032), with OpenSSL alone: nothing has to be loaded for it. The one file besides digest.ts that may use node:crypto. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';

export const KEY_LENGTH = 32;
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

/** The y of the eight points whose order divides 8, little-endian: anybody can sign for them. The sign bit of x is left out. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

function isSmallOrder(publicKey: Uint8Array): boolean {
  return SMALL_ORDER.has(Buffer.from(withoutSign(publicKey)).toString('hex'));
}

/** A y of 2^255 - 19 or more stands for a smaller one, which has a spelling of its own. */
function isSecondSpelling(publicKey: Uint8Array): boolean {
  const y = withoutSign(publicKey);
  return (y[0] ?? 0) >= 0xed && y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff);
}

function withoutSign(publicKey: Uint8Array): Uint8Array {
  const y = Uint8Array.from(publicKey);
  y[31] = (y[31] ?? 0) & 0x7f;
  return y;
}
