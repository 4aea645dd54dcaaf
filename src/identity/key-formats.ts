/** Keys as other programs write them: PKCS#8 and SubjectPublicKeyInfo in PEM (RFC 5958, 8410, 7468) and JWK (RFC 8037). Pure; what is encrypted is the adapter's. */
import { Fault } from '../domain/fault.js';
import { asObject, parseJson } from '../domain/json.js';
import { fromBase64, fromBase64Url, toBase64, toBase64Url } from './base-encoding.js';
import { acceptKey, KEY_LENGTH } from './ed25519-key.js';
import { publicKeyOf } from './ed25519.js';

/** A private key with its public half, each the 32 bytes of RFC 8032. */
export interface KeyPair {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

const SPKI = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);
/** OneAsymmetricKey, version 1: the seed alone. */
const PKCS8 = Uint8Array.from([0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]);
/** Version 2: the public half follows the seed behind {@link PUBLIC}. */
const PKCS8_V2 = Uint8Array.from([0x30, 0x51, 0x02, 0x01, 0x01, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20]);
const PUBLIC = Uint8Array.from([0x81, 0x21, 0x00]);
/** Longer than any encrypted key of ours or of OpenSSL. */
const LONGEST = 8192;

export const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';
const OPENSSH = 'OPENSSH PRIVATE KEY';
/** OpenSSH writes no Ed25519 key in another format. */
const KEPT_BY_OPENSSH = 'leave it where it is and name its .pub file: agentctl operator add <id> --role <role> --ssh-key KEY.pub';

/** SubjectPublicKeyInfo in PEM. */
export function publicPem(publicKey: Uint8Array): string {
  return pem('PUBLIC KEY', Uint8Array.from([...SPKI, ...publicKey]));
}

/** PKCS#8 in PEM, not encrypted. */
export function privatePem(seed: Uint8Array): string {
  return pem('PRIVATE KEY', pkcs8(seed));
}

export function pkcs8(seed: Uint8Array): Uint8Array {
  return Uint8Array.from([...PKCS8, ...seed]);
}

/** One line of JSON; with a seed the private key. */
export function jwk(publicKey: Uint8Array, seed?: Uint8Array): string {
  return `${JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey), ...(seed === undefined ? {} : { d: toBase64Url(seed) }) })}\n`;
}

/** What kind of PEM a text is; undefined when it is none. */
export function pemLabel(text: string): string | undefined {
  return /^\s*-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n/.exec(text)?.[1];
}

/**
 * A private key in PKCS#8 PEM or as JWK, with the public half derived from it and compared with the one that came along.
 * @throws {Fault} INPUT_INVALID for another kind of file or key, KEY_UNFIT for two halves that do not belong together or a key that was published
 */
export async function readPrivateKey(text: string, at: string): Promise<KeyPair> {
  if (text.length > LONGEST) throw new Fault('INPUT_INVALID', 'too long for a key', { at });
  const label = pemLabel(text);
  const read = label === undefined ? fromJwk(text, at) : fromPkcs8(pemBytes(text, label, at), label, at);
  const publicKey = acceptKey(await publicKeyOf(read.seed));
  if (read.publicKey !== undefined && !same(publicKey, read.publicKey)) throw new Fault('KEY_UNFIT', 'the public half does not belong to the private one', { at });
  refusePublished(publicKey, at);
  return { seed: read.seed, publicKey };
}

type Read = { readonly seed: Uint8Array; readonly publicKey: Uint8Array | undefined };

function fromJwk(text: string, at: string): Read {
  const { kty, crv, x, d, ...rest } = asObject(parseJson(text, at), at);
  if (kty !== 'OKP' || crv !== 'Ed25519') throw otherKind('is no Ed25519 key', at);
  if (typeof d !== 'string') throw new Fault('INPUT_INVALID', 'the JWK has no private half', { at, hint: 'export it with the member "d"' });
  const { key_ops: operations } = rest;
  const signs = operations === undefined || (Array.isArray(operations) && operations.includes('sign'));
  if (!signs || (rest['use'] !== undefined && rest['use'] !== 'sig')) throw otherKind('is not meant for signing', at);
  // RFC 8037 asks for the public half in a private key; without it nothing would show that the two were mixed up.
  if (typeof x !== 'string') throw new Fault('INPUT_INVALID', 'the JWK has no public half', { at, hint: 'export it with the member "x"' });
  return { seed: length(fromBase64Url(d), at), publicKey: length(fromBase64Url(x), at) };
}

function fromPkcs8(der: Uint8Array, label: string, at: string): Read {
  if (label !== 'PRIVATE KEY') throw new Fault('INPUT_INVALID', `${JSON.stringify(label)} is no private key in PKCS#8`, { at, hint: label === OPENSSH ? KEPT_BY_OPENSSH : 'openssl pkcs8 -topk8 -in KEY -out KEY.pem' });
  const begins = (prefix: Uint8Array) => prefix.every((byte, index) => der[index] === byte);
  const seed = der.slice(PKCS8.length, PKCS8.length + KEY_LENGTH);
  if (begins(PKCS8) && der.length === PKCS8.length + KEY_LENGTH) return { seed, publicKey: undefined };
  const behind = der.slice(PKCS8_V2.length + KEY_LENGTH);
  if (!begins(PKCS8_V2) || behind.length !== PUBLIC.length + KEY_LENGTH || !PUBLIC.every((byte, index) => behind[index] === byte)) throw otherKind('is no Ed25519 key', at);
  return { seed, publicKey: behind.slice(PUBLIC.length) };
}

function pem(label: string, bytes: Uint8Array): string {
  return `${[`-----BEGIN ${label}-----`, ...(toBase64(bytes).match(/.{1,64}/g) ?? []), `-----END ${label}-----`].join('\n')}\n`;
}

function pemBytes(text: string, label: string, at: string): Uint8Array {
  const lines = text.trim().split(/\r?\n/);
  if (lines.at(-1) !== `-----END ${label}-----`) throw new Fault('INPUT_INVALID', 'the PEM has no end, or something follows it', { at });
  return fromBase64(lines.slice(1, -1).join(''));
}

function length(bytes: Uint8Array, at: string): Uint8Array {
  if (bytes.length === KEY_LENGTH) return bytes;
  throw new Fault('INPUT_INVALID', `the key has ${bytes.length} bytes instead of ${KEY_LENGTH}`, { at, hint: MAKE_ONE });
}

/** Public halves of keys whose private half stands in a specification: everybody has them. */
const PUBLISHED: ReadonlySet<string> = new Set([
  // RFC 8032 §7.1, tests 1, 2, 3, 1024 and SHA(abc); the first is RFC 8037's as well.
  'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e',
  'ec172b93ad5e563f4932c70e1245034c35467ef2efd4d64ebf819683467e2bf0',
  // RFC 9421 appendix B.1.4.
  '26b40b8f93fff3d897112f7ebc582b232dbd72517d082fe83cfb30ddce43d1bb',
]);

/** @throws {Fault} KEY_UNFIT */
export function refusePublished(publicKey: Uint8Array, at: string): void {
  if (PUBLISHED.has(Buffer.from(publicKey).toString('hex'))) throw unfit('is printed in a specification: everybody has it', at);
}

const MAKE_ONE = 'make one with `openssl genpkey -algorithm ed25519`, or let agentctl make it';

function unfit(because: string, at: string): Fault {
  return new Fault('KEY_UNFIT', `the key ${because}`, { at, hint: MAKE_ONE });
}

/** Nothing is wrong with such a key: it is the wrong one to hand in. */
function otherKind(because: string, at: string): Fault {
  return new Fault('INPUT_INVALID', `the key ${because}`, { at, hint: MAKE_ONE });
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
