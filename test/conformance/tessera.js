/** C2SP checkpoint, tiles and entry bundles as Tessera wrote them: rebuilt byte for byte, proven at every size, and refused with any byte changed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow, readText, Tally } from './tally.js';

export async function tessera(folder, product) {
  const keys = JSON.parse(readText(join(folder, 'tessera/log-keys.json')));
  const log = join(folder, 'tessera/testdata/log');
  const texts = keys.leavesUtf8.map((text) => new TextEncoder().encode(text));
  const leaves = texts.map((text) => product.sha256Hex(Buffer.concat([Buffer.from([0]), text])));
  const tree = { source: { tile: async (_level, _index, width) => leaves.slice(0, width) }, leaves, texts, roots: [] };
  for (let size = 0; size <= leaves.length; size += 1) tree.roots.push(await product.rootFromTiles(tree.source, size));
  return [await checkpoints(log, keys, tree, product), tiles(log, tree, product), bundles(log, tree, product), await inclusion(tree, product), await consistency(tree, product), await flipped(log, keys, tree, product)];
}

const keyOf = (keys, product) => product.parseVerifierKey(keys.verifierKey);
const noteAt = (log, size) => readText(join(log, `checkpoint.${size}`));

async function checkpoints(log, keys, { roots }, product) {
  const tally = new Tally('tessera checkpoints', 16 * 2 + 2);
  const seed = Buffer.from(/^PRIVATE\+KEY\+[^+]+\+[0-9a-f]{8}\+(.+)$/.exec(keys.signerKey)?.[1] ?? '', 'base64').subarray(1);
  const signer = await product.signerOf(new Uint8Array(seed));
  tally.check('verifier key', product.formatVerifierKey(keys.logOrigin, signer.publicKey) === keys.verifierKey);
  for (const [size, root] of roots.entries()) {
    tally.check(`checkpoint.${size} rebuilt`, (await product.signCheckpointNote({ origin: keys.logOrigin, size, root }, signer)) === noteAt(log, size));
    const opened = await product.openCheckpointNote(noteAt(log, size), [keyOf(keys, product)], product.verifySignature);
    tally.check(`checkpoint.${size} verified`, opened.size === size && opened.root === root && opened.origin === keys.logOrigin);
  }
  tally.check('checkpoint', readText(join(log, 'checkpoint')) === noteAt(log, roots.length - 1));
  return tally;
}

function tiles(log, { leaves }, { tilePath }) {
  const tally = new Tally('tessera tiles', 15);
  for (const path of filesBelow(join(log, 'tile/0'), '')) {
    const width = Number(/\/(\d+)$/.exec(path)?.[1]);
    if (!Number.isInteger(width) || path.endsWith('.p')) continue;
    const bytes = Buffer.from(leaves.slice(0, width).join(''), 'hex');
    tally.check(tilePath(0, 0, width), path === join(log, tilePath(0, 0, width)) && bytes.equals(readFileSync(path)));
  }
  return tally;
}

function bundles(log, { texts }, { bundlePath, decodeBundle, encodeBundle }) {
  const tally = new Tally('tessera bundles', 15 * 2);
  for (let width = 1; width <= texts.length; width += 1) {
    const stored = readFileSync(join(log, bundlePath(0, width)));
    tally.check(`${bundlePath(0, width)} rebuilt`, Buffer.from(encodeBundle(texts.slice(0, width))).equals(stored));
    tally.check(`${bundlePath(0, width)} read`, decodeBundle(stored, width, 'bundle').every((text, at) => Buffer.from(text).equals(Buffer.from(texts[at]))));
  }
  return tally;
}

async function inclusion({ source, leaves, roots }, { inclusionFromTiles, verifyInclusion }) {
  const tally = new Tally('tessera inclusion', 120);
  for (let size = 1; size <= leaves.length; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const proof = await inclusionFromTiles(source, index, size);
      tally.check(`${index} in ${size}`, verifyInclusion({ index: BigInt(index), size: BigInt(size), leaf: leaves[index], proof, root: roots[size] }));
    }
  }
  return tally;
}

async function consistency({ source, leaves, roots }, { consistencyFromTiles, verifyConsistency }) {
  const tally = new Tally('tessera consistency', 120);
  for (let second = 1; second <= leaves.length; second += 1) {
    for (let first = 1; first <= second; first += 1) {
      const proof = await consistencyFromTiles(source, first, second);
      tally.check(`${first} to ${second}`, verifyConsistency({ first: BigInt(first), second: BigInt(second), firstRoot: roots[first], secondRoot: roots[second], proof }));
    }
  }
  return tally;
}

/** Each byte of a checkpoint, a tile and a bundle in turn. */
async function flipped(log, keys, { leaves, roots }, product) {
  const tally = new Tally('tessera flipped bytes');
  const key = keyOf(keys, product);
  for (const size of [0, 7, 15]) {
    const note = Buffer.from(noteAt(log, size));
    for (const [at, bytes] of flips(note)) await tally.refuses(`checkpoint.${size} byte ${at}`, () => product.openCheckpointNote(bytes.toString(), [key], product.verifySignature));
  }
  const tile = readFileSync(join(log, product.tilePath(0, 0, 15)));
  for (const [at, bytes] of flips(tile)) {
    const hashes = bytes.toString('hex').match(/.{64}/g);
    await tally.refuses(`tile byte ${at}`, async () => (await product.rootFromTiles({ tile: async () => hashes }, 15)) === roots[15]);
  }
  const bundle = readFileSync(join(log, product.bundlePath(0, 15)));
  for (const [at, bytes] of flips(bundle)) {
    await tally.refuses(`bundle byte ${at}`, () => {
      const texts = product.decodeBundle(bytes, 15, 'bundle');
      return texts.every((text, index) => product.sha256Hex(Buffer.concat([Buffer.from([0]), text])) === leaves[index]);
    });
  }
  return tally;
}

function* flips(bytes) {
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] ^= 1;
    yield [at, changed];
  }
}
