/** The protocol between a log and its witness (C2SP tlog-witness): what is submitted, and what a witness may answer. Pure: who keeps its memory hands it in. */
import { Fault } from '../domain/fault.js';
import { openCheckpointNote, readCheckpointNote, readSize, type Checkpoint, type VerifierKey, type VerifySignature } from './checkpoint.js';
import { EMPTY_ROOT, verifyConsistency } from './merkle.js';
import { formatHashes, readHash } from './tlog-proof.js';

export const ADD_CHECKPOINT = '/add-checkpoint';
/** Type of an answer that names the size which the witness has seen. */
export const SIZE_TYPE = 'text/x.tlog.size';
const MOST_HASHES = 63;

export interface Submission {
  /** Size that the witness is believed to have seen. */
  readonly old: number;
  /** Consistency proof from there; empty from 0. */
  readonly proof: readonly string[];
  readonly note: string;
}

/** Newest state of a log that a witness vouched for. */
export type SeenCheckpoint = Pick<Checkpoint, 'size' | 'root'>;

export type Judgement =
  /** To be remembered in place of `before`, and cosigned only after that. */
  | { readonly status: 200; readonly checkpoint: Checkpoint; readonly note: string; readonly before: SeenCheckpoint | undefined }
  | { readonly status: 409; readonly size: number; readonly why: string }
  | { readonly status: 400 | 403 | 404 | 422; readonly why: string };

export interface Watch {
  /** Keys of the logs that are watched; a key's name is the log's origin. */
  readonly logs: readonly VerifierKey[];
  readonly seen: (origin: string) => Promise<SeenCheckpoint | undefined>;
  readonly verifySignature: VerifySignature;
}

export function formatSubmission({ old, proof, note }: Submission): string {
  return [`old ${old}`, ...formatHashes(proof), '', note].join('\n');
}

/** @throws {Fault} INPUT_INVALID */
export function parseSubmission(body: string, place: string): Submission {
  const malformed = (why: string): Fault => new Fault('INPUT_INVALID', `${place} is no submission: ${why}`, { at: place });
  const end = body.indexOf('\n\n');
  if (end < 0) throw malformed('no empty line before a checkpoint');
  const [first = '', ...lines] = body.slice(0, end).split('\n');
  const old = readSize(/^old (.+)$/.exec(first)?.[1] ?? '');
  if (old === undefined) throw malformed('the first line is not "old <size>"');
  if (lines.length > MOST_HASHES) throw malformed(`more than ${MOST_HASHES} hashes`);
  const proof = lines.map(readHash);
  if (!proof.every((hash) => hash !== undefined)) throw malformed('a proof line is not the base64 of 32 bytes');
  const note = body.slice(end + 2);
  readCheckpointNote(note, place);
  return { old, proof, note };
}

/** What the witness answers to a body, in the order of the specification. Changes nothing. */
export async function judgeSubmission(body: string, { logs, seen, verifySignature }: Watch): Promise<Judgement> {
  const submission = read(body);
  if (typeof submission === 'string') return { status: 400, why: submission };
  const checkpoint = readCheckpointNote(submission.note, 'submission');
  const keys = logs.filter((key) => key.name === checkpoint.origin);
  if (keys.length === 0) return { status: 404, why: `${checkpoint.origin} is not watched here` };
  const refused = await refusal(() => openCheckpointNote(submission.note, keys, verifySignature, 'submission'));
  if (refused !== undefined) return { status: 403, why: refused };
  if (submission.old > checkpoint.size) return { status: 400, why: `old size ${submission.old} is beyond the checkpoint's ${checkpoint.size}` };
  const before = await seen(checkpoint.origin);
  if (submission.old !== (before?.size ?? 0)) return { status: 409, size: before?.size ?? 0, why: 'another size was seen last' };
  if (before?.size === checkpoint.size && before.root !== checkpoint.root) return { status: 409, size: before.size, why: 'another tree of the same size was seen' };
  if (!follows(checkpoint, before ?? { size: 0, root: EMPTY_ROOT }, submission.proof)) return { status: 422, why: `no proof that size ${checkpoint.size} continues what was seen at ${submission.old}` };
  return { status: 200, checkpoint, note: submission.note, before };
}

/** From nothing every tree follows, and there is nothing to prove; only the empty tree has size 0. */
function follows({ size, root }: SeenCheckpoint, before: SeenCheckpoint, proof: readonly string[]): boolean {
  if (before.size === 0) return proof.length === 0 && (size > 0 || root === EMPTY_ROOT);
  return verifyConsistency({ first: BigInt(before.size), second: BigInt(size), firstRoot: before.root, secondRoot: root, proof });
}

function read(body: string): Submission | string {
  try {
    return parseSubmission(body, 'the body');
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

async function refusal(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
