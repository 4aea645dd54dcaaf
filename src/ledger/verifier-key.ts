/** Verifier keys of C2SP signed notes, as people hand them on: `name+keyid+base64(type ‖ key)`. */
import { sha256 } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';

/** What a key signs. `note`: the text itself, as a log does. `cosignature`: the text and a time, as a witness does. */
export type KeyKind = 'note' | 'cosignature';

export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256(name ‖ "\n" ‖ type ‖ key), in hex. */
  readonly keyId: string;
  readonly kind: KeyKind;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Type bytes of C2SP signed-note and tlog-cosignature. */
const TYPES: Readonly<Record<KeyKind, number>> = { note: 0x01, cosignature: 0x04 };
const NAME = /^[^\s+\u0000-\u001f\u007f]+$/u;

export function verifierKey(name: string, publicKey: Uint8Array, kind: KeyKind = 'note'): VerifierKey {
  if (publicKey.length !== 32) throw new Fault('INTERNAL', 'an Ed25519 public key has 32 bytes');
  const preimage = Buffer.concat([Buffer.from(`${checkedName(name)}\n`), Buffer.from([TYPES[kind]]), publicKey]);
  return { name, keyId: Buffer.from(sha256(preimage).subarray(0, 4)).toString('hex'), kind, publicKey };
}

/** `name+keyid+base64(type ‖ key)`. */
export function formatVerifierKey(name: string, publicKey: Uint8Array, kind: KeyKind = 'note'): string {
  return `${name}+${verifierKey(name, publicKey, kind).keyId}+${Buffer.from([TYPES[kind], ...publicKey]).toString('base64')}`;
}

/** @throws {Fault} INPUT_INVALID, also when the key id does not belong to the key */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const bytes = encoded === undefined ? undefined : strictBase64(encoded);
  const kind = bytes?.length === 33 ? kindOf(bytes[0]) : undefined;
  if (name === undefined || !isName(name) || bytes === undefined || kind === undefined) {
    throw new Fault('INPUT_INVALID', 'not an Ed25519 verifier key of a signed note', { hint: 'it looks like name+0123abcd+base64' });
  }
  const key = verifierKey(name, bytes.subarray(1), kind);
  if (key.keyId !== keyId) throw new Fault('INPUT_INVALID', `key id ${keyId} does not belong to the key of "${name}"`);
  return key;
}

function kindOf(type: number | undefined): KeyKind | undefined {
  return type === TYPES.note ? 'note' : type === TYPES.cosignature ? 'cosignature' : undefined;
}

export function isName(text: string): boolean {
  return NAME.test(text) && text.isWellFormed();
}

/** @throws {Fault} INPUT_INVALID */
export function checkedName(name: string): string {
  if (isName(name)) return name;
  throw new Fault('INPUT_INVALID', `"${name}" cannot name a log`, { hint: 'use no spaces and no "+"' });
}

/** Bytes of a base64 text that is written the one right way. */
export function strictBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
