/** Verification of a chain from its stored bytes: holds, or the first bad place and why. */
import type { Head, StoredRow } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { GENESIS, isCanonical, isHash, leafHash, readBody } from './entry.js';
import { glance, type Glance } from './glance.js';
import { GrowingRange } from './growing-range.js';
import { isRange, rootOf } from './merkle.js';
import { isPruned } from './pruned.js';
import { dataProblem, known } from './registry.js';

/** Where a verification begins: the chain up to `size` is already believed, because its root is signed. */
export interface ChainStart {
  readonly size: number;
  /** Hash of entry `size - 1`. */
  readonly hash: string;
  readonly range: readonly string[];
  /** Its time, where it is known. */
  readonly newest?: Instant | null;
}

export const FROM_GENESIS: ChainStart = { size: 0, hash: GENESIS, range: [] };

export interface ChainOptions {
  readonly chain: string;
  readonly from?: ChainStart;
  /** Sizes whose roots the caller wants, to compare them with checkpoints. */
  readonly rootsAt?: readonly number[];
  /** Also proves canonical form and conformance of every entry; several times slower. */
  readonly deep?: boolean;
  /** Entries before this one may be pruned: their hash is taken as it is, and the signed roots tell whether it is the right one. */
  readonly pruned?: number;
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
  /** The text is gone as if it had been pruned; whether that is on record is for the caller to find out. */
  readonly gone?: true;
}

export type ChainResult = ChainVerified | ChainBroken;

/**
 * Recomputes every hash from the stored text and the hash before, follows the numbers and times, and reads every envelope.
 * Each body is hashed once and read once.
 *
 * @param rows the chain's rows in order, beginning at `from.size`
 */
export async function verifyChain(rows: AsyncIterable<StoredRow>, { from = FROM_GENESIS, ...options }: ChainOptions): Promise<ChainResult> {
  if (!isRange(from.range, from.size)) return broken(from.size, 'the place to start from is not one');
  const follower = new Follower(from, options);
  for await (const row of rows) {
    const problem = follower.add(row);
    if (problem !== null) return { ...broken(follower.size, problem), ...(isPruned(row) ? { gone: true } : {}) };
  }
  return verified(follower, new Map([...follower.marks].map(([size, range]) => [size, rootOf(range)])));
}

export function verified({ size, hash, range, newest, unknownTypes }: Pick<Follower, 'size' | 'hash' | 'newest'> & { readonly range: readonly string[]; readonly unknownTypes: ReadonlySet<string> }, roots: ReadonlyMap<number, string>): ChainVerified {
  return { ok: true, size, hash, range, root: rootOf(range), newest, unknownTypes: [...unknownTypes].sort(), roots };
}

/** Follows a chain row by row from where it is told to begin. */
export class Follower {
  readonly unknownTypes = new Set<string>();
  /** The range at each size that the caller wanted. */
  readonly marks = new Map<number, readonly string[]>();
  size: number;
  hash: string;
  newest: Instant | null;
  first: Glance | null = null;
  readonly #chain: string;
  readonly #deep: boolean;
  readonly #wanted: ReadonlySet<number>;
  readonly #pruned: number;
  readonly #tree: GrowingRange;

  constructor({ size, hash, range, newest = null }: ChainStart, { chain, rootsAt = [], deep = false, pruned = 0 }: Omit<ChainOptions, 'from'>) {
    this.size = size;
    this.hash = hash;
    this.newest = newest;
    this.#chain = chain;
    this.#deep = deep;
    this.#wanted = new Set(rootsAt);
    this.#pruned = pruned;
    this.#tree = new GrowingRange(size, range);
    this.#mark();
  }

  /** Without one to begin with, that of a part. */
  get range(): readonly string[] {
    return this.#tree.nodes;
  }

  /** What is wrong with the row that should be the next entry; null when it is, and was added. */
  add(row: StoredRow): string | null {
    if (isPruned(row)) return this.#pass(row);
    const entry = readLink(row, this.size, this.hash);
    const problem = typeof entry === 'string' ? entry : this.follow(entry, row.body);
    if (problem === null) this.extend(row.hash);
    return problem;
  }

  /** The first half of it: what the next entry says. */
  follow(entry: Glance | string, body: string): string | null {
    const { size } = this;
    if (typeof entry === 'string') return notAnEntry(size, entry);
    const problem = misplaced(entry, { chain: this.#chain, seq: size, newest: this.newest }) ?? (this.#deep ? unsound(size, body) : null);
    if (problem !== null) return problem;
    if (!known(entry.type)) this.unknownTypes.add(entry.type);
    this.size += 1;
    this.newest = entry.ts;
    this.first ??= entry;
    return null;
  }

  #pass({ seq, hash }: StoredRow): string | null {
    const problem = unplaced(seq, this.size);
    if (problem !== null) return problem;
    if (seq === 0 || seq >= this.#pruned) return `the text of entry ${seq} is gone, and no pruning is on record`;
    if (!isHash(hash)) return `entry ${seq} was changed: it has no hash`;
    this.size += 1;
    this.extend(hash);
    return null;
  }

  /** The second half: the hash of the next one of those that were followed. */
  extend(hash: string): void {
    this.#tree.add(hash);
    this.hash = hash;
    this.#mark();
  }

  #mark(): void {
    if (this.#wanted.has(this.#tree.size)) this.marks.set(this.#tree.size, this.range);
  }
}

function readLink(row: StoredRow, seq: number, previousHash: string): Glance | string {
  const problem = unplaced(row.seq, seq);
  if (problem !== null) return problem;
  const entry = glance(row.body);
  if (leafHash(previousHash, row.body) !== row.hash) return mismatch(entry, seq);
  return typeof entry === 'string' ? notAnEntry(seq, entry) : entry;
}

function unplaced(found: number, seq: number): string | null {
  if (found > seq) return `entry ${seq} is missing: entry ${found} follows`;
  return found < seq ? `entry ${seq} is missing: entry ${found} is there twice` : null;
}

function notAnEntry(seq: number, why: string): string {
  return `entry ${seq} is not an entry: ${why}`;
}

/** The body still says where it came from, which tells an exchange from an edit. */
function mismatch(entry: Glance | string, seq: number): string {
  if (typeof entry !== 'string' && entry.seq !== seq) return `entry ${seq} holds the text of entry ${entry.seq}: swapped or moved`;
  return `entry ${seq} was changed: its text and the hash before it do not give its hash`;
}

function misplaced(entry: Glance, { chain, seq, newest }: { chain: string; seq: number; newest: Instant | null }): string | null {
  if (entry.seq !== seq) return `entry ${seq} holds the text of entry ${entry.seq}: swapped or moved`;
  if (entry.chain !== chain) return `entry ${seq} belongs to the chain "${entry.chain}"`;
  if (newest !== null && setBack(entry, newest)) return `entry ${seq} is older than the entry before it, and no clock jump is recorded`;
  return null;
}

/** Whether an entry is older than the one before it, and does not say so itself. */
export function setBack({ ts, type }: Pick<Glance, 'ts' | 'type'>, newest: Instant): boolean {
  return ts < newest && type !== 'clock.jumped';
}

function unsound(seq: number, body: string): string | null {
  const entry = readBody(body);
  if (typeof entry === 'string') return notAnEntry(seq, entry);
  if (!isCanonical(entry, body)) return `entry ${seq} is not in canonical form`;
  const problem = known(entry.type) ? dataProblem(entry.type, entry.data) : null;
  return problem === null ? null : `entry ${seq} is not a "${entry.type}" entry: ${problem}`;
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
