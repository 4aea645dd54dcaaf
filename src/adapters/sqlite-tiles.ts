/** Tiles in the store: written when an append makes one full, read for proofs, compared with the entries by every audit. */
import { Fault } from '../domain/fault.js';
import { isHash } from '../ledger/entry.js';
import { joinHashes, tileOver, type Tile, type TileFold } from '../ledger/tile-fold.js';
import { TILE_WIDTH } from '../ledger/tiles.js';
import type { Problem } from './sqlite-problem.js';
import type { Tables } from './sqlite-tables.js';

/** Writes the tiles that the entry at `size - 1` completes; to be called for sizes that are multiples of a tile. @throws {Fault} LEDGER_BROKEN */
export function fillTiles(tables: Tables, chain: string, size: number): void {
  for (let [level, count] = [0, size]; count % TILE_WIDTH === 0; level += 1) {
    count /= TILE_WIDTH;
    tables.addTile(chain, tileOver(level, count - 1, children(tables, chain, level, count - 1, TILE_WIDTH)));
  }
}

/** The first `width` hashes of a tile. @throws {Fault} LEDGER_BROKEN when one is not there */
export function readTile(tables: Tables, chain: string, level: number, index: number, width: number): readonly string[] {
  if (![level, index].every((place) => Number.isSafeInteger(place) && place >= 0) || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new Fault('INTERNAL', `there is no tile ${level}/${index} of width ${width}`);
  }
  const full = tables.tile(chain, level, index);
  const hashes = full?.hashes.slice(0, width) ?? children(tables, chain, level, index, width);
  if (hashes.length === width && hashes.every(isHash)) return hashes;
  throw missing(level, index);
}

function children(tables: Tables, chain: string, level: number, index: number, width: number): readonly string[] {
  const from = index * TILE_WIDTH;
  const hashes = level === 0 ? tables.hashes(chain, from, from + width) : tables.tileRoots(chain, level - 1, from, from + width);
  if (hashes.length < width) throw missing(level, index);
  return hashes;
}

function missing(level: number, index: number): Fault {
  const place = `tile ${level}/${index}`;
  return new Fault('LEDGER_BROKEN', `a hash of ${place} is missing or is none`, { at: place, hint: 'agentctl audit verify' });
}

/** What is wrong with the rows of tiles that the entries have just completed. */
export function tileProblems(tables: Tables, chain: string, expected: readonly Tile[]): readonly Problem[] {
  return expected.flatMap(({ level, index, root, hashes }) => {
    const row = tables.tile(chain, level, index);
    if (row?.root === root && joinHashes(row.hashes) === joinHashes(hashes)) return [];
    return [problem(level, index, row ? 'differs from what the entries give' : 'is missing: the entries complete it')];
  });
}

/** Rows that no entries stand behind. */
export function strayTiles(tables: Tables, chain: string, fold: TileFold): readonly Problem[] {
  return tables.tilePlaces(chain).filter(({ level, index }) => index < 0 || index >= fold.full(level)).map(({ level, index }) => problem(level, index, 'is over entries that do not exist'));
}

function problem(level: number, index: number, what: string): Problem {
  return { table: 'tiles', key: `${level}/${index}`, problem: what };
}
