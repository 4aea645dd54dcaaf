/** Ed25519 signatures made with OpenSSL (RFC 8032), which is there at once: noble first computes a table for longer than most commands take. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { KEY_LENGTH } from './ed25519-key.js';

/** PrivateKeyInfo of an Ed25519 key, up to the seed (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface SigningKey {
  readonly publicKey: Uint8Array;
  /** Pure Ed25519 over the bytes: deterministic, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array;
}

/** @param seed the private key of RFC 8032: 32 bytes */
export function signingKey(seed: Uint8Array): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-KEY_LENGTH));
  return { publicKey, sign: (bytes) => Uint8Array.from(sign(null, bytes, key)) };
}
