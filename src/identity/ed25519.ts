/** Ed25519 (RFC 8032): sign, verify strictly, and refuse weak keys where they enter. The one file that may use @noble/ed25519. */
import { getPublicKeyAsync, Point, signAsync, verifyAsync } from '@noble/ed25519';
import { Fault } from '../domain/fault.js';

export const KEY_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

/** Pure Ed25519 over the bytes: deterministic, 64 bytes. `seed` is the 32-byte private key. */
export async function signBytes(seed: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
  return signAsync(bytes, seed);
}

export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  return getPublicKeyAsync(seed);
}

/**
 * Whether `signature` is `publicKey`'s over `message`. Never throws: what is malformed is not a signature.
 * Strict reading (not ZIP 215), because under the lenient one the identity point "signs" every message.
 */
export async function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== SIGNATURE_LENGTH || weakness(publicKey) !== undefined) return false;
  return verifyAsync(signature, message, publicKey, { zip215: false });
}

/**
 * A public key that comes from outside, checked: 32 bytes, a canonical point, not of small order.
 * @throws {Fault} KEY_UNFIT
 */
export function acceptKey(publicKey: Uint8Array): Uint8Array {
  const reason = weakness(publicKey);
  if (reason !== undefined) throw new Fault('KEY_UNFIT', `the public key ${reason}`);
  return publicKey;
}

function weakness(publicKey: Uint8Array): string | undefined {
  if (publicKey.length !== KEY_LENGTH) return `has ${publicKey.length} bytes instead of ${KEY_LENGTH}`;
  try {
    return Point.fromBytes(publicKey, false).isSmallOrder() ? 'is of small order: anybody can sign for it' : undefined;
  } catch {
    // noble throws for a point off the curve or in a second spelling; both mean the same here.
    return 'is not a point of the curve in canonical form';
  }
}
