/** The Merkle tree of RFC 6962 over leaf hashes: root, compact range, inclusion and consistency proofs. Hashes are 64 hex digits. */
import { sha256Hex } from '../domain/digest.js';
import { isHash } from './entry.js';

/** Root of the empty tree: SHA-256 of nothing. */
export const EMPTY_ROOT = sha256Hex('');

// Reused for every node: allocating the 65 bytes would cost as much as hashing them.
const preimage = Buffer.alloc(65, 1);

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: string, right: string): string {
  preimage.write(left, 1, 'hex');
  preimage.write(right, 33, 'hex');
  return sha256Hex(preimage);
}

/**
 * Adds one leaf to a compact range in place: one node per set bit of `size`, largest subtree first.
 *
 * @param size leaves in the tree before this one
 */
export function extendRange(range: string[], size: number, leaf: string): void {
  let node = leaf;
  for (let width = 1; Math.floor(size / width) % 2 === 1; width *= 2) node = nodeHash(range.pop() ?? EMPTY_ROOT, node);
  range.push(node);
}

/** The compact range of a tree of `size` leaves and the part of it that follows, up to `to`. */
export function joinRanges(range: readonly string[], size: number, part: readonly string[], to: number): readonly string[] {
  const joined = [...range];
  let at = size;
  for (const subtree of part) {
    const leaves = widestSubtree(at, to);
    let node = subtree;
    for (let width = leaves; Math.floor(at / width) % 2 === 1; width *= 2) node = nodeHash(joined.pop() ?? EMPTY_ROOT, node);
    joined.push(node);
    at += leaves;
  }
  return joined;
}

/** Leaves of the largest whole subtree that begins at leaf `at` and ends before `to`. */
function widestSubtree(at: number, to: number): number {
  let leaves = 1;
  while (at % (leaves * 2) === 0 && at + leaves * 2 <= to) leaves *= 2;
  return leaves;
}

/** Whether a range has the form that belongs to `size`: as many hashes as the size has set bits. */
export function isRange(range: readonly string[], size: number): boolean {
  const bits = size.toString(2).replaceAll('0', '').length;
  return range.length === bits && range.every(isHash);
}

/** Root of the tree whose compact range this is. */
export function rootOf(range: readonly string[]): string {
  if (range.length === 0) return EMPTY_ROOT;
  return range.reduceRight((right, left) => nodeHash(left, right));
}

export function rootOfLeaves(leaves: readonly string[]): string {
  const range: string[] = [];
  leaves.forEach((leaf, size) => extendRange(range, size, leaf));
  return rootOf(range);
}

/** Proof that leaf `index` is in the tree of these leaves (RFC 9162 §2.1.3.1), leaf to root. `index` < number of leaves. */
export function inclusionProof(leaves: readonly string[], index: number): readonly string[] {
  if (leaves.length <= 1) return [];
  const split = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split
    ? [...inclusionProof(left, index), rootOfLeaves(right)]
    : [...inclusionProof(right, index - split), rootOfLeaves(left)];
}

/** Proof that the tree of the first `size` leaves is a prefix of the tree of all (RFC 9162 §2.1.4.1). 0 < `size` <= number of leaves. */
export function consistencyProof(leaves: readonly string[], size: number): readonly string[] {
  return subproof(leaves, size, true);
}

function subproof(leaves: readonly string[], size: number, whole: boolean): readonly string[] {
  if (size === leaves.length) return whole ? [] : [rootOfLeaves(leaves)];
  const split = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return size <= split
    ? [...subproof(left, size, whole), rootOfLeaves(right)]
    : [...subproof(right, size - split, false), rootOfLeaves(left)];
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

export interface InclusionClaim {
  readonly index: bigint;
  readonly size: bigint;
  readonly leaf: string;
  readonly proof: readonly string[];
  readonly root: string;
}

/** RFC 9162 §2.1.3.2, and every hash must be 32 bytes. */
export function verifyInclusion({ index, size, leaf, proof, root }: InclusionClaim): boolean {
  if (index < 0n || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  const walk = new Walk(index, size - 1n);
  let node = leaf;
  for (const hash of proof) {
    if (walk.done) return false;
    node = walk.step() === 'left' ? nodeHash(hash, node) : nodeHash(node, hash);
  }
  return walk.done && node === root;
}

export interface ConsistencyClaim {
  readonly first: bigint;
  readonly second: bigint;
  readonly firstRoot: string;
  readonly secondRoot: string;
  readonly proof: readonly string[];
}

/** RFC 9162 §2.1.4.2; every hash that is computed with must be 32 bytes, and nothing is consistent with size 0, which would prove anything. */
export function verifyConsistency({ first, second, firstRoot, secondRoot, proof }: ConsistencyClaim): boolean {
  if (first <= 0n || first > second) return false;
  if (first === second) return proof.length === 0 && firstRoot === secondRoot;
  if (![firstRoot, secondRoot, ...proof].every(isHash)) return false;
  const [start, ...rest] = (first & (first - 1n)) === 0n ? [firstRoot, ...proof] : proof;
  if (start === undefined || proof.length === 0) return false;
  const walk = new Walk(first - 1n, second - 1n);
  walk.skipRight();
  let [old, now] = [start, start];
  for (const hash of rest) {
    if (walk.done) return false;
    if (walk.step() === 'left') [old, now] = [nodeHash(hash, old), nodeHash(hash, now)];
    else now = nodeHash(now, hash);
  }
  return walk.done && old === firstRoot && now === secondRoot;
}

/** The climb from a node to the root: `fn` and `sn` of RFC 9162. */
class Walk {
  #node: bigint;
  #last: bigint;

  constructor(node: bigint, last: bigint) {
    this.#node = node;
    this.#last = last;
  }

  get done(): boolean {
    return this.#last === 0n;
  }

  /** Climbs past the levels on which the node is a right child. */
  skipRight(): void {
    while (this.#node % 2n === 1n) this.#up();
  }

  /** On which side the next proof hash stands; then one level up, or past all levels without a sibling. */
  step(): 'left' | 'right' {
    const left = this.#node % 2n === 1n || this.#node === this.#last;
    if (left) while (this.#node % 2n === 0n && this.#node !== 0n) this.#up();
    this.#up();
    return left ? 'left' : 'right';
  }

  #up(): void {
    this.#node /= 2n;
    this.#last /= 2n;
  }
}
