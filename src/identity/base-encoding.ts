/** Bytes as text: base64 (RFC 4648, both alphabets), base64url and base58btc. The one file that may use @scure/base. */
import { base58, base64, base64url, base64urlnopad } from '@scure/base';
import { Fault } from '../domain/fault.js';

const URL_SAFE = /[-_]/;

export function toBase64(bytes: Uint8Array): string {
  return base64.encode(bytes);
}

/**
 * Reads standard base64 with padding, or the URL-safe alphabet with or without it. One text has one reading: mixed
 * alphabets, white space and bits set behind the end are refused.
 * @throws {Fault} INPUT_INVALID
 */
export function fromBase64(text: string): Uint8Array {
  if (!URL_SAFE.test(text)) return decode('base64', () => base64.decode(text));
  return decode('base64', () => (text.endsWith('=') ? base64url : base64urlnopad).decode(text));
}

/** Base64url without padding, as JOSE writes it. */
export function toBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes);
}

/** @throws {Fault} INPUT_INVALID */
export function fromBase64Url(text: string): Uint8Array {
  return decode('base64url', () => base64urlnopad.decode(text));
}

/** Base58 with the Bitcoin alphabet. */
export function toBase58(bytes: Uint8Array): string {
  return base58.encode(bytes);
}

/** @throws {Fault} INPUT_INVALID */
export function fromBase58(text: string): Uint8Array {
  return decode('base58', () => base58.decode(text));
}

function decode(name: string, read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `not ${name}`, { cause });
  }
}
