/** RFC 8785: six documents byte for byte, and 100,000 numbers by the digest of their lines. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { filesBelow, readText, Tally } from './tally.js';

const LINES = 100_000;

export function jcs(folder, { canonical }) {
  const documents = new Tally('jcs documents', 6);
  for (const input of filesBelow(join(folder, 'jcs/testdata/input'), '.json')) {
    documents.check(basename(input), canonical(JSON.parse(readText(input))) === readText(join(folder, 'jcs/testdata/output', basename(input))));
  }
  return [documents, numbers(folder, canonical)];
}

/** The digest covers every line, so that one wrong digit in any of them shows. */
function numbers(folder, canonical) {
  const vectors = JSON.parse(readText(join(folder, 'jcs/es6-numbers.json')));
  const expected = new Map(vectors.expected.map((one) => [one.lines, one.sha256]));
  const hash = createHash('sha256');
  let refused = 0;
  let count = 0;
  const tally = new Tally('jcs numbers');
  for (const bits of patterns(vectors)) {
    const number = Buffer.from(bits.toString(16).padStart(16, '0'), 'hex').readDoubleBE();
    // Whole numbers that a double rounds are refused on purpose; the digest then takes them as ECMAScript writes them.
    const beyond = Number.isInteger(number) && Math.abs(number) < 1e21 && !Number.isSafeInteger(number);
    refused += beyond ? 1 : 0;
    hash.update(`${bits.toString(16)},${beyond ? String(number) : canonical(number)}\n`);
    count += 1;
    if (expected.has(count)) tally.check(`${count} lines`, hash.copy().digest('hex') === expected.get(count));
    if (count === LINES) break;
  }
  tally.check(`only ${count} lines`, count === LINES);
  tally.name = `jcs numbers, ${count} lines (${refused} refused on purpose)`;
  return tally;
}

function* patterns({ staticIeee754Hex, serialStartHex, serialCount, randomBlockSeedHex }) {
  for (const hex of staticIeee754Hex) yield BigInt(`0x${hex}`);
  for (let at = 0; at < serialCount; at += 1) yield BigInt(`0x${serialStartHex}`) + BigInt(at);
  let block = Buffer.from(randomBlockSeedHex, 'hex');
  for (;;) {
    block = createHash('sha256').update(block).digest();
    for (let at = 0; at < 32; at += 8) {
      const number = block.readDoubleLE(at);
      if (number !== 0 && Number.isFinite(number)) yield block.readBigUInt64LE(at);
    }
  }
}
