/** Payloads under keys of their own: AES-256-GCM, bound to their commitment, so that no ciphertext fits another entry. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { commitment, SALT_BYTES } from '../ledger/commitment.js';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;

/** A key that encrypts one payload, with the random bytes that go with it. Only the key is secret. */
export interface PayloadKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A payload as it is stored. Erased, its bytes are all zero; only the name of the key stays. */
export interface SealedPayload {
  readonly key: string;
  readonly salt: Uint8Array;
  readonly nonce: Uint8Array;
  /** With the tag at its end. */
  readonly ciphertext: Uint8Array;
}

/** Random bytes that one payload takes: key, salt, nonce. */
export const RANDOM_BYTES = KEY_BYTES + SALT_BYTES + NONCE_BYTES;

/** @param random RANDOM_BYTES of them, used for nothing else */
export function payloadKey(id: string, random: Uint8Array): PayloadKey {
  return { id, key: random.subarray(0, KEY_BYTES), salt: random.subarray(KEY_BYTES, KEY_BYTES + SALT_BYTES), nonce: random.subarray(KEY_BYTES + SALT_BYTES, RANDOM_BYTES) };
}

/** Commits to a canonical payload and encrypts it. */
export function sealPayload(text: Uint8Array, { id, key, salt, nonce }: PayloadKey): { readonly commit: string; readonly sealed: SealedPayload } {
  const commit = commitment(salt, text);
  return { commit, sealed: { key: id, salt, nonce, ciphertext: encrypt(text, commit, key, nonce) } };
}

/** The canonical text; undefined when key, ciphertext, salt or commitment is another one. */
export function openPayload({ salt, nonce, ciphertext }: SealedPayload, key: Uint8Array, commit: string): Buffer | undefined {
  const text = decrypt(ciphertext, commit, key, nonce);
  return text && commitment(salt, text) === commit ? text : undefined;
}

export function encrypt(text: Uint8Array, commit: string, key: Uint8Array, nonce: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(commit, 'latin1'));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(ciphertext: Uint8Array, commit: string, key: Uint8Array, nonce: Uint8Array): Buffer | undefined {
  if (ciphertext.length < TAG_BYTES || nonce.length !== NONCE_BYTES || key.length !== KEY_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(commit, 'latin1'));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  const opened = decipher.update(ciphertext.subarray(0, -TAG_BYTES));
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    // GCM has one failure only, and the caller says whose payload it was.
    return undefined;
  }
}

/** Whether nothing is left of it. */
export function isBlank({ salt, nonce, ciphertext }: SealedPayload): boolean {
  return [salt, nonce, ciphertext].every((bytes) => bytes.every((byte) => byte === 0));
}
