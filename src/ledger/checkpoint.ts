/** Checkpoints as others read them: C2SP tlog-checkpoint inside a C2SP signed note, signed with Ed25519 by the log. */
import { Fault } from '../domain/fault.js';
import type { Signer } from '../domain/ports.js';
import { isHash } from './entry.js';
import { parseNote, signNote, verifyNote, type VerifySignature } from './note.js';
import { checkedName, isName, strictBase64, type VerifierKey } from './verifier-key.js';

// Through this door too: whoever reads checkpoints needs notes and keys.
export { parseNote, signNote, verifyNote, vouchersOf, type Note, type VerifySignature, type Vouched } from './note.js';
export type { NoteSignature } from './signature-line.js';
export { formatVerifierKey, parseVerifierKey, verifierKey, type VerifierKey } from './verifier-key.js';

/** The state of a log: `root` in hex, over the first `size` entries of the log called `origin`. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

const SIZE = /^(0|[1-9]\d{0,15})$/;

/** Origin, size and root, one line each. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (!Number.isSafeInteger(size) || size < 0 || !isHash(root)) throw new Fault('INTERNAL', 'not a checkpoint');
  return `${checkedName(origin)}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`;
}

/** Signs a checkpoint; the signer's name is the origin. */
export async function signCheckpointNote(checkpoint: Checkpoint, signer: Signer): Promise<string> {
  return signNote(checkpointText(checkpoint), checkpoint.origin, signer);
}

/** What a checkpoint note claims, unverified. @throws {Fault} INPUT_INVALID */
export function readCheckpointNote(note: string, place: string): Checkpoint {
  const { text } = parseNote(note, place);
  const [origin = '', size = '', encoded = '', ...rest] = text.slice(0, -1).split('\n');
  const root = strictBase64(encoded);
  if (!isName(origin) || readSize(size) === undefined || root?.length !== 32 || rest.length > 0) {
    throw new Fault('INPUT_INVALID', `${place} is not a checkpoint: it wants origin, size and root, and nothing else`, { at: place });
  }
  return { origin, size: Number(size), root: Buffer.from(root).toString('hex') };
}

/** A count in decimal, written the one right way, as far as it can be counted; undefined otherwise. */
export function readSize(text: string): number | undefined {
  return SIZE.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/**
 * A checkpoint that the log itself signed: the signer's name is the origin.
 *
 * @throws {Fault} INPUT_INVALID when malformed, SIGNATURE_INVALID when not signed by the log's key
 */
export async function openCheckpointNote(note: string, keys: readonly VerifierKey[], verifySignature: VerifySignature, place = 'checkpoint'): Promise<Checkpoint> {
  const checkpoint = readCheckpointNote(note, place);
  // A witness may be called like the log; its cosignature is not the log's word.
  const own = keys.filter((key) => key.kind === 'note' && key.name === checkpoint.origin);
  await verifyNote(parseNote(note, place), own, verifySignature);
  return checkpoint;
}
