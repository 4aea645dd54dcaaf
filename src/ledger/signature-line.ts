/** A signature line of a C2SP signed note: an em dash, the signer's name, and base64 of key id and signature. */
import { isName, strictBase64, type VerifierKey } from './verifier-key.js';

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

const LINE = /^\u2014 (\S+) (\S+)$/u;

/** Ends in a newline. */
export function signatureLine({ name, keyId }: Pick<VerifierKey, 'name' | 'keyId'>, signature: Uint8Array): string {
  return `\u2014 ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`;
}

/** @param line without its newline @returns undefined when it is no signature line */
export function readSignatureLine(line: string): NoteSignature | undefined {
  const [, name, encoded] = LINE.exec(line) ?? [];
  const blob = encoded === undefined ? undefined : strictBase64(encoded);
  if (name === undefined || !isName(name) || blob === undefined || blob.length < 5) return undefined;
  return { name, keyId: Buffer.from(blob.subarray(0, 4)).toString('hex'), signature: blob.subarray(4) };
}
