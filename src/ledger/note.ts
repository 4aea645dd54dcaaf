/** C2SP signed notes: a text, an empty line, and the signatures of those who vouch for it. */
import { Fault } from '../domain/fault.js';
import type { Signer } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { readCosignature } from './cosignature.js';
import { readSignatureLine, signatureLine, type NoteSignature } from './signature-line.js';
import { verifierKey, type VerifierKey } from './verifier-key.js';

/** Ed25519, strict; handed in, since this room knows no curve. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

export interface Note {
  /** What is signed: ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A signature of a known key that holds. */
export interface Vouched {
  readonly key: VerifierKey;
  /** When a witness saw the text; null for a key that signs no time. */
  readonly time: Instant | null;
}

const MAX_NOTE = 1_000_000;
const MAX_SIGNATURES = 100;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** @param text ends in a newline and holds no control character but newlines */
export async function signNote(text: string, name: string, signer: Signer): Promise<string> {
  if (!text.endsWith('\n') || CONTROL.test(text) || !text.isWellFormed()) throw new Fault('INTERNAL', 'not the text of a note');
  const signature = await signer.sign(new TextEncoder().encode(text));
  return `${text}\n${signatureLine(verifierKey(name, signer.publicKey), signature)}`;
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
    const signature = readSignatureLine(line);
    if (!signature) throw malformed('a broken signature line');
    return signature;
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
  const vouched = await vouchersOf(note, keys, verifySignature);
  if (vouched.length === 0) throw new Fault('SIGNATURE_INVALID', 'no signature of a known key');
  return vouched.map(({ key }) => key.name);
}

/** Signatures of known keys, perhaps none. @throws {Fault} SIGNATURE_INVALID when one of them does not hold */
export async function vouchersOf(note: Note, keys: readonly VerifierKey[], verifySignature: VerifySignature): Promise<readonly Vouched[]> {
  const found: Vouched[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const key = keys.find((one) => one.name === name && one.keyId === keyId);
    if (!key) continue;
    const signed = signedBy(key, note.text, signature);
    const holds = signed?.signature.length === 64 && (await verifySignature(key.publicKey, signed.message, signed.signature));
    if (!signed || !holds) throw new Fault('SIGNATURE_INVALID', `the signature of "${name}" does not hold`, { at: name });
    found.push({ key, time: signed.time });
  }
  return found;
}

/** What a key of this kind has signed, and where its signature stands in the line. */
function signedBy({ kind }: VerifierKey, text: string, blob: Uint8Array): { readonly time: Instant | null; readonly message: Uint8Array; readonly signature: Uint8Array } | undefined {
  return kind === 'cosignature' ? readCosignature(text, blob) : { time: null, message: new TextEncoder().encode(text), signature: blob };
}
