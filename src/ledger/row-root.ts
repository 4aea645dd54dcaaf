/** Merkle tree over texts that stand outside the chain, such as the result rows of an evaluation batch (RFC 6962 leaves). */
import { sha256Hex } from '../domain/digest.js';
import { rootOfLeaves } from './merkle.js';

/** The same text by text, for whoever does not hold all of them. */
export const rowTree = {
  leaf: (text: string): string => sha256Hex(`\u0000${text}`),
  root: rootOfLeaves,
};

export function rootOfTexts(texts: readonly string[]): string {
  return rowTree.root(texts.map((text) => rowTree.leaf(text)));
}
