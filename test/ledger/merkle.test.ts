import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consistencyProof, EMPTY_ROOT, extendRange, inclusionProof, isRange, rootOf, rootOfLeaves, verifyConsistency, verifyInclusion } from '../../src/ledger/merkle.js';

/** Leaf inputs and roots of the CT reference tests (RFC 6962, certificate-transparency), sizes 0 to 8. */
const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const LEAVES = INPUTS.map((hex) => createHash('sha256').update(Buffer.from(`00${hex}`, 'hex')).digest('hex'));

const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const leaves = fc.array(leaf, { minLength: 1, maxLength: 70 });
const indexed = leaves.chain((all) => fc.tuple(fc.constant(all), fc.nat(all.length - 1)));

test('8.2 roots are those of RFC 6962', () => {
  expect(EMPTY_ROOT).toBe(ROOTS[0]);
  expect(ROOTS.map((_root, size) => rootOfLeaves(LEAVES.slice(0, size)))).toEqual(ROOTS);
});

test('a compact range has one node per set bit and gives the root', () => {
  fc.assert(fc.property(leaves, (all) => {
    const range: string[] = [];
    all.forEach((one, size) => {
      extendRange(range, size, one);
      expect(isRange(range, size + 1)).toBe(true);
    });
    expect(rootOf(range)).toBe(recursiveRoot(all));
  }));
  expect([isRange([], 0), isRange([], 1), isRange([EMPTY_ROOT], 3), isRange(['x'], 1)]).toEqual([true, false, false, false]);
});

/** The definition of RFC 6962 §2.1, word for word. */
function recursiveRoot(all: readonly string[]): string {
  const [first] = all;
  if (first === undefined || all.length === 1) return first ?? EMPTY_ROOT;
  let split = 1;
  while (split * 2 < all.length) split *= 2;
  return createHash('sha256').update(Buffer.from(`01${recursiveRoot(all.slice(0, split))}${recursiveRoot(all.slice(split))}`, 'hex')).digest('hex');
}

describe('8.4 inclusion', () => {
  test('every leaf is proven', () => {
    fc.assert(fc.property(indexed, ([all, index]) => {
      const claim = { index: BigInt(index), size: BigInt(all.length), leaf: all[index] ?? '', proof: inclusionProof(all, index), root: recursiveRoot(all) };
      expect(verifyInclusion(claim)).toBe(true);
    }));
  });

  test('another leaf, place, size, root or proof is refused', () => {
    fc.assert(fc.property(indexed, leaf, ([all, index], other) => {
      const claim = { index: BigInt(index), size: BigInt(all.length), leaf: all[index] ?? '', proof: inclusionProof(all, index), root: recursiveRoot(all) };
      fc.pre(all.every((one, place) => one !== other && (place === index || one !== claim.leaf)));
      expect(verifyInclusion({ ...claim, leaf: other })).toBe(false);
      expect(verifyInclusion({ ...claim, root: other })).toBe(false);
      expect(verifyInclusion({ ...claim, proof: [...claim.proof, other] })).toBe(false);
      expect(verifyInclusion({ ...claim, proof: [...claim.proof.slice(0, -1), ...(claim.proof.length > 0 ? [] : [other])] })).toBe(false);
      expect(verifyInclusion({ ...claim, index: claim.size })).toBe(false);
      expect(verifyInclusion({ ...claim, index: -1n })).toBe(false);
      for (let place = 0; place < all.length; place += 1) if (place !== index) expect(verifyInclusion({ ...claim, index: BigInt(place) })).toBe(false);
    }), { numRuns: 60 });
  });

  test('hashes of another length are refused', () => {
    expect(verifyInclusion({ index: 0n, size: 1n, leaf: 'ab', proof: [], root: 'ab' })).toBe(false);
    expect(verifyInclusion({ index: 0n, size: 0n, leaf: EMPTY_ROOT, proof: [], root: EMPTY_ROOT })).toBe(false);
  });

  test('sizes up to 2^64 - 1 are counted exactly', () => {
    const size = 2n ** 64n - 1n;
    const proof = Array.from({ length: 64 }, () => EMPTY_ROOT);
    expect(verifyInclusion({ index: 0n, size, leaf: EMPTY_ROOT, proof: proof.slice(1), root: EMPTY_ROOT })).toBe(false);
    expect(verifyInclusion({ index: size - 1n, size, leaf: EMPTY_ROOT, proof, root: EMPTY_ROOT })).toBe(false);
  });
});

describe('8.2 consistency', () => {
  test('every prefix is proven', () => {
    fc.assert(fc.property(indexed, ([all, last]) => {
      const first = last + 1;
      const claim = { first: BigInt(first), second: BigInt(all.length), firstRoot: recursiveRoot(all.slice(0, first)), secondRoot: recursiveRoot(all), proof: consistencyProof(all, first) };
      expect(verifyConsistency(claim)).toBe(true);
    }));
  });

  test('another history is refused', () => {
    fc.assert(fc.property(indexed, leaf, ([all, last], other) => {
      const first = last + 1;
      fc.pre(first < all.length && !all.includes(other));
      const claim = { first: BigInt(first), second: BigInt(all.length), firstRoot: recursiveRoot(all.slice(0, first)), secondRoot: recursiveRoot(all), proof: consistencyProof(all, first) };
      expect(verifyConsistency({ ...claim, firstRoot: other })).toBe(false);
      expect(verifyConsistency({ ...claim, secondRoot: other })).toBe(false);
      expect(verifyConsistency({ ...claim, proof: claim.proof.slice(1) })).toBe(false);
      expect(verifyConsistency({ ...claim, proof: [...claim.proof, other] })).toBe(false);
      expect(verifyConsistency({ ...claim, first: claim.second, second: claim.first })).toBe(false);
    }));
  });

  test('nothing is consistent with size 0, and equal sizes want equal roots', () => {
    const [root = '', other = ''] = LEAVES;
    expect(verifyConsistency({ first: 0n, second: 1n, firstRoot: EMPTY_ROOT, secondRoot: root, proof: [] })).toBe(false);
    expect(verifyConsistency({ first: 0n, second: 0n, firstRoot: EMPTY_ROOT, secondRoot: EMPTY_ROOT, proof: [] })).toBe(false);
    expect(verifyConsistency({ first: 1n, second: 1n, firstRoot: root, secondRoot: root, proof: [] })).toBe(true);
    expect(verifyConsistency({ first: 1n, second: 1n, firstRoot: root, secondRoot: other, proof: [] })).toBe(false);
    expect(verifyConsistency({ first: 1n, second: 1n, firstRoot: root, secondRoot: root, proof: [other] })).toBe(false);
    expect(verifyConsistency({ first: 1n, second: 2n, firstRoot: 'ab', secondRoot: 'ab', proof: ['ab'] })).toBe(false);
  });
});
