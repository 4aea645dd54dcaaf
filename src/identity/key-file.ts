/** The format of a key at rest: public facts in clear, the seed under AES-256-GCM, every other member authenticated with it. */
import { canonical } from '../domain/canonical.js';
import { Fault } from '../domain/fault.js';
import { asObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { KeyName, KeyRole } from '../domain/ports.js';
import { fromBase64Url, toBase64Url } from './base-encoding.js';
import { keyOfMultikey, multikeyOf } from './did-key.js';

/** What one guess at a passphrase costs (scrypt, RFC 7914). */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
/** About 0.3 s and 128 MiB. */
export const SCRYPT: ScryptCost = { N: 131_072, r: 8, p: 1 };
/** The least that a reader accepts. */
export const LEAST_SCRYPT: ScryptCost = { N: 16_384, r: 8, p: 1 };
/** Enough for {@link SCRYPT}: Node's own cap is lower. */
export const SCRYPT_MEMORY = 256 * 1024 * 1024;
export const NONCE_LENGTH = 12;
export const TAG_LENGTH = 16;
export const SALT_LENGTH = 16;

/** How the key that opens the file is found: from a passphrase, or in a file of another folder. */
export type Lock =
  | (ScryptCost & { readonly name: 'scrypt'; readonly salt: Uint8Array })
  | { readonly name: 'wrapping-key'; readonly id: string };

/** All members that are authenticated but not secret. */
export interface KeyFileHead extends KeyName {
  readonly publicKey: Uint8Array;
  readonly lock: Lock;
  readonly nonce: Uint8Array;
}
export interface KeyFile extends KeyFileHead {
  readonly tag: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Additional data of the cipher: RFC 8785 text of every member except tag and ciphertext, so none can be swapped. */
export function keyFileAad(head: KeyFileHead): Uint8Array {
  return new TextEncoder().encode(canonical(headJson(head)));
}

export function keyFileText(file: KeyFile): string {
  const { cipher, ...head } = headJson(file);
  const sealed = { ...asObject(cipher, 'cipher'), tag: toBase64Url(file.tag) };
  return `${JSON.stringify({ ...head, cipher: sealed, ciphertext: toBase64Url(file.ciphertext) }, null, 2)}\n`;
}

function headJson({ role, name, publicKey, lock, nonce }: KeyFileHead): JsonObject {
  const publicKeyMultibase = multikeyOf(publicKey);
  return {
    v: 1,
    kid: `did:key:${publicKeyMultibase}`,
    role,
    name,
    alg: 'Ed25519',
    publicKeyMultibase,
    kdf: lock.name === 'scrypt' ? { ...lock, salt: toBase64Url(lock.salt) } : { ...lock },
    cipher: { name: 'aes-256-gcm', nonce: toBase64Url(nonce) },
  };
}

/**
 * Reads a key file and bounds everything that costs time or memory before any of it is used.
 * @throws {Fault} KEY_UNFIT, UPGRADE_NEEDED, INPUT_INVALID
 */
export function readKeyFile(text: string, at: string): KeyFile {
  const json = asObject(parseJson(text, at), at);
  if (json['v'] !== 1) throw new Fault('UPGRADE_NEEDED', 'the key file was written by another version of agentctl', { at });
  const cipher = asObject(json['cipher'], `${at}: cipher`);
  const file: KeyFile = {
    role: roleOf(json['role'], at),
    name: textOf(json['name'], 'name', at),
    publicKey: keyOfMultikey(textOf(json['publicKeyMultibase'], 'publicKeyMultibase', at)),
    lock: lockOf(asObject(json['kdf'], `${at}: kdf`), at),
    nonce: bytesOf(cipher['nonce'], NONCE_LENGTH, at),
    tag: bytesOf(cipher['tag'], TAG_LENGTH, at),
    ciphertext: bytesOf(json['ciphertext'], 32, at),
  };
  // One spelling only: a member we do not know, or two that contradict each other, would not be authenticated.
  if (canonical(parseJson(keyFileText(file), at)) !== canonical(json)) throw unfit('holds members that do not belong there', at);
  return file;
}

function lockOf(kdf: JsonObject, at: string): Lock {
  const { name, N, r, p, salt, id } = kdf;
  if (name === 'wrapping-key' && typeof id === 'string' && /^[0-9a-f]{32}$/.test(id)) return { name, id };
  if (name !== 'scrypt' || typeof N !== 'number' || typeof r !== 'number' || typeof p !== 'number') throw unfit('has an unknown kdf', at);
  const bounded = [N, r, p].every((value) => Number.isSafeInteger(value) && value > 0) && (N & (N - 1)) === 0 && N >= LEAST_SCRYPT.N && r <= 32 && p <= 4;
  if (!bounded || 128 * N * r * p > SCRYPT_MEMORY / 2) throw unfit('asks for a kdf outside the bounds', at);
  return { name, N, r, p, salt: bytesOf(salt, SALT_LENGTH, at) };
}

const ROLES: readonly KeyRole[] = ['organisation', 'operator', 'agent', 'log', 'witness'];

function roleOf(value: Json | undefined, at: string): KeyRole {
  const role = ROLES.find((one) => one === value);
  if (role === undefined) throw unfit('has an unknown role', at);
  return role;
}

function textOf(value: Json | undefined, member: string, at: string): string {
  if (typeof value !== 'string' || value.length > 200) throw unfit(`lacks "${member}"`, at);
  return value;
}

function bytesOf(value: Json | undefined, length: number, at: string): Uint8Array {
  const bytes = typeof value === 'string' && value.length <= 200 ? fromBase64Url(value) : undefined;
  if (bytes?.length !== length) throw unfit(`lacks ${length} bytes that the format asks for`, at);
  return bytes;
}

function unfit(reason: string, at: string): Fault {
  return new Fault('KEY_UNFIT', `the key file ${reason}`, { at });
}
