/** Tiles: their names, their bytes, and proofs from them that are those of the whole tree. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Fault } from '../../src/domain/fault.js';
import { consistencyProof, EMPTY_ROOT, extendRange, inclusionProof, rootOf, rootOfLeaves, verifyConsistency, verifyInclusion } from '../../src/ledger/merkle.js';
import { consistencyFromTiles, inclusionFromTiles, rootFromTiles } from '../../src/ledger/tile-proofs.js';
import { bundlePath, decodeBundle, encodeBundle, hashesAt, placeOf, TILE_WIDTH, tilePath, tileWidth, type TileSource } from '../../src/ledger/tiles.js';
import { tilesOver } from './fixtures/tiles.js';
import { sha256Hex } from '../../src/domain/digest.js';

const leafAt = (index: number) => sha256Hex(`leaf ${index}`);
const LEAVES = Array.from({ length: 66_000 }, (_, index) => leafAt(index));

const tiles = tilesOver(LEAVES);
/** Sizes around every edge of two levels of tiles, and whatever lies between. */
const sizes = fc.oneof(fc.constantFrom(1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000), fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 66_000 }));
const roots = new Map<number, string>();
{
  const range: string[] = [];
  LEAVES.forEach((leaf, size) => {
    extendRange(range, size, leaf);
    roots.set(size + 1, rootOf(range));
  });
}

describe('8.2 names are those of C2SP tlog-tiles', () => {
  test.each([
    [tilePath(0, 0), 'tile/0/000'],
    [tilePath(1, 1_234_067), 'tile/1/x001/x234/067'],
    [tilePath(0, 273, 112), 'tile/0/273.p/112'],
    [tilePath(2, 0, 1), 'tile/2/000.p/1'],
    [tilePath(0, 1000), 'tile/0/x001/000'],
    [bundlePath(0, 7), 'tile/entries/000.p/7'],
    [bundlePath(1_234_067), 'tile/entries/x001/x234/067'],
    [tilePath(0, 2 ** 45), 'tile/0/x035/x184/x372/x088/832'],
  ])('%s', (path, expected) => expect(path).toBe(expected));

  test('a tree of 70,000 has the tiles of the specification', () => {
    expect([tileWidth(0, 272, 70_000), tileWidth(0, 273, 70_000), tileWidth(0, 274, 70_000)]).toEqual([256, 112, 0]);
    expect([tileWidth(1, 0, 70_000), tileWidth(1, 1, 70_000), tileWidth(2, 0, 70_000), tileWidth(3, 0, 70_000)]).toEqual([256, 17, 1, 0]);
    expect([tileWidth(0, 0, 256), tileWidth(1, 0, 256)]).toEqual([256, 1]);
  });

  test('places beyond 2^31 are not cut', () => {
    expect(hashesAt(1, 2 ** 40 + 300)).toBe(2 ** 32 + 1);
    expect(placeOf(0, 2 ** 40 + 3)).toEqual({ level: 0, tile: 2 ** 32, from: 3, count: 1 });
    expect(placeOf(15, 2 ** 25)).toEqual({ level: 1, tile: 2 ** 24, from: 0, count: 128 });
  });
});

describe('8.2 8.4 proofs from tiles are those of the whole tree', () => {
  test('roots', async () => {
    await fc.assert(fc.asyncProperty(sizes, async (size) => expect(await rootFromTiles(tiles, size)).toBe(roots.get(size))), { numRuns: 60 });
    expect(await rootFromTiles(tiles, 0)).toBe(EMPTY_ROOT);
  });

  test('inclusion and consistency hold at every size', async () => {
    await fc.assert(fc.asyncProperty(sizes, fc.nat(), async (size, any) => {
      const [index, first] = [any % size, (any % size) + 1];
      const inclusion = await inclusionFromTiles(tiles, index, size);
      expect(verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf: LEAVES[index] ?? '', proof: inclusion, root: roots.get(size) ?? '' })).toBe(true);
      const consistency = await consistencyFromTiles(tiles, first, size);
      expect(verifyConsistency({ first: BigInt(first), second: BigInt(size), firstRoot: roots.get(first) ?? '', secondRoot: roots.get(size) ?? '', proof: consistency })).toBe(true);
    }), { numRuns: 120 });
  });

  test('they are the very hashes of the plain algorithm', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(), async (size, any) => {
      const leaves = LEAVES.slice(0, size);
      const index = any % size;
      expect(await inclusionFromTiles(tiles, index, size)).toEqual(inclusionProof(leaves, index));
      expect(await consistencyFromTiles(tiles, index + 1, size)).toEqual(consistencyProof(leaves, index + 1));
    }), { numRuns: 60 });
  });

  test('a tile that is short, long or no list of hashes is no proof', async () => {
    for (const hashes of [[], LEAVES.slice(0, 3), ['x', 'y']]) {
      await expect(inclusionFromTiles({ tile: async () => hashes }, 0, 2)).rejects.toMatchObject({ code: 'LEDGER_BROKEN', at: 'tile/0/000.p/2' });
    }
  });

  /** Every leaf alike: then every tile of a level is, and a tree of any size can be asked. */
  const uniform: TileSource = {
    tile: async (level, _index, width) => {
      let hash = EMPTY_ROOT;
      for (let at = 0; at < level; at += 1) hash = rootOfLeaves(Array.from({ length: TILE_WIDTH }, () => hash));
      return Array.from({ length: width }, () => hash);
    },
  };

  test.each([2 ** 31 + 5, 2 ** 32, 2 ** 40 + 12_345, 2 ** 52 + 1])('a tree of %d leaves', async (size) => {
    const [index, first] = [size - 3, 2 ** 31 + 1];
    const [root, firstRoot] = [await rootFromTiles(uniform, size), await rootFromTiles(uniform, first)];
    const inclusion = await inclusionFromTiles(uniform, index, size);
    expect(verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf: EMPTY_ROOT, proof: inclusion, root })).toBe(true);
    const consistency = await consistencyFromTiles(uniform, first, size);
    expect(verifyConsistency({ first: BigInt(first), second: BigInt(size), firstRoot, secondRoot: root, proof: consistency })).toBe(true);
  });
});

test('8.4 a proof from 1,000,000 entries takes a handful of tiles and at most 20 ms', async () => {
  // Leaves repeat from tile to tile, so that the tree is made quickly; the proof does not know.
  const size = 1_000_000;
  const kept = new Map<string, string[]>();
  const hash = (level: number, index: number): string => (level === 0 ? leafAt(index % TILE_WIDTH) : rootOfLeaves(row(level - 1, index)));
  const row = (level: number, index: number): string[] => {
    const width = tileWidth(level, index, size);
    const key = `${level} ${width}`;
    const found = kept.get(key) ?? Array.from({ length: width }, (_, at) => hash(level, index * TILE_WIDTH + at));
    kept.set(key, found);
    return found;
  };
  let reads = 0;
  const source: TileSource = { tile: async (level, index, width) => { reads += 1; return row(level, index).slice(0, width); } };
  const root = await rootFromTiles(source, size);
  const times: number[] = [];
  for (const index of [0, 1, 255_999, 500_000, 777_777, 999_998, 999_999]) {
    await inclusionFromTiles(source, index, size);
    reads = 0;
    const start = performance.now();
    const proof = await inclusionFromTiles(source, index, size);
    times.push(performance.now() - start);
    expect(reads).toBeLessThanOrEqual(6);
    expect(verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf: hash(0, index), proof, root })).toBe(true);
  }
  expect(times.sort((a, b) => a - b)[3]).toBeLessThan(20);
});

describe('8.4 entry bundles', () => {
  const text = (length: number) => new Uint8Array(length).fill(7);
  const faultOf = (work: () => unknown): Fault | undefined => {
    try {
      work();
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
    return undefined;
  };

  test('are read back as they were written', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 }), (texts) => {
      expect(decodeBundle(encodeBundle(texts), texts.length, 'bundle').map((one) => [...one])).toEqual(texts.map((one) => [...one]));
    }));
    expect([...encodeBundle([text(0x0102)]).subarray(0, 2)]).toEqual([1, 2]);
    expect(decodeBundle(encodeBundle([text(65_535)]), 1, 'bundle')[0]).toHaveLength(65_535);
    expect(faultOf(() => encodeBundle([text(65_536)]))?.code).toBe('INTERNAL');
  });

  test.each([
    ['half a length', [0], 1, 'bundle, byte 0'],
    ['an entry that is cut off', [0, 2, 9], 1, 'bundle, byte 0'],
    ['too few entries', [0, 1, 9], 2, 'bundle, byte 3'],
    ['more than was said', [0, 1, 9, 0, 0], 1, 'bundle, byte 3'],
  ])('with %s are refused, with the place', (_what, bytes, width, at) => {
    expect(faultOf(() => decodeBundle(Uint8Array.from(bytes), width, 'bundle'))).toMatchObject({ code: 'INPUT_INVALID', at });
  });
});
