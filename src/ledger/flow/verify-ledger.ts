/** Verifies a chain of a store: rows, head row and signed checkpoints against one another. */
import { Fault } from '../../domain/fault.js';
import type { Store } from '../../domain/ports.js';
import { openCheckpointNote, parseVerifierKey, type Checkpoint, type VerifierKey, type VerifySignature } from '../checkpoint.js';
import { isRange, rootOf } from '../merkle.js';
import { joinParts } from '../parts.js';
import { prunedSize } from '../pruned.js';
import { FROM_GENESIS, broken, checkHead, verifyChain, type ChainBroken, type ChainStart, type ChainVerified } from '../verify.js';

export interface LedgerCheck {
  readonly verifySignature: VerifySignature;
  /** Verifier keys that may sign checkpoints; by default the one that the first entry names. */
  readonly keys?: readonly string[];
  /** How much is rehashed. Since the last checkpoint: what its signed root covers is believed. */
  readonly extent: 'every byte' | 'since the last checkpoint';
  /** Also proves canonical form and conformance of every entry. */
  readonly deep?: boolean;
  /** From how many entries on they are verified on threads; below, those cost more than they save. */
  readonly long?: number;
}

/** `checkpoint` is the size that the newest signed checkpoint covers. */
export type LedgerVerified = ChainVerified & { readonly checkpoint: number | null };

/** The reading half of a store, as far as a chain goes. */
export type ChainReader = Pick<Store, 'scan' | 'verifyParts' | 'head' | 'read' | 'latest' | 'checkpoint' | 'checkpoints'>;

const LONG = 50_000;

interface StoredNote {
  readonly size: number;
  readonly note: string;
}

/** Tells the first bad place in words. Appends by others meanwhile are followed, never taken for damage. */
export async function verifyLedger(store: ChainReader, chain: string, check: LedgerCheck): Promise<LedgerVerified | ChainBroken> {
  const all = check.extent === 'every byte';
  const newest = await store.checkpoint(chain);
  const stored = all ? await store.checkpoints(chain) : newest ? [newest] : [];
  const opened = await openCheckpoints(store, chain, stored, check);
  const from = all || 'ok' in opened ? FROM_GENESIS : startAt(opened.at(-1), newest?.start);
  const result = await followPruned(store, chain, { from, pruned: 0, deep: check.deep ?? false, rootsAt: stored.map(({ size }) => size), long: check.long ?? LONG });
  if (!result.ok) return result;
  if ('ok' in opened) return opened;
  return checkRoots(opened, result) ?? (await checkLast(store, chain, from)) ?? { ...result, checkpoint: opened.at(-1)?.size ?? null };
}

async function openCheckpoints(store: ChainReader, chain: string, stored: readonly StoredNote[], check: LedgerCheck): Promise<readonly Checkpoint[] | ChainBroken> {
  if (stored.length === 0) return [];
  const keys = await verifierKeys(store, chain, check, stored.at(-1)?.size ?? 0);
  return 'ok' in keys ? keys : openAll(stored, keys, check.verifySignature);
}

async function verifierKeys(store: ChainReader, chain: string, { keys }: LedgerCheck, covered: number): Promise<readonly VerifierKey[] | ChainBroken> {
  if (keys) return keys.map(parseVerifierKey);
  try {
    const first = await store.read(chain, 0);
    if (!first) return broken(0, `entry 0 is missing: a signed checkpoint covers ${covered} entries`);
    const log = first.entry.data['log'];
    return typeof log === 'string' ? [parseVerifierKey(log)] : broken(0, 'entry 0 does not name the key of the checkpoints');
  } catch (error) {
    if (error instanceof Fault) return broken(0, error.message);
    throw error;
  }
}

async function openAll(stored: readonly StoredNote[], keys: readonly VerifierKey[], verifySignature: VerifySignature): Promise<readonly Checkpoint[] | ChainBroken> {
  const opened: Checkpoint[] = [];
  for (const { size, note } of stored) {
    try {
      const checkpoint = await openCheckpointNote(note, keys, verifySignature, `checkpoint ${size}`);
      if (checkpoint.size !== size) return broken(size, `the checkpoint stored for ${size} entries is over ${checkpoint.size}`, 'checkpoints');
      opened.push(checkpoint);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return broken(Math.max(0, size - 1), `the checkpoint over ${size} entries does not hold: ${error.message}`, 'checkpoints');
    }
  }
  return opened;
}

/** The hash and range kept with the newest checkpoint; believed only because the range gives the signed root. */
function startAt(newest: Checkpoint | undefined, start: Pick<ChainStart, 'hash' | 'range'> | undefined): ChainStart {
  if (!newest || !start || !isRange(start.range, newest.size) || rootOf(start.range) !== newest.root) return FROM_GENESIS;
  return { size: newest.size, hash: start.hash, range: start.range };
}

/** One look at the entry that a believed checkpoint ends with: a cut tail shows even when nothing came after it. */
async function checkLast(store: ChainReader, chain: string, { size, hash }: ChainStart): Promise<ChainBroken | null> {
  if (size === 0) return null;
  const last = await store.read(chain, size - 1);
  if (!last) return broken(size - 1, `entry ${size - 1} is missing: a signed checkpoint covers ${size} entries`);
  return last.hash === hash ? null : broken(size - 1, `entry ${size - 1} is not the one that the signed checkpoint ends with`);
}

/** Where a text is gone, whether that is on record: asked only then, since the question is put to what has not been verified yet. */
async function followPruned(store: ChainReader, chain: string, options: Following): Promise<ChainVerified | ChainBroken> {
  const result = await followChain(store, chain, options);
  if (result.ok || result.gone !== true) return result;
  return followChain(store, chain, { ...options, pruned: prunedSize(await store.latest(chain, 'audit.pruned')) });
}

interface Following {
  readonly from: ChainStart;
  readonly deep: boolean;
  readonly rootsAt: readonly number[];
  readonly pruned: number;
  readonly long: number;
}

/** Scans until the head row, read after the rows, is reached: entries that others append meanwhile are verified too. */
async function followChain(store: ChainReader, chain: string, options: Following): Promise<ChainVerified | ChainBroken> {
  let result = await followFirst(store, chain, options);
  for (;;) {
    if (!result.ok) return result;
    const head = await store.head(chain);
    const covered = head?.size ?? 0;
    if (covered < options.from.size) return broken(covered, `entry ${covered} is missing: a signed checkpoint covers ${options.from.size} entries`);
    if (!head || head.size <= result.size) return checkHead(result, head) ?? result;
    const more: ChainVerified | ChainBroken = await followMore(store, chain, result, options);
    if (!more.ok) return more;
    if (more.size === result.size) return checkHead(result, head) ?? result;
    result = more;
  }
}

/** What is there at the start in parts. Where they do not hold, following it from the start tells what is wrong. */
async function followFirst(store: ChainReader, chain: string, options: Following): Promise<ChainVerified | ChainBroken> {
  const { from, deep, rootsAt, long } = options;
  const to = (await store.head(chain))?.size ?? 0;
  const parts = to > from.size ? await store.verifyParts({ chain, from: from.size, to, rootsAt, deep }, to - from.size >= long) : undefined;
  const joined = parts && joinParts(from, parts);
  return joined ? followMore(store, chain, joined, options) : verifyChain(store.scan(chain, from.size), { chain, ...options });
}

async function followMore(store: ChainReader, chain: string, before: ChainVerified, options: Following): Promise<ChainVerified | ChainBroken> {
  const more = await verifyChain(store.scan(chain, before.size), { chain, ...options, from: before });
  if (!more.ok) return more;
  return { ...more, roots: new Map([...before.roots, ...more.roots]), unknownTypes: [...new Set([...before.unknownTypes, ...more.unknownTypes])].sort() };
}

/** A checkpoint beyond the chain shows a cut tail; one with another root a rewritten history. */
function checkRoots(opened: readonly Checkpoint[], { size, roots }: ChainVerified): ChainBroken | null {
  let believed = 0;
  for (const checkpoint of opened) {
    if (checkpoint.size > size) return broken(size, `entry ${size} is missing: a signed checkpoint covers ${checkpoint.size} entries`);
    const root = roots.get(checkpoint.size);
    if (root !== undefined && root !== checkpoint.root) {
      return broken(believed, `entries ${believed} to ${checkpoint.size - 1} were rewritten: the signed checkpoint over them has another root`);
    }
    believed = checkpoint.size;
  }
  return null;
}
