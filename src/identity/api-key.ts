/** API keys of an agent: their text form, the hash that is kept, and the check of one use against the record. */
import { digestBytes, hexOf, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { Instant } from '../domain/time.js';

export type ApiKeyEnvironment = 'live' | 'test';

/** `agctl_<live|test>_` + 43 base62 digits (256 random bits) + 6 base62 digits of CRC-32 over all before. */
const FORM = /^agctl_(live|test)_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;

export interface NewApiKey {
  /** Shown once, never stored. */
  readonly token: string;
  readonly keyId: string;
  /** The first characters, for people: says which key, gives nothing away. */
  readonly prefix: string;
  readonly hash: Digest;
  readonly environment: ApiKeyEnvironment;
}

/** @param secret 32 bytes from the random port */
export function makeApiKey(secret: Uint8Array, environment: ApiKeyEnvironment): NewApiKey {
  if (secret.length !== SECRET_BYTES) throw new Fault('INTERNAL', `an API key needs ${SECRET_BYTES} random bytes`);
  const body = `agctl_${environment}_${base62(secret.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n), 43)}`;
  const token = body + checksum(body);
  return { token, environment, ...fingerprintOf(token) };
}

export type ParsedApiKey = Omit<NewApiKey, 'token'>;

/** What can be said of a token offline: undefined when its form or checksum is wrong, so scanners can drop false hits. */
export function parseApiKey(token: string): ParsedApiKey | undefined {
  const match = FORM.exec(token);
  if (!match || checksum(token.slice(0, -6)) !== match[3]) return undefined;
  return { environment: match[1] === 'live' ? 'live' : 'test', ...fingerprintOf(token) };
}

/** SHA-256 of the whole token. A slow hash would add nothing to 256 random bits. */
export function hashApiKey(token: string): Digest {
  return digestBytes(token);
}

function fingerprintOf(token: string): { keyId: string; prefix: string; hash: Digest } {
  const hash = hashApiKey(token);
  return { keyId: `key_${hexOf(hash).slice(0, 16)}`, prefix: token.slice(0, 'agctl_live_'.length + 4), hash };
}

/** What the ledger knows of a key; the token itself is nowhere. */
export interface ApiKeyRecord {
  readonly hash: string;
  readonly environment: string;
  readonly scopes: readonly string[];
  readonly permissionsDigest: string;
  readonly expiresAt: Instant;
  readonly revokedAt: Instant | null;
}

export interface ApiKeyUse {
  readonly permission: string;
  readonly now: Instant;
  /** Digest of the permissions that the manifest declares now. */
  readonly permissionsDigest: string;
}

export interface ApiKeyVerdict {
  readonly ok: boolean;
  readonly because: string;
  /** The permission that the key lacks. */
  readonly missing?: string;
}

/** One use of a key, judged: denied unless everything holds. */
export function checkApiKey(record: ApiKeyRecord | undefined, token: string, use: ApiKeyUse): ApiKeyVerdict {
  const parsed = parseApiKey(token);
  if (!parsed) return deny('the key is malformed: its form or checksum is wrong');
  if (!record || !equalText(parsed.hash, record.hash)) return deny('the key is unknown here');
  if (parsed.environment !== record.environment) return deny('the key belongs to another environment');
  if (record.revokedAt !== null) return deny(`the key was revoked at ${record.revokedAt}`);
  if (use.now >= record.expiresAt) return deny(`the key expired at ${record.expiresAt}`);
  if (use.permissionsDigest !== record.permissionsDigest) return deny('the declared permissions have changed since the key was issued');
  if (!record.scopes.some((scope) => covers(scope, use.permission))) return { ...deny(`the key does not hold ${use.permission}`), missing: use.permission };
  return { ok: true, because: `the key is valid until ${record.expiresAt} and holds ${use.permission}` };
}

function deny(because: string): ApiKeyVerdict {
  return { ok: false, because };
}

/** A scope is a permission, or `resource:*` for every verb of one resource. */
function covers(scope: string, permission: string): boolean {
  return scope === permission || (scope.endsWith(':*') && permission.startsWith(scope.slice(0, -1)));
}

/** Takes the same time wherever two texts of one length differ, so that a guess cannot be steered by the clock. */
function equalText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

function base62(value: bigint, width: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = ALPHABET.charAt(Number(rest % 62n)) + text;
  return text.padStart(width, '0');
}

function checksum(text: string): string {
  return base62(BigInt(crc32(text)), 6);
}

/** CRC-32 (IEEE 802.3) of an ASCII text. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
