/** Commitment to a payload that is stored apart: shows later that it is the same, tells nothing once salt and payload are erased. */
import { sha256Hex } from '../domain/digest.js';

const BLOCK = 64;
const HASH = 32;

/** Bytes of a salt: as long as the hash, so a payload cannot be guessed from its commitment. */
export const SALT_BYTES = 32;

/** HMAC-SHA-256 (RFC 2104) of the canonical payload under its salt, in hex. */
export function commitment(salt: Uint8Array, payload: Uint8Array): string {
  const key = salt.length > BLOCK ? Buffer.from(sha256Hex(salt), 'hex') : salt;
  const inner = padded(key, 0x36, payload.length);
  inner.set(payload, BLOCK);
  const outer = padded(key, 0x5c, HASH);
  // A digest as text and back is quicker than a digest as bytes.
  outer.write(sha256Hex(inner), BLOCK, 'hex');
  return sha256Hex(outer);
}

/** The key's block under its mask, with room for what is hashed after it. */
function padded(key: Uint8Array, mask: number, room: number): Buffer {
  const bytes = Buffer.allocUnsafe(BLOCK + room).fill(mask, 0, BLOCK);
  for (let at = 0; at < key.length; at += 1) bytes[at] = (key[at] ?? 0) ^ mask;
  return bytes;
}
