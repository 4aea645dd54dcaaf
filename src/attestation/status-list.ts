/** Bitstring Status List 1.0 (W3C Recommendation of 15 May 2025): one bit per certificate, in a list that says nothing about which. The one file that may use node:zlib. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { toInstant, type Instant } from '../domain/time.js';
import { fromBase64Url, toBase64Url } from '../identity/base-encoding.js';
import { openCredential, type AssertionsOf } from './credential.js';
import { timeOf } from './data-integrity.js';

/** Fewest bits of a list: among so many, the address of the list gives no certificate away (§6.1). */
export const LIST_BITS = 131_072;
/** Most bytes that a list of somebody else may unpack to: 8 million places. */
const MOST_BYTES = 1_048_576;
const LIST_TYPE = 'BitstringStatusListCredential';
/** How long readers may keep a list, in milliseconds; its `validUntil` ends it all the same. */
const TTL = 3_600_000;

/** Bits as `encodedList`: multibase base64url over GZIP (§3.4). */
export function encodeBits(bits: Uint8Array): string {
  return `u${toBase64Url(gzipSync(bits, { level: 9 }))}`;
}

/** @throws {Fault} INPUT_INVALID for anything but packed bits, few enough to be held and as many as a list has at least */
export function decodeBits(encoded: unknown): Uint8Array {
  if (typeof encoded !== 'string' || !encoded.startsWith('u') || encoded.length > 2 * MOST_BYTES) throw invalid('encodedList is not base64url text in multibase');
  const bits = unpack(fromBase64Url(encoded.slice(1)));
  if (bits.length * 8 < LIST_BITS) throw invalid(`STATUS_LIST_LENGTH_ERROR: ${bits.length * 8} bits, a list has at least ${LIST_BITS}`);
  return bits;
}

function unpack(packed: Uint8Array): Uint8Array {
  try {
    // A small text can unpack to any size.
    return gunzipSync(packed, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw invalid('encodedList does not unpack to a list of bearable length', cause);
  }
}

/** Whether the bit of a place is set; place 0 is the first bit of the first byte. @throws {Fault} INPUT_INVALID for a place outside the list */
export function isSet(bits: Uint8Array, index: number): boolean {
  const byte = Number.isSafeInteger(index) && index >= 0 ? bits[Math.floor(index / 8)] : undefined;
  if (byte === undefined) throw invalid(`RANGE_ERROR: the list has no place ${index}`);
  return (byte & (0x80 >> (index & 7))) !== 0;
}

export interface StatusListClaim {
  /** Its own address: what `credentialStatus.statusListCredential` of each certificate names. */
  readonly url: string;
  readonly issuer: { readonly id: string; readonly name: string };
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** Places of what was revoked. */
  readonly revoked: readonly number[];
}

/** The list as an unsigned credential. */
export function statusListOf({ url, issuer, validFrom, validUntil, revoked }: StatusListClaim): JsonObject {
  const bits = new Uint8Array(LIST_BITS / 8);
  for (const index of revoked) bits[index >> 3] = (bits[index >> 3] ?? 0) | (0x80 >> (index & 7));
  return {
    '@context': ['https://www.w3.org/ns/credentials/v2'],
    id: url,
    type: ['VerifiableCredential', LIST_TYPE],
    issuer, validFrom, validUntil,
    credentialSubject: { id: `${url}#list`, type: 'BitstringStatusList', statusPurpose: 'revocation', encodedList: encodeBits(bits), ttl: TTL },
  };
}

export interface StatusListCheck {
  /** The address that the certificate names. */
  readonly url: string;
  /** Who issued the certificate: nobody else may say that it was, or was not, revoked. */
  readonly issuer: string;
  readonly now: Instant;
  /** Of issuers that are no did:key: what their documents list. */
  readonly assertionsOf?: AssertionsOf;
}

export interface StatusList {
  readonly bits: Uint8Array;
  /** The key that signed, as did:key. */
  readonly key: string;
  readonly validFrom: Instant;
  readonly validUntil: Instant;
}

/**
 * Verifies a status list (§3.2): signed by the issuer of the certificate, at the address that the certificate names, for revocation, in force.
 * @throws {Fault} as {@link openCredential}; INPUT_INVALID for a list of another kind, address or length, KEY_UNFIT for another's list, EVIDENCE_MISSING for one that has no end or is past it
 */
export async function openStatusList(text: string, { url, issuer, now, assertionsOf }: StatusListCheck): Promise<StatusList> {
  const list = await openCredential(text, { now, ...(assertionsOf === undefined ? {} : { assertionsOf }) });
  const { type, statusPurpose, encodedList } = list.subject;
  if (list.issuer !== issuer) throw new Fault('KEY_UNFIT', `the list is ${list.issuer}'s, the certificate ${issuer}'s`, { at: 'status list' });
  if (!list.types.includes(LIST_TYPE) || type !== 'BitstringStatusList') throw invalid(`it is no ${LIST_TYPE}`);
  if (list.signed['id'] !== url) throw invalid(`it is the list of ${JSON.stringify(list.signed['id'] ?? null).slice(0, 200)}, not of ${url}`);
  if (statusPurpose !== 'revocation') throw invalid(`its purpose is ${JSON.stringify(statusPurpose ?? null).slice(0, 100)}, not "revocation"`);
  // A list without an end could be shown for ever, from before the revocation.
  if (list.validFrom === undefined || list.validUntil === undefined) throw new Fault('EVIDENCE_MISSING', 'the status list does not say until when it counts', { at: 'status list', hint: 'ask the issuer for a newer one' });
  return { bits: decodeBits(encodedList), key: list.key, validFrom: instantOf(list.validFrom), validUntil: instantOf(list.validUntil) };
}

/** Instants are in the order of their texts, times in any zone are not. */
function instantOf(time: string): Instant {
  return toInstant(timeOf(time, 'a time of the list'));
}

function invalid(because: string, cause?: unknown): Fault {
  return new Fault('INPUT_INVALID', `not a status list that can be read: ${because}`, { at: 'status list', cause });
}
