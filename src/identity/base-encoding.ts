/** Bytes as text: base64 (RFC 4648, both alphabets), base64url and base58btc. The one file that may use @scure/base. */
import { base58 } from '@scure/base';
import { Fault } from '../domain/fault.js';

const URL_SAFE = /[-_]/;

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/**
 * Reads standard base64 with padding, or the URL-safe alphabet with or without it. One text has one reading: mixed
 * alphabets, white space and bits set behind the end are refused.
 * @throws {Fault} INPUT_INVALID
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  // Node's decoder takes both alphabets and skips what it does not know: only a text that the bytes give back was written the right way.
  const same = bytes.toString('base64') === text || (URL_SAFE.test(text) && isUrlSafe(text, bytes.toString('base64url')));
  if (!same) throw new Fault('INPUT_INVALID', 'not base64');
  return viewOf(bytes);
}

function isUrlSafe(text: string, bare: string): boolean {
  return text === bare || text === bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/** Base64url without padding, as JOSE writes it. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** @throws {Fault} INPUT_INVALID */
export function fromBase64Url(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new Fault('INPUT_INVALID', 'not base64url');
  return viewOf(bytes);
}

/** Base58 with the Bitcoin alphabet. */
export function toBase58(bytes: Uint8Array): string {
  return base58.encode(bytes);
}

/** @throws {Fault} INPUT_INVALID */
export function fromBase58(text: string): Uint8Array {
  try {
    return base58.decode(text);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', 'not base58', { cause });
  }
}

function viewOf(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
