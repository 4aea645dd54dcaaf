/** `.tlog-proof` (c2sp.org/tlog-proof@v1): an entry, its path to the root and the signed checkpoint, in one file that needs no log to be checked. */
import { sha256Hex } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { readCheckpointNote, readSize } from './checkpoint.js';
import { MAX_TEXT } from './entry.js';
import { verifyInclusion } from './merkle.js';
import { strictBase64 } from './verifier-key.js';

export const PROOF_FORMAT = 'c2sp.org/tlog-proof@v1';

export interface TlogProof {
  /** What hashes to the leaf: for our entries the previous hash, a newline and the body. The format leaves it out or calls it unauthenticated; the path vouches for it. */
  readonly text?: string;
  readonly index: number;
  /** Hashes of the inclusion proof, from the leaf's sibling to the root's child. */
  readonly hashes: readonly string[];
  /** The checkpoint note verbatim, with all its signatures. */
  readonly checkpoint: string;
}

/** A tree of 2^53 leaves has no longer path. */
const MOST_HASHES = 53;
const LONGEST = 2_000_000;

export function formatProof({ text, index, hashes, checkpoint }: TlogProof): string {
  const extra = text === undefined ? [] : [`extra ${Buffer.from(text).toString('base64')}`];
  return [PROOF_FORMAT, ...extra, `index ${index}`, ...formatHashes(hashes), '', checkpoint].join('\n');
}

/** Reads a proof, accepting only what {@link formatProof} would have written. @throws {Fault} INPUT_INVALID with `at` = `place:line` */
export function parseProof(file: string, place: string): TlogProof {
  const malformed = (why: string, line: number): Fault => new Fault('INPUT_INVALID', `${place} is not a proof: ${why}`, { at: `${place}:${line}`, hint: 'agentctl audit prove <seq>, which writes one' });
  if (file.length > LONGEST) throw malformed('it is too long', 1);
  const end = file.indexOf('\n\n');
  if (end < 0) throw malformed('no empty line before a checkpoint', file.split('\n').length);
  const lines = file.slice(0, end).split('\n');
  const checkpoint = file.slice(end + 2);
  let at = 0;
  if (lines[at++] !== PROOF_FORMAT) throw malformed(`the first line is not ${PROOF_FORMAT}`, 1);
  const encoded = /^extra (.+)$/.exec(lines[at] ?? '')?.[1];
  const text = encoded === undefined ? undefined : readText(encoded);
  if (text === null) throw malformed('"extra" is not base64 of a text', at + 1);
  if (text !== undefined) at += 1;
  const index = readSize(/^index (.+)$/.exec(lines[at] ?? '')?.[1] ?? '');
  if (index === undefined) throw malformed('no line "index <number>"', at + 1);
  const hashes = lines.slice(at + 1);
  if (hashes.length > MOST_HASHES) throw malformed(`more than ${MOST_HASHES} hashes`, at + 2 + MOST_HASHES);
  const read = hashes.map((line, place) => readHash(line) ?? fail(malformed('not the base64 of 32 bytes', at + 2 + place)));
  // Its own place is told: what follows is another format.
  readCheckpointNote(checkpoint, `${place}:${lines.length + 2}`);
  return { ...(text === undefined ? {} : { text }), index, hashes: read, checkpoint };
}

/** Whether the text stands at the proof's index in the tree of its checkpoint. Says nothing about who signed. */
export function proves({ index, hashes, checkpoint }: TlogProof, text: string, place: string): boolean {
  const { size, root } = readCheckpointNote(checkpoint, place);
  return verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf: sha256Hex(`\u0000${text}`), proof: hashes, root });
}

/** One hash a line, in base64, as C2SP formats carry proofs. */
export function formatHashes(hashes: readonly string[]): readonly string[] {
  return hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64'));
}

/** 64 hex digits; undefined when the line is not the base64 of 32 bytes. */
export function readHash(line: string): string | undefined {
  const bytes = strictBase64(line);
  return bytes?.length === 32 ? Buffer.from(bytes).toString('hex') : undefined;
}

/** null when it is no text that an entry could have. */
function readText(encoded: string): string | null {
  const bytes = strictBase64(encoded);
  if (bytes === undefined || bytes.length > MAX_TEXT) return null;
  const text = Buffer.from(bytes).toString('utf8');
  return Buffer.from(text).equals(bytes) ? text : null;
}

function fail(fault: Fault): never {
  throw fault;
}
