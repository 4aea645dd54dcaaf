/** 8.3 Sealed segments: one file that proves itself, unpacks with anybody's tar, and betrays every changed byte. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/domain/fault.js';
import type { Head } from '../../src/domain/ports.js';
import { pack, unpack } from '../../src/ledger/archive.js';
import { formatVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { emptyHead, extend } from '../../src/ledger/extend.js';
import { rootOf } from '../../src/ledger/merkle.js';
import { openSegment, packSegment, type SegmentParts } from '../../src/ledger/segment.js';
import { decodeBundle } from '../../src/ledger/tiles.js';
import { tilesOver } from './fixtures/tiles.js';
import { logSigner, verifySignature } from './fixtures/log-key.js';
import { CHAIN, draft } from './fixtures/support.js';

const ORIGIN = 'example.org/agent';
const signer = logSigner(7);
const log = formatVerifierKey(ORIGIN, signer.publicKey);

/** A chain of `size` entries: leaf texts, leaf hashes, and the head. */
function chainOf(size: number): { texts: string[]; hashes: string[]; head: Head } {
  const [texts, hashes]: [string[], string[]] = [[], []];
  let head = emptyHead(CHAIN);
  for (let n = 0; n < size; n += 1) {
    const extension = extend(head, draft(n), '2026-11-22T12:00:00.000Z');
    texts.push(`${head.hash}\n${extension.row.body}`);
    hashes.push(extension.row.hash);
    head = extension.head;
  }
  return { texts, hashes, head };
}

async function partsOf(from: number, size: number): Promise<SegmentParts> {
  const { texts, hashes, head } = chainOf(size);
  const note = await signCheckpointNote({ origin: ORIGIN, size, root: rootOf(head.range) }, signer);
  const rest = texts.slice(from);
  return { origin: ORIGIN, chain: CHAIN, from, size, log, note, tiles: tilesOver(hashes), texts: (async function* () { yield* rest; })() };
}

const made: string[] = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true })));
const segment = await packSegment(await partsOf(256, 600));
const open = (bytes: Uint8Array) => openSegment(bytes, verifySignature, 'segment');
const refusalOf = (bytes: Uint8Array) => open(bytes).then(() => 'it held', (cause: unknown) => { if (cause instanceof Fault) return cause.code; throw cause; });

describe('8.3 a sealed segment', () => {
  test('proves its entries, from the file alone', async () => {
    const { texts, head } = chainOf(600);
    expect(await open(segment)).toMatchObject({ origin: ORIGIN, chain: CHAIN, from: 256, size: 600, log, root: rootOf(head.range), last: head.hash, texts: texts.slice(256) });
  });

  test('is the same file for the same entries', async () => {
    expect(Buffer.compare(await packSegment(await partsOf(256, 600)), segment)).toBe(0);
  });

  test('unpacked by tar it is a log of tiles, as C2SP tlog-tiles lays it out', () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentctl-segment-'));
    made.push(folder);
    writeFileSync(join(folder, 'segment.tar'), segment);
    execFileSync('tar', ['-xf', 'segment.tar'], { cwd: folder });
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toMatch(/^example\.org\/agent\n600\n/);
    expect(readFileSync(join(folder, 'tile/0/001')).length).toBe(256 * 32);
    expect(readFileSync(join(folder, 'tile/1/000.p/2')).length).toBe(2 * 32);
    expect(decodeBundle(readFileSync(join(folder, 'tile/entries/002.p/88')), 88, 'bundle')).toHaveLength(88);
  });

  test('betrays every byte that is changed, and every cut', async () => {
    const step = 911;
    for (let at = 0; at < segment.length; at += step) {
      const changed = Uint8Array.from(segment);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect([at, await refusalOf(changed)]).toEqual([at, expect.stringMatching(/INPUT_INVALID|LEDGER_BROKEN|SIGNATURE_INVALID/)]);
    }
    for (const length of [0, 511, 512, 5000, segment.length - 512, segment.length - 1]) expect(await refusalOf(segment.subarray(0, length))).toBe('INPUT_INVALID');
  }, 60_000);

  const forged = (change: (files: Map<string, Uint8Array>) => void): Uint8Array => {
    const files = new Map(unpack(segment, 'segment'));
    change(files);
    return pack(files);
  };
  test.each<[string, (files: Map<string, Uint8Array>) => void]>([
    ['an entry bundle left out', (files) => files.delete('tile/entries/001')],
    ['a tile left out', (files) => files.delete('tile/0/001')],
    ['a file added', (files) => files.set('tile/0/009', new Uint8Array(8192))],
    ['two bundles swapped', (files) => { const [a, b] = [files.get('tile/entries/001'), files.get('tile/entries/002.p/88')]; if (a && b) files.set('tile/entries/001', b).set('tile/entries/002.p/88', a); }],
    ['another log named', (files) => files.set('segment.json', Buffer.from(Buffer.from(files.get('segment.json') ?? []).toString().replace(log, formatVerifierKey(ORIGIN, logSigner(8).publicKey))))],
    ['another range claimed', (files) => files.set('segment.json', Buffer.from(Buffer.from(files.get('segment.json') ?? []).toString().replace('"from":256', '"from":0')))],
    ['another chain claimed', (files) => files.set('segment.json', Buffer.from(Buffer.from(files.get('segment.json') ?? []).toString().replace(CHAIN, CHAIN.replace('6f', '7f'))))],
  ])('sabotage: %s is refused', async (_name, change) => {
    expect(await refusalOf(forged(change))).toMatch(/INPUT_INVALID|LEDGER_BROKEN|SIGNATURE_INVALID/);
  });

  test('of a whole ledger, and of a single entry', async () => {
    for (const size of [1, 256, 257]) expect(await open(await packSegment(await partsOf(0, size)))).toMatchObject({ from: 0, size, before: '0'.repeat(64) });
  });
});
