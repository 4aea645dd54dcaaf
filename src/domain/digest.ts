/** SHA-256, the one digest. The only file of the pure layers that may use node:crypto. */
import { createHash, hash } from 'node:crypto';
import { canonical } from './canonical.js';
import type { Json } from './json.js';

/** `sha256:` + 64 lower-case hex digits. */
export type Digest = `sha256:${string}`;

// One-shot hashing avoids a stream object per call; Node 20.11 and older lack it.
const oneShot: typeof hash | undefined = hash;

/** SHA-256 of bytes, or of a text as UTF-8, in 64 lower-case hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return oneShot ? oneShot('sha256', data, 'hex') : createHash('sha256').update(data).digest('hex');
}

/** The same as 32 characters, one for each byte: a Buffer would cost more than the hash does. */
export function sha256Binary(data: Uint8Array): string {
  return oneShot ? oneShot('sha256', data, 'binary') : createHash('sha256').update(data).digest('binary');
}

export function sha256(data: string | Uint8Array): Uint8Array {
  return createHash('sha256').update(data).digest();
}

export function digestBytes(data: string | Uint8Array): Digest {
  return `sha256:${sha256Hex(data)}`;
}

/** Digest of the canonical text (RFC 8785) of a value. */
export function digestJson(value: Json): Digest {
  return digestBytes(canonical(value));
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^sha256:[0-9a-f]{64}$/.test(text);
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The short form for people: the first twelve hex digits. */
export function short(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** Digest of a text that comes in parts. */
export class RunningDigest {
  readonly #hash = createHash('sha256');

  add(part: string): void {
    this.#hash.update(part);
  }

  /** Once, at the end. */
  end(): Digest {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
