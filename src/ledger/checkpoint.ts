/** Checkpoints as others read them: C2SP tlog-checkpoint inside a C2SP signed note, Ed25519 (key type 1). */
import { sha256 } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { Signer } from '../domain/ports.js';
import { isHash } from './entry.js';

/** Ed25519, strict; handed in, since this room knows no curve. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** The state of a log: `root` in hex, over the first `size` entries of the log called `origin`. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

export interface NoteSignature {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ "\n" ‖ type ‖ key), in hex. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed: ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface VerifierKey {
  readonly name: string;
  readonly keyId: string;
  readonly publicKey: Uint8Array;
}

const ED25519 = 1;
const MAX_NOTE = 1_000_000;
const MAX_SIGNATURES = 100;
const NAME = /^[^\s+\u0000-\u001f\u007f]+$/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const SIGNATURE_LINE = /^\u2014 (\S+) (\S+)$/u;
const SIZE = /^(0|[1-9]\d{0,15})$/;

/** `name+keyid+base64(type ‖ key)`. */
export function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  return `${checkedName(name)}+${keyIdOf(name, publicKey)}+${Buffer.from([ED25519, ...publicKey]).toString('base64')}`;
}

/** @throws {Fault} INPUT_INVALID, also when the key id does not belong to the key */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const key = encoded === undefined ? undefined : strictBase64(encoded);
  if (name === undefined || !NAME.test(name) || keyId === undefined || key?.length !== 33 || key[0] !== ED25519) {
    throw new Fault('INPUT_INVALID', 'not an Ed25519 verifier key of a signed note', { hint: 'it looks like name+0123abcd+base64' });
  }
  const publicKey = key.subarray(1);
  if (keyIdOf(name, publicKey) !== keyId) throw new Fault('INPUT_INVALID', `key id ${keyId} does not belong to the key of "${name}"`);
  return { name, keyId, publicKey };
}

/** Origin, size and root, one line each. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (!Number.isSafeInteger(size) || size < 0 || !isHash(root)) throw new Fault('INTERNAL', 'not a checkpoint');
  return `${checkedName(origin)}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`;
}

/** Signs a checkpoint; the signer's name is the origin. */
export async function signCheckpointNote(checkpoint: Checkpoint, signer: Signer): Promise<string> {
  return signNote(checkpointText(checkpoint), checkpoint.origin, signer);
}

/** @param text ends in a newline and holds no control character but newlines */
export async function signNote(text: string, name: string, signer: Signer): Promise<string> {
  if (!text.endsWith('\n') || CONTROL.test(text) || !text.isWellFormed()) throw new Fault('INTERNAL', 'not the text of a note');
  const signature = await signer.sign(new TextEncoder().encode(text));
  const blob = Buffer.concat([Buffer.from(keyIdOf(checkedName(name), signer.publicKey), 'hex'), signature]);
  return `${text}\n\u2014 ${name} ${blob.toString('base64')}\n`;
}

/** Takes a note apart; says nothing about its signatures. @throws {Fault} INPUT_INVALID */
export function parseNote(note: string, place: string): Note {
  const malformed = (why: string): Fault => new Fault('INPUT_INVALID', `${place} is not a signed note: ${why}`, { at: place });
  if (note.length > MAX_NOTE) throw malformed('too long');
  if (CONTROL.test(note) || !note.isWellFormed()) throw malformed('control characters');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n')) throw malformed('no signature block');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed('too many signatures');
  const signatures = lines.map((line) => {
    const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
    const blob = encoded === undefined ? undefined : strictBase64(encoded);
    if (name === undefined || !NAME.test(name) || blob === undefined || blob.length < 5) throw malformed('a broken signature line');
    return { name, keyId: Buffer.from(blob.subarray(0, 4)).toString('hex'), signature: blob.subarray(4) };
  });
  return { text: note.slice(0, split + 1), signatures };
}

/**
 * Checks a note against keys that the caller trusts: signatures of unknown keys are skipped, a known key that fails
 * spoils the note, and at least one known key must have signed.
 *
 * @returns the names that signed
 * @throws {Fault} SIGNATURE_INVALID
 */
export async function verifyNote(note: Note, keys: readonly VerifierKey[], verifySignature: VerifySignature): Promise<readonly string[]> {
  const signedBy: string[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && one.keyId === keyId);
    if (!key) continue;
    const holds = signature.length === 64 && (await verifySignature(key.publicKey, new TextEncoder().encode(note.text), signature));
    if (!holds) throw new Fault('SIGNATURE_INVALID', `the signature of "${name}" does not hold`, { at: name });
    signedBy.push(name);
  }
  if (signedBy.length === 0) throw new Fault('SIGNATURE_INVALID', 'no signature of a known key');
  return signedBy;
}

/** What a checkpoint note claims, unverified. @throws {Fault} INPUT_INVALID */
export function readCheckpointNote(note: string, place: string): Checkpoint {
  const { text } = parseNote(note, place);
  const [origin = '', size = '', encoded = '', ...rest] = text.slice(0, -1).split('\n');
  const root = strictBase64(encoded);
  if (!NAME.test(origin) || !SIZE.test(size) || !Number.isSafeInteger(Number(size)) || root?.length !== 32 || rest.length > 0) {
    throw new Fault('INPUT_INVALID', `${place} is not a checkpoint: it wants origin, size and root, and nothing else`, { at: place });
  }
  return { origin, size: Number(size), root: Buffer.from(root).toString('hex') };
}

/**
 * A checkpoint that the log itself signed: the signer's name is the origin.
 *
 * @throws {Fault} INPUT_INVALID when malformed, SIGNATURE_INVALID when not signed by the log's key
 */
export async function openCheckpointNote(note: string, keys: readonly VerifierKey[], verifySignature: VerifySignature, place = 'checkpoint'): Promise<Checkpoint> {
  const checkpoint = readCheckpointNote(note, place);
  const own = keys.filter((key) => key.name === checkpoint.origin);
  await verifyNote(parseNote(note, place), own, verifySignature);
  return checkpoint;
}

function keyIdOf(name: string, publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new Fault('INTERNAL', 'an Ed25519 public key has 32 bytes');
  const preimage = Buffer.concat([Buffer.from(`${name}\n`), Buffer.from([ED25519]), publicKey]);
  return Buffer.from(sha256(preimage).subarray(0, 4)).toString('hex');
}

function checkedName(name: string): string {
  if (NAME.test(name) && name.isWellFormed()) return name;
  throw new Fault('INPUT_INVALID', `"${name}" cannot name a log`, { hint: 'use no spaces and no "+"' });
}

/** Bytes of a base64 text that is written the one right way. */
function strictBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
