/** Ed25519 (RFC 8032): sign, and refuse weak keys where they enter. The one file that may use @noble/ed25519. */
import { getPublicKeyAsync, Point, signAsync } from '@noble/ed25519';
import { Fault } from '../domain/fault.js';
import { KEY_LENGTH } from './ed25519-verify.js';

export { KEY_LENGTH, SIGNATURE_LENGTH, verifySignature } from './ed25519-verify.js';

/** Pure Ed25519 over the bytes: deterministic, 64 bytes. `seed` is the 32-byte private key. */
export async function signBytes(seed: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
  return signAsync(bytes, seed);
}

export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  return getPublicKeyAsync(seed);
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

/** Verdicts on keys seen before: the same few keys sign everything, and each look costs a square root. */
const looked = new Map<string, string | undefined>();
const REMEMBERED = 1000;

function weakness(publicKey: Uint8Array): string | undefined {
  const name = Buffer.from(publicKey).toString('base64');
  if (looked.has(name)) return looked.get(name);
  if (looked.size >= REMEMBERED) looked.clear();
  const found = look(publicKey);
  looked.set(name, found);
  return found;
}

function look(publicKey: Uint8Array): string | undefined {
  if (publicKey.length !== KEY_LENGTH) return `has ${publicKey.length} bytes instead of ${KEY_LENGTH}`;
  try {
    return Point.fromBytes(publicKey, false).isSmallOrder() ? 'is of small order: anybody can sign for it' : undefined;
  } catch {
    // noble throws for a point off the curve or in a second spelling; both mean the same here.
    return 'is not a point of the curve in canonical form';
  }
}
