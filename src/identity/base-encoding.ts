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
  if (!URL_SAFE.test(text)) return exactly(text, 'base64', 'base64');
  if (text.endsWith('=') && text.length % 4 !== 0) throw new Fault('INPUT_INVALID', 'not base64');
  return exactly(text.replace(/={1,2}$/, ''), 'base64url', 'base64');
}

/** Base64url without padding, as JOSE writes it. */
export function toBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

/** @throws {Fault} INPUT_INVALID */
export function fromBase64Url(text: string): Uint8Array {
  return exactly(text, 'base64url', 'base64url');
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

/** Node's decoder skips what it does not know: the text is the right one only if the bytes are written that way. */
function exactly(text: string, alphabet: 'base64' | 'base64url', name: string): Uint8Array {
  const bytes = Buffer.from(text, alphabet);
  if (bytes.toString(alphabet) !== text) throw new Fault('INPUT_INVALID', `not ${name}`);
  return new Uint8Array(bytes);
}
