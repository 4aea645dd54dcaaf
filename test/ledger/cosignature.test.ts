/** Cosignatures of witnesses and their keys, beside those of logs. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { checkpointText, formatVerifierKey, openCheckpointNote, parseNote, parseVerifierKey, signCheckpointNote, verifierKey, verifyNote, vouchersOf } from '../../src/ledger/checkpoint.js';
import { cosign, readCosignature } from '../../src/ledger/cosignature.js';
import { EMPTY_ROOT } from '../../src/ledger/merkle.js';
import { logSigner, verifySignature } from './fixtures/log-key.js';

const NOW = '2026-11-22T12:00:00.999Z';
const CHECKPOINT = { origin: 'log.example', size: 7, root: EMPTY_ROOT };
const TEXT = checkpointText(CHECKPOINT);
const [log, witness] = [logSigner(1), logSigner(2)];
const logKey = verifierKey('log.example', log.publicKey);
const witnessKey = verifierKey('witness.example/w1', witness.publicKey, 'cosignature');
const noteBy = async (name: string, signer = witness) => `${await signCheckpointNote(CHECKPOINT, log)}${await cosign(TEXT, name, signer, NOW)}`;

describe('8.2 cosignatures', () => {
  test('sign time and checkpoint, byte for byte as C2SP says', async () => {
    const line = await cosign(TEXT, witnessKey.name, witness, NOW);
    const blob = Buffer.from(line.trimEnd().split(' ')[2] ?? '', 'base64');
    const keyId = createHash('sha256').update(Buffer.concat([Buffer.from('witness.example/w1\n'), Buffer.from([4]), witness.publicKey])).digest().subarray(0, 4);
    expect([line.startsWith('\u2014 witness.example/w1 '), line.endsWith('\n'), blob.length]).toEqual([true, true, 4 + 8 + 64]);
    expect(blob.subarray(0, 4)).toEqual(keyId);
    expect(blob.readBigUInt64BE(4)).toBe(BigInt(Date.parse('2026-11-22T12:00:00Z') / 1000));
    const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), witness.publicKey]), format: 'der', type: 'spki' });
    expect(verify(null, Buffer.from(`cosignature/v1\ntime 1795348800\n${TEXT}`), key, blob.subarray(12))).toBe(true);
  });

  test('a note is vouched for by both kinds of key, and tells when the witness saw it', async () => {
    const note = parseNote(await noteBy(witnessKey.name), 'note');
    expect(await verifyNote(note, [logKey, witnessKey], verifySignature)).toEqual(['log.example', 'witness.example/w1']);
    expect((await vouchersOf(note, [witnessKey, logKey], verifySignature)).map(({ time }) => time)).toEqual([null, '2026-11-22T12:00:00.000Z']);
    expect(await vouchersOf(note, [], verifySignature)).toEqual([]);
  });

  test.each<[string, (note: string) => string]>([
    ['another size', (note) => note.replace('\n7\n', '\n8\n')],
    ['another time', (note) => note.replace(/(?<=w1 )\S+/, (text) => { const bytes = Buffer.from(text, 'base64'); bytes[11] = (bytes[11] ?? 0) ^ 1; return bytes.toString('base64'); })],
    ['a signature cut short', (note) => note.replace(/(?<=w1 )\S+/, (text) => Buffer.from(text, 'base64').subarray(0, 75).toString('base64'))],
    ['time zero', (note) => note.replace(/(?<=w1 )\S+/, (text) => { const bytes = Buffer.from(text, 'base64'); bytes.fill(0, 4, 12); return bytes.toString('base64'); })],
  ])('%s spoils it', async (_what, change) => {
    const spoilt = change(await noteBy(witnessKey.name));
    await expect(verifyNote(parseNote(spoilt, 'note'), [witnessKey], verifySignature)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', at: 'witness.example/w1' });
  });

  test('one kind never passes for the other: a witness called like the log does not sign for it', async () => {
    const alone = `${TEXT}\n${await cosign(TEXT, 'log.example', witness, NOW)}`;
    const same = verifierKey('log.example', witness.publicKey, 'cosignature');
    await expect(openCheckpointNote(alone, [same], verifySignature)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    expect(await verifyNote(parseNote(alone, 'note'), [same], verifySignature)).toEqual(['log.example']);
    await expect(verifyNote(parseNote(alone, 'note'), [verifierKey('log.example', witness.publicKey)], verifySignature)).rejects.toMatchObject({ message: 'no signature of a known key' });
  });

  test('times that no calendar has are none', () => {
    const blob = (seconds: bigint) => { const bytes = Buffer.alloc(72); bytes.writeBigUInt64BE(seconds); return bytes; };
    expect([0n, 253_402_300_800n, 2n ** 64n - 1n].map((seconds) => readCosignature(TEXT, blob(seconds)))).toEqual([undefined, undefined, undefined]);
    expect(readCosignature(TEXT, blob(1n))?.time).toBe('1970-01-01T00:00:01.000Z');
  });
});

describe('8.2 verifier keys of witnesses', () => {
  test('are written and read with type 4', () => {
    const text = formatVerifierKey(witnessKey.name, witness.publicKey, 'cosignature');
    expect(parseVerifierKey(text)).toEqual(witnessKey);
    expect(witnessKey.keyId).not.toBe(verifierKey(witnessKey.name, witness.publicKey).keyId);
  });

  test('one of a public witness is read; its id is what others compute', () => {
    expect(parseVerifierKey('remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2')).toMatchObject({ name: 'remora.n621.de', kind: 'cosignature' });
  });

  test.each([['a type that we do not know', 6], ['type 0', 0]])('with %s are refused', (_what, type) => {
    const key = Buffer.from([type, ...witness.publicKey]);
    const keyId = createHash('sha256').update(Buffer.concat([Buffer.from('w\n'), key])).digest('hex').slice(0, 8);
    expect(() => parseVerifierKey(`w+${keyId}+${key.toString('base64')}`)).toThrow('not an Ed25519 verifier key');
  });
});
