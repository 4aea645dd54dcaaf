/** Verification of a chain from its stored bytes: holds, or the first bad place and why. */
import type { Entry } from '../domain/entry.js';
import type { Head, StoredRow } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { GENESIS, isCanonical, leafHash, readBody } from './entry.js';
import { extendRange, isRange, rootOf } from './merkle.js';
import { dataProblem, known } from './registry.js';

/** Where a verification begins: the chain up to `size` is already believed, because its root is signed. */
export interface ChainStart {
  readonly size: number;
  /** Hash of entry `size - 1`. */
  readonly hash: string;
  readonly range: readonly string[];
}

export const FROM_GENESIS: ChainStart = { size: 0, hash: GENESIS, range: [] };

export interface ChainOptions {
  readonly chain: string;
  readonly from?: ChainStart;
  /** Sizes whose roots the caller wants, to compare them with checkpoints. */
  readonly rootsAt?: readonly number[];
  /** Also proves canonical form and conformance of every entry; several times slower. */
  readonly deep?: boolean;
}

/** A chain that holds. */
export interface ChainVerified extends ChainStart {
  readonly ok: true;
  readonly root: string;
  readonly newest: Instant | null;
  /** Types that this agentctl does not know: the chain holds, but states that need them must say "upgrade". */
  readonly unknownTypes: readonly string[];
  readonly roots: ReadonlyMap<number, string>;
}

/** The first place that does not hold. `seq` is the first entry that cannot be believed. */
export interface ChainBroken {
  readonly ok: false;
  readonly table: 'entries' | 'heads' | 'checkpoints';
  readonly seq: number;
  readonly problem: string;
}

export type ChainResult = ChainVerified | ChainBroken;

/**
 * Recomputes every hash from the stored text and the hash before, follows the numbers and times, and reads every envelope.
 * Each body is hashed once and parsed once.
 *
 * @param rows the chain's rows in order, beginning at `from.size`
 */
export async function verifyChain(rows: AsyncIterable<StoredRow>, { chain, from = FROM_GENESIS, rootsAt = [], deep = false }: ChainOptions): Promise<ChainResult> {
  if (!isRange(from.range, from.size)) return broken(from.size, 'the place to start from is not one');
  const wanted = new Set(rootsAt);
  const roots = new Map<number, string>();
  const unknownTypes = new Set<string>();
  const range = [...from.range];
  let { size, hash } = from;
  let newest: Instant | null = null;
  if (wanted.has(size)) roots.set(size, rootOf(range));
  for await (const row of rows) {
    const entry = readLink(row, size, hash);
    if (typeof entry === 'string') return broken(size, entry);
    const problem = misplaced(entry, { chain, seq: size, newest }) ?? (deep ? unsound(entry, row.body) : null);
    if (problem !== null) return broken(size, problem);
    if (!known(entry.type)) unknownTypes.add(entry.type);
    extendRange(range, size, row.hash);
    size += 1;
    hash = row.hash;
    newest = entry.ts;
    if (wanted.has(size)) roots.set(size, rootOf(range));
  }
  return { ok: true, size, hash, range, root: rootOf(range), newest, unknownTypes: [...unknownTypes].sort(), roots };
}

function readLink(row: StoredRow, seq: number, previousHash: string): Entry | string {
  if (row.seq > seq) return `entry ${seq} is missing: entry ${row.seq} follows`;
  if (row.seq < seq) return `entry ${seq} is missing: entry ${row.seq} is there twice`;
  const entry = readBody(row.body);
  if (leafHash(previousHash, row.body) !== row.hash) return mismatch(entry, seq);
  return typeof entry === 'string' ? `entry ${seq} is not an entry: ${entry}` : entry;
}

/** The body still says where it came from, which tells an exchange from an edit. */
function mismatch(entry: Entry | string, seq: number): string {
  if (typeof entry !== 'string' && entry.seq !== seq) return `entry ${seq} holds the text of entry ${entry.seq}: swapped or moved`;
  return `entry ${seq} was changed: its text and the hash before it do not give its hash`;
}

function misplaced(entry: Entry, { chain, seq, newest }: { chain: string; seq: number; newest: Instant | null }): string | null {
  if (entry.seq !== seq) return `entry ${seq} holds the text of entry ${entry.seq}: swapped or moved`;
  if (entry.chain !== chain) return `entry ${seq} belongs to the chain "${entry.chain}"`;
  if (newest !== null && entry.ts < newest && entry.type !== 'clock.jumped') return `entry ${seq} is older than the entry before it, and no clock jump is recorded`;
  return null;
}

function unsound(entry: Entry, body: string): string | null {
  if (!isCanonical(entry, body)) return `entry ${entry.seq} is not in canonical form`;
  const problem = known(entry.type) ? dataProblem(entry.type, entry.data) : null;
  return problem === null ? null : `entry ${entry.seq} is not a "${entry.type}" entry: ${problem}`;
}

/** Compares the head row with what the rows give: a cut tail shows here. */
export function checkHead(verified: ChainVerified, head: Head | undefined): ChainBroken | null {
  const { size, hash, range } = verified;
  if (!head) return size === 0 ? null : broken(0, 'the head row of the chain is missing', 'heads');
  if (head.size > size) return broken(size, `entry ${size} is missing: the head row counts ${head.size} entries`);
  if (head.size < size) return broken(head.size, `entry ${head.size} is not counted by the head row`, 'heads');
  if (head.hash !== hash) return broken(Math.max(0, size - 1), 'the head row names another hash', 'heads');
  return head.range.join() === range.join() ? null : broken(Math.max(0, size - 1), 'the head row carries another compact range', 'heads');
}

export function broken(seq: number, problem: string, table: ChainBroken['table'] = 'entries'): ChainBroken {
  return { ok: false, table, seq, problem };
}
