/** Roots and proofs of a tree of any size from a few of its tiles: O(log n) reads, whatever the number of entries. */
import { Fault } from '../domain/fault.js';
import { isHash } from './entry.js';
import { EMPTY_ROOT, nodeHash, rootOfLeaves } from './merkle.js';
import { placeOf, tilePath, tileWidth, type TileSource } from './tiles.js';

/** RFC 6962 root over the first `size` leaves. */
export async function rootFromTiles(source: TileSource, size: number): Promise<string> {
  return size === 0 ? EMPTY_ROOT : new Tree(source, size).root(0, size);
}

/** Proof that leaf `index` is in the tree of the first `size` leaves (RFC 9162 §2.1.3.1), leaf to root. `index` < `size`. */
export async function inclusionFromTiles(source: TileSource, index: number, size: number): Promise<readonly string[]> {
  if (index < 0 || index >= size) throw new Fault('INTERNAL', `no leaf ${index} in a tree of ${size}`);
  const tree = new Tree(source, size);
  const proof: string[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const split = from + largestPowerBelow(to - from);
    const [nearFrom, nearTo, farFrom, farTo] = index < split ? [from, split, split, to] : [split, to, from, split];
    proof.push(await tree.root(farFrom, farTo));
    [from, to] = [nearFrom, nearTo];
  }
  return proof.reverse();
}

/** Proof that the tree of the first `first` leaves is a prefix of that of the first `second` (RFC 9162 §2.1.4.1). 0 < `first` <= `second`. */
export async function consistencyFromTiles(source: TileSource, first: number, second: number): Promise<readonly string[]> {
  if (first <= 0 || first > second) throw new Fault('INTERNAL', `no tree of ${first} in a tree of ${second}`);
  const tree = new Tree(source, second);
  const proof: string[] = [];
  let [from, to] = [0, second];
  while (first !== to) {
    const split = from + largestPowerBelow(to - from);
    if (first <= split) {
      proof.push(await tree.root(split, to));
      to = split;
    } else {
      proof.push(await tree.root(from, split));
      from = split;
    }
  }
  // The verifier has the old root itself; what stands for a part of the old tree has to be given.
  if (from > 0) proof.push(await tree.root(from, to));
  return proof.reverse();
}

/** A tree of fixed size over a source; reads each tile once. */
class Tree {
  readonly #source: TileSource;
  readonly #size: number;
  readonly #read = new Map<string, Promise<readonly string[]>>();

  constructor(source: TileSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** Root over the leaves `from` up to but not including `to`; `from` is a place where such a subtree begins. */
  async root(from: number, to: number): Promise<string> {
    const nodes: Promise<string>[] = [];
    for (let at = from; at < to; ) {
      const width = largestPowerUpTo(to - at);
      nodes.push(this.#node(Math.log2(width), at / width));
      at += width;
    }
    return (await Promise.all(nodes)).reduceRight((right, left) => nodeHash(left, right));
  }

  async #node(height: number, index: number): Promise<string> {
    const { level, tile, from, count } = placeOf(height, index);
    const hashes = await this.#tile(level, tile);
    return rootOfLeaves(hashes.slice(from, from + count));
  }

  #tile(level: number, index: number): Promise<readonly string[]> {
    const width = tileWidth(level, index, this.#size);
    const path = tilePath(level, index, width);
    const known = this.#read.get(path) ?? this.#source.tile(level, index, width).then((hashes) => checked(hashes, width, path));
    this.#read.set(path, known);
    return known;
  }
}

function checked(hashes: readonly string[], width: number, path: string): readonly string[] {
  if (hashes.length === width && hashes.every(isHash)) return hashes;
  throw new Fault('LEDGER_BROKEN', `${path} does not hold ${width} hashes`, { at: path, hint: 'agentctl audit verify' });
}

function largestPowerBelow(count: number): number {
  return largestPowerUpTo(count - 1);
}

/** Doubled, not shifted: a count may be beyond 2^31. */
function largestPowerUpTo(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}
