/** The witness protocol: every answer that the specification names, from bodies as a log or a forger would send them. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sha256Hex } from '../../src/domain/digest.js';
import { parseVerifierKey, formatVerifierKey, signCheckpointNote, signNote, verifierKey } from '../../src/ledger/checkpoint.js';
import { consistencyProof, EMPTY_ROOT, rootOfLeaves } from '../../src/ledger/merkle.js';
import { formatSubmission, judgeSubmission, parseSubmission, type SeenCheckpoint, type Submission } from '../../src/ledger/witness.js';
import { logSigner, verifySignature } from './fixtures/log-key.js';

const ORIGIN = 'log.example';
const log = logSigner(1);
const logs = [parseVerifierKey(formatVerifierKey(ORIGIN, log.publicKey)), verifierKey('other.example', logSigner(3).publicKey)];
const LEAVES = Array.from({ length: 20 }, (_, index) => sha256Hex(`leaf ${index}`));
const rootAt = (size: number) => rootOfLeaves(LEAVES.slice(0, size));
const noteAt = (size: number, root = rootAt(size), origin = ORIGIN, signer = log) => signCheckpointNote({ origin, size, root }, signer);
const proofFrom = (old: number, size: number) => (old === 0 ? [] : consistencyProof(LEAVES.slice(0, size), old));
const submit = async (old: number, size: number): Promise<Submission> => ({ old, proof: proofFrom(old, size), note: await noteAt(size) });
const judge = (body: string | Submission, seen?: SeenCheckpoint) =>
  judgeSubmission(typeof body === 'string' ? body : formatSubmission(body), { logs, seen: async (origin) => (origin === ORIGIN ? seen : undefined), verifySignature });
const seenAt = (size: number): SeenCheckpoint => ({ size, root: rootAt(size) });

describe('8.2 a witness', () => {
  test('takes the first checkpoint without proof, and every one that continues what it has seen', async () => {
    expect(await judge(await submit(0, 7))).toMatchObject({ status: 200, checkpoint: { origin: ORIGIN, size: 7, root: rootAt(7) }, before: undefined });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), async (one, other) => {
      const [old, size] = [Math.min(one, other), Math.max(one, other)];
      expect(await judge(await submit(old, size), seenAt(old))).toMatchObject({ status: 200, before: seenAt(old), note: expect.stringMatching(`^${ORIGIN}\n${size}\n`) });
    }), { numRuns: 40 });
    expect(await judge({ old: 0, proof: [], note: await noteAt(0, EMPTY_ROOT) })).toMatchObject({ status: 200 });
  });

  test('names the size that it has seen when another is claimed', async () => {
    expect(await judge(await submit(3, 9), seenAt(5))).toMatchObject({ status: 409, size: 5 });
    expect(await judge(await submit(0, 9), seenAt(5))).toMatchObject({ status: 409, size: 5 });
    expect(await judge(await submit(3, 9))).toMatchObject({ status: 409, size: 0 });
    expect(await judge(await submit(3, 4), seenAt(5))).toMatchObject({ status: 409, size: 5 });
  });

  test('refuses a rewritten past: another tree of the same size, or a proof that does not hold', async () => {
    const forged = await noteAt(5, sha256Hex('forged'));
    expect(await judge({ old: 5, proof: [], note: forged }, seenAt(5))).toMatchObject({ status: 409, size: 5 });
    expect(await judge({ old: 5, proof: proofFrom(5, 9), note: await noteAt(9, sha256Hex('forged')) }, seenAt(5))).toMatchObject({ status: 422 });
    expect(await judge({ old: 5, proof: proofFrom(4, 9), note: await noteAt(9) }, seenAt(5))).toMatchObject({ status: 422 });
    expect(await judge({ old: 5, proof: [], note: await noteAt(9) }, seenAt(5))).toMatchObject({ status: 422 });
    expect(await judge({ old: 5, proof: proofFrom(4, 5), note: await noteAt(5) }, seenAt(5))).toMatchObject({ status: 422 });
    expect(await judge({ old: 0, proof: proofFrom(4, 9), note: await noteAt(9) })).toMatchObject({ status: 422 });
    expect(await judge({ old: 0, proof: [], note: await noteAt(0, rootAt(1)) })).toMatchObject({ status: 422 });
  });

  test('does not know other logs, and trusts no other key', async () => {
    expect(await judge({ old: 0, proof: [], note: await noteAt(7, rootAt(7), 'stranger.example') })).toMatchObject({ status: 404 });
    expect(await judge({ old: 0, proof: [], note: await noteAt(7, rootAt(7), ORIGIN, logSigner(2)) })).toMatchObject({ status: 403 });
    // Signed by a log that is watched, but under the name of another.
    const text = (await noteAt(7)).split('\n\n')[0] ?? '';
    expect(await judge({ old: 0, proof: [], note: await signNote(`${text}\n`, 'other.example', logSigner(3)) })).toMatchObject({ status: 403 });
    expect(await judge({ old: 0, proof: [], note: (await noteAt(7)).replace('\n7\n', '\n8\n') })).toMatchObject({ status: 403 });
  });

  test('calls an old size beyond the checkpoint a mistake, whatever it has seen', async () => {
    expect(await judge({ old: 9, proof: [], note: await noteAt(7) }, seenAt(9))).toMatchObject({ status: 400, why: expect.stringContaining('beyond') });
  });
});

describe('8.2 a body', () => {
  test('is read back as it was written', async () => {
    for (const [old, size] of [[0, 7], [3, 9], [16, 20]] as const) {
      const submission = await submit(old, size);
      expect(parseSubmission(formatSubmission(submission), 'body')).toEqual(submission);
    }
    const lines = formatSubmission(await submit(3, 9)).split('\n');
    expect([lines[0], lines.indexOf(''), lines.at(-1)]).toEqual(['old 3', 1 + proofFrom(3, 9).length, '']);
  });

  test.each<[string, (body: string) => string]>([
    ['nothing', () => ''],
    ['no old line', (body) => body.replace(/^old 3\n/, '')],
    ['a leading zero', (body) => body.replace('old 3', 'old 03')],
    ['a size beyond 2^53', (body) => body.replace('old 3', 'old 9007199254740993')],
    ['a negative size', (body) => body.replace('old 3', 'old -3')],
    ['two spaces', (body) => body.replace('old 3', 'old  3')],
    ['carriage returns', (body) => body.replaceAll('\n', '\r\n')],
    ['a hash of 31 bytes', (body) => body.replace(/^old 3\n/, `old 3\n${Buffer.alloc(31).toString('base64')}\n`)],
    ['64 hashes', (body) => body.replace(/^old 3\n/, `old 3\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}`)],
    ['no checkpoint', (body) => body.slice(0, body.indexOf('\n\n') + 2)],
    ['an extension line', (body) => body.replace(/\n\n\u2014/, '\nmore\n\n\u2014')],
    ['bytes behind it', (body) => `${body}more`],
  ])('with %s is answered with 400', async (_what, change) => {
    const body = formatSubmission(await submit(3, 9));
    expect(change(body)).not.toBe(body);
    expect(await judge(change(body), seenAt(3))).toMatchObject({ status: 400 });
  });
});
