/** Signatures that OpenSSH makes with an Ed25519 key (OpenSSH PROTOCOL.sshsig), and the lines of `.pub` files that name such keys (RFC 8709). Uses node:crypto for SHA-512 alone. */
import { createHash } from 'node:crypto';
import { Fault } from '../domain/fault.js';
import { fromBase64, toBase64 } from './base-encoding.js';
import { acceptKey, KEY_LENGTH } from './ed25519-key.js';
import { SIGNATURE_LENGTH, verifySignature } from './ed25519-verify.js';

/** What a signature was made for: one for another purpose, such as a git commit, counts for nothing here. */
export const SSH_NAMESPACE = 'agentctl';
const MAGIC = new TextEncoder().encode('SSHSIG');
const VERSION = 1;
const KIND = 'ssh-ed25519';
const HASHES: readonly string[] = ['sha256', 'sha512'];
const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';
/** More than a signature of any known kind with a long namespace. */
const LONGEST = 4096;

export interface SshSignature {
  readonly publicKey: Uint8Array;
  readonly namespace: string;
  /** `sha256` or `sha512`. */
  readonly hash: string;
  /** 64 bytes, over {@link signedBlob}. */
  readonly signature: Uint8Array;
}

/** Whether bytes claim to be such a signature; a raw Ed25519 signature is 64 bytes long, which no such container is. */
export function isSshSignature(bytes: Uint8Array): boolean {
  return bytes.length > SIGNATURE_LENGTH && MAGIC.every((byte, index) => bytes[index] === byte);
}

/**
 * Reads the container: magic, version 1, public key, namespace, nothing reserved, hash, signature, and not a byte more.
 * @throws {Fault} INPUT_INVALID, KEY_UNFIT for another kind of key or a weak one
 */
export function readSshSignature(bytes: Uint8Array): SshSignature {
  if (!isSshSignature(bytes) || bytes.length > LONGEST) throw broken('it does not begin like one');
  const reader = new Reader(bytes.subarray(MAGIC.length));
  if (reader.number() !== VERSION) throw broken('it is of an unknown version');
  const publicKey = readKey(reader.bytes());
  const namespace = reader.text();
  if (reader.bytes().length > 0) throw broken('it uses a field that is reserved');
  const hash = reader.text();
  if (!HASHES.includes(hash)) throw broken(`it uses the hash ${JSON.stringify(hash.slice(0, 20))}`);
  const inner = new Reader(reader.bytes());
  reader.end();
  if (inner.text() !== KIND) throw broken('its signature is of another kind than its key');
  const signature = inner.bytes();
  inner.end();
  if (signature.length !== SIGNATURE_LENGTH) throw broken(`its signature has ${signature.length} bytes`);
  return { publicKey, namespace, hash, signature };
}

/** The container as bytes. */
export function writeSshSignature({ publicKey, namespace, hash, signature }: SshSignature): Uint8Array {
  return join(MAGIC, number(VERSION), field(keyBlob(publicKey)), field(namespace), field(''), field(hash), field(join(field(KIND), field(signature))));
}

/** What the key really signs: never the message, but its hash together with the namespace. */
export function signedBlob({ namespace, hash }: Pick<SshSignature, 'namespace' | 'hash'>, message: Uint8Array): Uint8Array {
  return join(MAGIC, field(namespace), field(''), field(hash), field(createHash(hash).update(message).digest()));
}

/**
 * Whether the container is the key's signature over the message, made for agentctl. The key that it carries proves nothing:
 * it has to be the expected one.
 * @throws {Fault} INPUT_INVALID when malformed, KEY_UNFIT
 */
export async function verifySshSignature(publicKey: Uint8Array, message: Uint8Array, container: Uint8Array): Promise<boolean> {
  const read = readSshSignature(container);
  if (read.namespace !== SSH_NAMESPACE || !same(read.publicKey, publicKey)) return false;
  return verifySignature(publicKey, signedBlob(read, message), read.signature);
}

/** The container in armour, as `ssh-keygen -Y` reads and writes it: lines of 70 characters. */
export function armourSsh(container: Uint8Array): string {
  return `${[BEGIN, ...(toBase64(container).match(/.{1,70}/g) ?? []), END].join('\n')}\n`;
}

/** @throws {Fault} INPUT_INVALID */
export function unarmourSsh(text: string): Uint8Array {
  const lines = text.trim().split(/\r?\n/);
  if (lines.length < 3 || lines[0] !== BEGIN || lines.at(-1) !== END) throw broken('it lacks its armour');
  return fromBase64(lines.slice(1, -1).join(''));
}

/**
 * The key in a `.pub` file: `ssh-ed25519 <base64> [comment]`, one line.
 * @throws {Fault} INPUT_INVALID for another kind of file or key, KEY_UNFIT for a weak one
 */
export function readSshPublicKey(text: string, at: string): Uint8Array {
  const [line = '', ...more] = text.trim().split(/\r?\n/);
  const [kind, blob] = line.split(/[ \t]+/);
  if (more.length > 0 || kind === undefined || blob === undefined) throw new Fault('INPUT_INVALID', 'not a public key file of OpenSSH', { at, hint: 'name the .pub file, which holds one line' });
  if (kind !== KIND) throw new Fault('INPUT_INVALID', `${JSON.stringify(kind.slice(0, 60))} keys do not sign for agentctl`, { at, hint: 'ssh-keygen -t ed25519' });
  return readKey(fromBase64(blob));
}

/** The key as the first two words of a `.pub` line. */
export function sshPublicKeyLine(publicKey: Uint8Array): string {
  return `${KIND} ${toBase64(keyBlob(publicKey))}`;
}

function keyBlob(publicKey: Uint8Array): Uint8Array {
  return join(field(KIND), field(publicKey));
}

function readKey(blob: Uint8Array): Uint8Array {
  const reader = new Reader(blob);
  const kind = reader.text();
  if (kind !== KIND) throw new Fault('KEY_UNFIT', `${JSON.stringify(kind.slice(0, 60))} keys do not sign for agentctl`, { hint: 'ssh-keygen -t ed25519' });
  const key = reader.bytes();
  reader.end();
  if (key.length !== KEY_LENGTH) throw new Fault('KEY_UNFIT', `the public key has ${key.length} bytes instead of ${KEY_LENGTH}`);
  return acceptKey(Uint8Array.from(key));
}

/** Reads SSH wire types (RFC 4251 §5). */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): number {
    if (this.#at + 4 > this.#bytes.length) throw broken('it ends early');
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 4).getUint32(0);
    this.#at += 4;
    return value;
  }

  bytes(): Uint8Array {
    const length = this.number();
    if (length > this.#bytes.length - this.#at) throw broken('it ends early');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    const bytes = this.bytes();
    if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) throw broken('it holds a name that is not printable ASCII');
    return new TextDecoder().decode(bytes);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw broken('something follows behind its end');
  }
}

function number(value: number): Uint8Array {
  return Uint8Array.from([value >>> 24, value >>> 16, value >>> 8, value].map((part) => part & 0xff));
}

function field(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return join(number(bytes.length), bytes);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function broken(because: string): Fault {
  return new Fault('INPUT_INVALID', `not an SSH signature: ${because}`);
}
