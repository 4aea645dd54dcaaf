/** Tiles of C2SP tlog-tiles: where a hash of the tree stands, what a tile and an entry bundle are called, and the bytes of a bundle. */
import { Fault } from '../domain/fault.js';
import { MAX_TEXT } from './entry.js';

/** Hashes in a full tile: eight levels of the tree. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

/** Gives the hashes of a log's tree, 256 to a tile. */
export interface TileSource {
  /** The first `width` (1 to 256) hashes of a tile; level 0 holds leaf hashes, level n the roots of full tiles of level n - 1. */
  tile(level: number, index: number, width: number): Promise<readonly string[]>;
}

/** Hashes of one level of tiles that a tree of `size` leaves has. Divided, not shifted: bit operations would cut a size to 32 bits. */
export function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** How wide the tile is in a tree of `size` leaves; 0 when it is not there yet. */
export function tileWidth(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH));
}

/** The tile hashes that a perfect subtree of 2^height leaves is made of; `index` counts such subtrees from the left. */
export function placeOf(height: number, index: number): { readonly level: number; readonly tile: number; readonly from: number; readonly count: number } {
  const level = Math.floor(height / TILE_HEIGHT);
  const count = 2 ** (height % TILE_HEIGHT);
  const first = index * count;
  return { level, tile: Math.floor(first / TILE_WIDTH), from: first % TILE_WIDTH, count };
}

/** `tile/0/x001/x234/067`, and `.p/<width>` behind it while the tile is not full. */
export function tilePath(level: number, index: number, width = TILE_WIDTH): string {
  return `tile/${level}/${numbered(index, width)}`;
}

/** Where the entries of a level 0 tile are: `tile/entries/000.p/7`. */
export function bundlePath(index: number, width = TILE_WIDTH): string {
  return `tile/entries/${numbered(index, width)}`;
}

function numbered(index: number, width: number): string {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  const path = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

/** Entries one behind the other, each after its length in two bytes, the higher one first. */
export function encodeBundle(texts: readonly Uint8Array[]): Uint8Array {
  const parts = texts.flatMap((text) => {
    if (text.length > MAX_TEXT) throw new Fault('INTERNAL', `an entry of ${text.length} bytes does not fit into a bundle`);
    return [Buffer.from([text.length >> 8, text.length & 0xff]), text];
  });
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * The entries of a bundle, as many as its name says.
 *
 * @param place what to call it in an error, such as `tile/entries/000.p/7`
 * @throws {Fault} INPUT_INVALID
 */
export function decodeBundle(bytes: Uint8Array, width: number, place: string): readonly Uint8Array[] {
  const malformed = (why: string, at: number): Fault => new Fault('INPUT_INVALID', `${place} is not a bundle of ${width} entries: ${why}`, { at: `${place}, byte ${at}` });
  const texts: Uint8Array[] = [];
  let at = 0;
  while (texts.length < width) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) throw malformed(`it ends after ${texts.length}`, at);
    const end = at + 2 + high * 256 + low;
    if (end > bytes.length) throw malformed(`entry ${texts.length} is cut off`, at);
    texts.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (at < bytes.length) throw malformed(`${bytes.length - at} bytes follow`, at);
  return texts;
}
