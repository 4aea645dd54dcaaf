/** Merkle tree over texts that stand outside the chain, such as the result rows of an evaluation batch (RFC 6962 leaves). */
import { sha256Hex } from '../domain/digest.js';
import { extendRange, rootOf, rootOfLeaves } from './merkle.js';

export function rootOfTexts(texts: readonly string[]): string {
  return rootOfLeaves(texts.map(leafOf));
}

/** The same for texts that come one after the other: it holds a hash for each level of the tree. */
export class TextTree {
  readonly #range: string[] = [];
  #size = 0;

  add(text: string): void {
    extendRange(this.#range, this.#size, leafOf(text));
    this.#size += 1;
  }

  root(): string {
    return rootOf(this.#range);
  }
}

function leafOf(text: string): string {
  return sha256Hex(`\u0000${text}`);
}
