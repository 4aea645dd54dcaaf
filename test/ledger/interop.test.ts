/** Our checkpoint and our inclusion proof before an independent verifier: the transparency-log code of @sigstore/verify. */
import { createRequire } from 'node:module';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { signCheckpointNote, verifierKey } from '../../src/ledger/checkpoint.js';
import { encodeEntry, GENESIS } from '../../src/ledger/entry.js';
import { rootOfLeaves } from '../../src/ledger/merkle.js';
import { inclusionFromTiles } from '../../src/ledger/tile-proofs.js';
import { logSigner } from './fixtures/log-key.js';

interface Entry {
  readonly canonicalizedBody: Buffer;
  readonly inclusionProof: { readonly logIndex: string; readonly hashes: readonly Buffer[]; readonly checkpoint: { readonly envelope: string } };
}
interface Log { readonly logID: Buffer; readonly baseURL: string; readonly publicKey: KeyObject }
const load = createRequire(import.meta.url);
const { verifyCheckpoint } = load('@sigstore/verify/dist/tlog/checkpoint.js') as { verifyCheckpoint(entry: Entry, logs: readonly Log[]): { logSize: bigint } };
const { verifyMerkleInclusion } = load('@sigstore/verify/dist/tlog/merkle.js') as { verifyMerkleInclusion(entry: Entry, checkpoint: { logSize: bigint }): void };

const ORIGIN = 'example/6f1e7a52-0000-4000-8000-000000000001';
const SIZE = 300;
const signer = logSigner(1);
/** Stored texts of a chain: the previous hash, a newline, the body. */
const texts: string[] = [];
const leaves: string[] = [];
for (let seq = 0; seq < SIZE; seq += 1) {
  const before = leaves.at(-1) ?? GENESIS;
  const chain = ORIGIN.split('/')[1] ?? '';
  const { body, hash } = encodeEntry(before, { v: 1, chain, seq, ts: '2026-11-22T12:00:00.000Z', type: 'audit.checkpointed', agent: { id: chain, did: null, version: '1.0.0', build: null }, actor: 'agentctl', inputs: {}, data: { size: seq, root: before } });
  texts.push(`${before}\n${body}`);
  leaves.push(hash);
}

async function entryAt(index: number): Promise<Entry> {
  const source = { tile: async (level: number, tile: number, width: number) => (level === 0 ? leaves.slice(tile * 256, tile * 256 + width) : [rootOfLeaves(leaves.slice(0, 256))]) };
  const hashes = await inclusionFromTiles(source, index, SIZE);
  const envelope = await signCheckpointNote({ origin: ORIGIN, size: SIZE, root: rootOfLeaves(leaves) }, signer);
  return { canonicalizedBody: Buffer.from(texts[index] ?? ''), inclusionProof: { logIndex: String(index), hashes: hashes.map((hash) => Buffer.from(hash, 'hex')), checkpoint: { envelope } } };
}
const key = (publicKey: Uint8Array) => createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]), format: 'der', type: 'spki' });
const logs: readonly Log[] = [{ logID: Buffer.from(verifierKey(ORIGIN, signer.publicKey).keyId, 'hex'), baseURL: `https://${ORIGIN}`, publicKey: key(signer.publicKey) }];

describe('8.4 another verifier', () => {
  test.each([0, 1, 255, 256, 298, 299])('accepts checkpoint and inclusion of entry %d', async (index) => {
    const entry = await entryAt(index);
    const checkpoint = verifyCheckpoint(entry, logs);
    expect(checkpoint.logSize).toBe(BigInt(SIZE));
    expect(() => verifyMerkleInclusion(entry, checkpoint)).not.toThrow();
  });

  test('twin: refuses another entry, another place, another signature', async () => {
    const entry = await entryAt(7);
    const checkpoint = verifyCheckpoint(entry, logs);
    expect(() => verifyMerkleInclusion({ ...entry, canonicalizedBody: Buffer.from(texts[8] ?? '') }, checkpoint)).toThrow('root hash');
    expect(() => verifyMerkleInclusion({ ...entry, inclusionProof: { ...entry.inclusionProof, logIndex: '8' } }, checkpoint)).toThrow('root hash');
    const forged = { ...entry, inclusionProof: { ...entry.inclusionProof, checkpoint: { envelope: entry.inclusionProof.checkpoint.envelope.replace(`\n${SIZE}\n`, '\n299\n') } } };
    expect(() => verifyCheckpoint(forged, logs)).toThrow('signature');
  });
});
