/** Content-Digest (RFC 9530): what binds a body to a header that a signature can cover. */
import { sha256 } from '../domain/digest.js';
import { byteSequence, parseDictionary } from './structured-field.js';

/** Text counts as UTF-8. */
export type Body = string | Uint8Array;

/** `sha-256=:…:` of a body (RFC 9530). */
export function contentDigest(body: Body): string {
  return `sha-256=${byteSequence(sha256(body))}`;
}

/**
 * Whether the field names these bytes; undefined when it holds no sha-256, the one algorithm that is computed here.
 * @throws {Fault} INPUT_INVALID for a malformed field
 */
export function digestMatches(field: string, body: Body): boolean | undefined {
  const stated = parseDictionary(field).get('sha-256');
  return stated && stated.text === byteSequence(sha256(body));
}
