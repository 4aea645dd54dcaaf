/** The tiles of a chain, for proofs. */
import type { Store } from '../domain/ports.js';
import type { TileSource } from '../ledger/tiles.js';

export function tilesOf(store: Pick<Store, 'tile'>, chain: string): TileSource {
  return { tile: (level, index, width) => store.tile(chain, level, index, width) };
}
