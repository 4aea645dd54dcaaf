/** RFC 6962: proofs accepted exactly when they should be, subtrees, and the tree of eight leaves. */
import { join } from 'node:path';
import { filesBelow, readText, Tally } from './tally.js';

const hex = (base64) => Buffer.from(base64 ?? '', 'base64').toString('hex');
const hexes = (list) => (list ?? []).map(hex);

export async function merkle(folder, product) {
  const suite = (name, count, accepts) => {
    const tally = new Tally(`merkle ${name}`, count);
    const below = join(folder, 'merkle/testdata', name.replace(' ', ''));
    for (const path of filesBelow(below, '.json')) {
      const vector = read(path);
      tally.check(path.slice(below.length + 1), accepts(vector) === !vector.wantErr);
    }
    return tally;
  };
  return [
    suite('inclusion', 98, (one) => product.verifyInclusion({ index: one.leafIdx, size: one.treeSize, leaf: hex(one.leafHash), proof: hexes(one.proof), root: hex(one.root) })),
    suite('consistency', 98, (one) => product.verifyConsistency({ first: one.size1, second: one.size2, firstRoot: hex(one.root1), secondRoot: hex(one.root2), proof: hexes(one.proof) })),
    suite('subtree inclusion', 204, (one) => isSubtree(one.start, one.end) && product.verifyInclusion({ index: one.leafIdx - one.start, size: one.end - one.start, leaf: hex(one.leafHash), proof: hexes(one.proof), root: hex(one.root) })),
    await eightLeaves(folder, product),
  ];
}

/** Sizes go up to 2^64 - 1, which JSON.parse would round. */
function read(path) {
  const text = readText(path).replace(/("(?:leafIdx|treeSize|size1|size2|start|end|size)": )(-?\d+)/g, '$1"$2"');
  const value = JSON.parse(text);
  for (const name of ['leafIdx', 'treeSize', 'size1', 'size2', 'start', 'end', 'size']) if (name in value) value[name] = BigInt(value[name]);
  return value;
}

/** `start` is a multiple of the smallest power of two that the subtree fits in. */
function isSubtree(start, end) {
  if (start >= end) return false;
  let width = 1n;
  while (width < end - start) width *= 2n;
  return start % width === 0n;
}

async function eightLeaves(folder, { sha256Hex, nodeHash, rootOfLeaves, rootFromTiles }) {
  const vectors = JSON.parse(readText(join(folder, 'merkle/eight-leaves.json')));
  const leaves = vectors.leafInputs.map((input) => sha256Hex(Buffer.from(`00${input}`, 'hex')));
  const levels = [leaves];
  while (levels.at(-1).length > 1) levels.push(levels.at(-1).flatMap((hash, at, all) => (at % 2 === 0 ? [nodeHash(hash, all[at + 1])] : [])));
  const tally = new Tally('merkle eight leaves', 15 + 9 * 2);
  vectors.nodeHashesByLevel.forEach((hashes, level) => hashes.forEach((hash, at) => tally.check(`node ${level}/${at}`, levels[level]?.[at] === hash)));
  const source = { tile: async (_level, _index, width) => leaves.slice(0, width) };
  for (const [size, root] of vectors.rootHashBySize.entries()) {
    tally.check(`root ${size}`, rootOfLeaves(leaves.slice(0, size)) === root);
    tally.check(`root ${size} from tiles`, (await rootFromTiles(source, size)) === root);
  }
  return tally;
}
