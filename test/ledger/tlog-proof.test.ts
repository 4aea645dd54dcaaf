/** The proof file: written, read back, and refused in every malformed shape with place and reason. */
import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/domain/fault.js';
import { sha256Hex } from '../../src/domain/digest.js';
import { checkpointText, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { cosign } from '../../src/ledger/cosignature.js';
import { inclusionProof, rootOfLeaves } from '../../src/ledger/merkle.js';
import { formatProof, parseProof, proves, type TlogProof } from '../../src/ledger/tlog-proof.js';
import { logSigner } from './fixtures/log-key.js';

const TEXTS = Array.from({ length: 7 }, (_, index) => `${'0'.repeat(64)}\n{"entry":${index}}`);
const LEAVES = TEXTS.map((text) => sha256Hex(`\0${text}`));
const CHECKPOINT = { origin: 'log.example', size: 7, root: rootOfLeaves(LEAVES) };

async function proofOf(index: number): Promise<TlogProof> {
  const note = `${await signCheckpointNote(CHECKPOINT, logSigner(1))}${await cosign(checkpointText(CHECKPOINT), 'witness.example', logSigner(2), '2026-11-22T12:00:00.000Z')}`;
  return { text: TEXTS[index] ?? '', index, hashes: inclusionProof(LEAVES, index), checkpoint: note };
}

describe('8.4 a proof', () => {
  test('is the file that C2SP describes', async () => {
    const proof = await proofOf(5);
    const lines = formatProof(proof).split('\n');
    expect(lines.slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', `extra ${Buffer.from(TEXTS[5] ?? '').toString('base64')}`, 'index 5']);
    expect(lines.slice(3, 6)).toEqual(proof.hashes.map((hash) => Buffer.from(hash, 'hex').toString('base64')));
    expect(lines.slice(6, 9)).toEqual(['', 'log.example', '7']);
    expect(formatProof(proof).endsWith(proof.checkpoint)).toBe(true);
  });

  test('is read back as it was written, with and without the text, for every entry', async () => {
    for (let index = 0; index < TEXTS.length; index += 1) {
      const { text = '', ...bare } = await proofOf(index);
      expect(parseProof(formatProof({ ...bare, text }), 'p')).toEqual({ ...bare, text });
      expect(parseProof(formatProof(bare), 'p')).toEqual(bare);
      expect(proves(bare, text, 'p')).toBe(true);
      expect(TEXTS.filter((other) => proves(bare, other, 'p'))).toEqual([text]);
    }
    const alone = { index: 0, hashes: [], checkpoint: await signCheckpointNote({ origin: 'o', size: 1, root: LEAVES[0] ?? '' }, logSigner(1)) };
    expect(proves(parseProof(formatProof(alone), 'p'), TEXTS[0] ?? '', 'p')).toBe(true);
  });

  test('of another place, path or checkpoint proves nothing', async () => {
    const proof = await proofOf(2);
    const text = proof.text ?? '';
    expect(proves({ ...proof, index: 3 }, text, 'p')).toBe(false);
    expect(proves({ ...proof, index: 7 }, text, 'p')).toBe(false);
    expect(proves({ ...proof, hashes: proof.hashes.slice(1) }, text, 'p')).toBe(false);
    expect(proves({ ...proof, hashes: [...proof.hashes, LEAVES[0] ?? ''] }, text, 'p')).toBe(false);
    expect(proves({ ...proof, checkpoint: proof.checkpoint.replace('\n7\n', '\n3\n') }, text, 'p')).toBe(false);
  });
});

const MALFORMED: readonly (readonly [what: string, change: (file: string) => string, at: string, why: RegExp])[] = [
  ['an empty file', () => '', 'p:1', /no empty line/],
  ['another format', (file) => file.replace('@v1', '@v2'), 'p:1', /first line/],
  ['carriage returns', (file) => file.replaceAll('\n', '\r\n'), 'p:', /no empty line/],
  ['extra that is no base64', (file) => file.replace(/extra \S+/, 'extra !'), 'p:2', /"extra"/],
  ['extra in loose base64', (file) => file.replace(/(?<=extra \S+)=*\n/, '\n\n').replace('\n\n', '\n'), 'p:2', /"extra"/],
  ['extra that is no text', (file) => file.replace(/extra \S+/, 'extra gICA'), 'p:2', /"extra"/],
  ['an extra without value', (file) => file.replace(/extra \S+/, 'extra '), 'p:2', /index/],
  ['two extras', (file) => file.replace(/(extra \S+\n)/, '$1$1'), 'p:3', /index/],
  ['no index', (file) => file.replace('index 5\n', ''), 'p:3', /index/],
  ['a negative index', (file) => file.replace('index 5', 'index -5'), 'p:3', /index/],
  ['a leading zero', (file) => file.replace('index 5', 'index 05'), 'p:3', /index/],
  ['an index beyond 2^53', (file) => file.replace('index 5', 'index 9007199254740993'), 'p:3', /index/],
  ['a space too many', (file) => file.replace('index 5', 'index  5'), 'p:3', /index/],
  ['a hash of 33 bytes', (file) => file.replace('index 5\n', `index 5\n${Buffer.alloc(33).toString('base64')}\n`), 'p:4', /32 bytes/],
  ['a hash that is no base64', (file) => file.replace('index 5\n', 'index 5\n????\n'), 'p:4', /32 bytes/],
  ['a path that is too long', (file) => file.replace('index 5\n', `index 5\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(60)}`), 'p:57', /more than 53/],
  ['no checkpoint', (file) => file.slice(0, file.indexOf('\n\n') + 2), 'p:8', /not a signed note/],
  ['a checkpoint without signature', (file) => file.slice(0, file.lastIndexOf('\n\n') + 1), 'p:8', /not a signed note/],
  ['text behind it', (file) => `${file}more\n`, 'p:8', /signature line/],
  ['a cut end', (file) => file.slice(0, -1), 'p:8', /not a signed note/],
  ['a file without end', (file) => file + '\n'.repeat(2_000_000), 'p:1', /too long/],
];

describe('8.4 a malformed proof is refused with place and reason', () => {
  test.each(MALFORMED)('%s', async (_what, change, at, why) => {
    const file = change(formatProof(await proofOf(5)));
    const fault = await Promise.resolve().then(() => parseProof(file, 'p')).then(() => undefined, (cause: unknown) => cause);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'INPUT_INVALID', at: expect.stringContaining(at), message: expect.stringMatching(why) });
  });
});
