/** Commitment to a payload that is stored apart: shows later that it is the same, tells nothing once salt and payload are erased. */
import { sha256, sha256Hex } from '../domain/digest.js';

const BLOCK = 64;

/** Bytes of a salt: as long as the hash, so a payload cannot be guessed from its commitment. */
export const SALT_BYTES = 32;

/** HMAC-SHA-256 (RFC 2104) of the canonical payload under its salt, in hex. */
export function commitment(salt: Uint8Array, payload: Uint8Array): string {
  const key = salt.length > BLOCK ? sha256(salt) : salt;
  return sha256Hex(join(pad(key, 0x5c), sha256(join(pad(key, 0x36), payload))));
}

function pad(key: Uint8Array, mask: number): Uint8Array {
  const block = new Uint8Array(BLOCK).fill(mask);
  key.forEach((byte, index) => { block[index] = byte ^ mask; });
  return block;
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.length + right.length);
  bytes.set(left);
  bytes.set(right, left.length);
  return bytes;
}
