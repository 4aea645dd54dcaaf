/** The tiles of a chain, for proofs. */
import type { Store } from '../domain/ports.js';
import { rootOfLeaves } from '../ledger/merkle.js';
import { TILE_WIDTH, type TileSource } from '../ledger/tiles.js';

export function tilesOf(store: Pick<Store, 'scan'>, chain: string): TileSource {
  const leaves = async (from: number, count: number): Promise<readonly string[]> => {
    const hashes: string[] = [];
    for await (const row of store.scan(chain, from)) {
      hashes.push(row.hash);
      if (hashes.length === count) break;
    }
    return hashes;
  };
  const tile = async (level: number, index: number, width: number): Promise<readonly string[]> => {
    if (level === 0) return leaves(index * TILE_WIDTH, width);
    const hashes: string[] = [];
    for (let child = index * TILE_WIDTH; hashes.length < width; child += 1) hashes.push(rootOfLeaves(await tile(level - 1, child, TILE_WIDTH)));
    return hashes;
  };
  return { tile };
}
