/** Inclusion proofs of many entries under one checkpoint. */
import { inclusionProof } from '../../ledger/merkle.js';
import type { Session } from '../session.js';

/** @returns the path from the leaf at a place to the root over the first `size` entries */
export async function proverAt({ store, chain }: Pick<Session, 'store' | 'chain'>, size: number): Promise<(seq: number) => readonly string[]> {
  const leaves: string[] = [];
  for await (const { seq, hash } of store.scan(chain)) {
    if (seq >= size) break;
    leaves.push(hash);
  }
  return (seq) => inclusionProof(leaves, seq);
}
