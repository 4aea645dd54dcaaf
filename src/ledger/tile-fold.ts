/** Complete tiles of the Merkle tree: 256 hashes a piece, kept once they are full, so that a proof needs no rescan (C2SP tlog-tiles). */
import { extendRange, rootOfLeaves } from './merkle.js';
import { TILE_WIDTH } from './tiles.js';

/** 256 hashes that stand side by side on a level of the tree, and the root of the subtree over them: one of the hashes a level higher. */
export interface Tile {
  /** 0: over leaf hashes; L: over the roots of tiles of level L - 1. */
  readonly level: number;
  readonly index: number;
  readonly root: string;
  readonly hashes: readonly string[];
}

/** @param hashes exactly 256 of them */
export function tileOver(level: number, index: number, hashes: readonly string[]): Tile {
  return { level, index, root: rootOfLeaves(hashes), hashes };
}

const HASH_LENGTH = 64;

/** The text of a row: its hashes, one after another. */
export function joinHashes(hashes: readonly string[]): string {
  return hashes.join('');
}

export function splitHashes(text: string): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / HASH_LENGTH) }, (_, at) => text.slice(at * HASH_LENGTH, (at + 1) * HASH_LENGTH));
}

const NONE: readonly Tile[] = [];

/** Makes the tiles of a log from its leaf hashes, in order; remembers no more than what is not full yet. */
export class TileFold {
  readonly #open: string[][] = [];
  readonly #full: number[] = [];

  /** Takes the next leaf hash. @returns the tiles that it completes, lowest first; mostly none */
  add(leaf: string): readonly Tile[] {
    return this.#put(0, leaf);
  }

  /** Complete tiles of a level so far. */
  full(level: number): number {
    return this.#full[level] ?? 0;
  }

  /** The compact range of the log so far: the hashes that are still open stand for 256 to the power of their level each. */
  get range(): readonly string[] {
    return this.#open.toReversed().flatMap((hashes) => {
      const range: string[] = [];
      hashes.forEach((hash, size) => extendRange(range, size, hash));
      return range;
    });
  }

  #put(level: number, hash: string): readonly Tile[] {
    const open = (this.#open[level] ??= []);
    open.push(hash);
    if (open.length < TILE_WIDTH) return NONE;
    const tile = tileOver(level, this.full(level), open);
    this.#open[level] = [];
    this.#full[level] = tile.index + 1;
    return [tile, ...this.#put(level + 1, tile.root)];
  }
}
