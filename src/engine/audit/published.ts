/** What the ledger itself says about its anchors. */
import { whereOf, type Anchor } from '../../ledger/anchors.js';
import type { Session } from '../session.js';

/** Entries that this ledger says the anchor was shown; undefined when it was never shown any. */
export async function publishedTo({ store, chain }: Pick<Session, 'store' | 'chain'>, anchor: Anchor): Promise<number | undefined> {
  const where = whereOf(anchor);
  const sizes = (await store.readEvidence(chain, 'audit.anchored')).filter(({ data }) => data['kind'] === anchor.kind && data['where'] === where).map(({ data }) => Number(data['size']));
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}
