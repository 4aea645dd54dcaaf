/** Merkle root over texts that stand outside the chain, such as the result rows of an evaluation batch (RFC 6962 leaves). */
import { sha256Hex } from '../domain/digest.js';
import { rootOfLeaves } from './merkle.js';

export function rootOfTexts(texts: readonly string[]): string {
  return rootOfLeaves(texts.map((text) => sha256Hex(`\u0000${text}`)));
}
