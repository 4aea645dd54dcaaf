/** The witness as a process of its own: what it answers over the wire, what it remembers, and that of two at once only one wins. */
import { request } from 'node:http';
import { connect } from 'node:net';
import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256Hex } from '../../src/domain/digest.js';
import { formatVerifierKey, parseNote, parseVerifierKey, signCheckpointNote, vouchersOf } from '../../src/ledger/checkpoint.js';
import { consistencyProof, rootOfLeaves } from '../../src/ledger/merkle.js';
import { formatSubmission } from '../../src/ledger/witness.js';
import { logSigner, verifySignature } from '../ledger/fixtures/log-key.js';
import { startWitness, stopWitnesses, type RunningWitness } from '../support/witness.js';

const [one, other] = [logSigner(1), logSigner(2)];
const LOGS = [formatVerifierKey('one.example', one.publicKey), formatVerifierKey('other.example', other.publicKey)];
const LEAVES = Array.from({ length: 64 }, (_, index) => sha256Hex(`leaf ${index}`));
const FORKED = [...LEAVES.slice(0, 5), ...LEAVES.slice(5).map((leaf) => sha256Hex(leaf))];

async function body(old: number, size: number, leaves = LEAVES, origin = 'one.example', signer = one): Promise<string> {
  const now = leaves.slice(0, size);
  return formatSubmission({ old, proof: old === 0 ? [] : consistencyProof(now, old), note: await signCheckpointNote({ origin, size, root: rootOfLeaves(now) }, signer) });
}
interface Answer { readonly status: number | undefined; readonly type: string | undefined; readonly text: string }
function post(witness: RunningWitness, text: string, path = '/add-checkpoint', method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${witness.url}${path}`, { method, agent: false }, (incoming) => {
      let answer = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk)).on('end', () => resolve({ status: incoming.statusCode, type: incoming.headers['content-type'], text: answer }));
    });
    outgoing.on('error', reject).end(text);
  });
}

let witness: RunningWitness;
beforeAll(async () => {
  witness = await startWitness(LOGS);
}, 60_000);
afterAll(stopWitnesses);

describe('8.2 audit witness serve', () => {
  test('every answer of the specification', async () => {
    const first = await post(witness, await body(0, 7));
    expect([first.status, first.text.startsWith('\u2014 agentctl-witness '), first.text.endsWith('\n')]).toEqual([200, true, true]);
    const note = (await body(0, 7)).split('\n\n').slice(1).join('\n\n');
    const vouched = await vouchersOf(parseNote(`${note}${first.text}`, 'note'), [parseVerifierKey(witness.key)], verifySignature);
    expect(vouched.map(({ time }) => time)).toEqual(['2026-11-22T12:00:00.000Z']);
    expect((await post(witness, await body(7, 7))).status).toBe(200);
    expect(await post(witness, await body(0, 9))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '7\n' });
    expect(await post(witness, await body(7, 7, FORKED))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '7\n' });
    expect((await post(witness, await body(7, 9, FORKED))).status).toBe(422);
    expect((await post(witness, await body(7, 9, LEAVES, 'stranger.example'))).status).toBe(404);
    expect((await post(witness, await body(7, 9, LEAVES, 'one.example', other))).status).toBe(403);
    expect((await post(witness, (await body(7, 9)).replace('old 7', 'old 10'))).status).toBe(400);
    expect((await post(witness, 'nonsense')).status).toBe(400);
    expect((await post(witness, '', '/')).status).toBe(404);
    expect((await post(witness, '', '/add-checkpoint', 'GET')).status).toBe(405);
    expect((await post(witness, 'x'.repeat(70_000))).status).toBe(413);
    expect((await post(witness, await body(7, 9))).status).toBe(200);
  });

  test('of requests that start from the same size one history wins, and the others are told', async () => {
    const start = (await post(witness, await body(0, 5, LEAVES, 'other.example', other))).status;
    const bodies = await Promise.all(Array.from({ length: 12 }, (_, turn) => body(5, 20 + turn, turn % 2 === 0 ? LEAVES : FORKED, 'other.example', other)));
    const answers = await Promise.all(bodies.map((text) => post(witness, text)));
    const won = answers.flatMap(({ status }, turn) => (status === 200 ? [turn] : []));
    expect([start, won.length, answers.filter(({ status }) => status === 409).length]).toEqual([200, 1, 11]);
    const [turn = 0] = won;
    const [mine, theirs] = turn % 2 === 0 ? [LEAVES, FORKED] : [FORKED, LEAVES];
    expect((await post(witness, await body(20 + turn, 40, theirs, 'other.example', other))).status).toBe(422);
    expect((await post(witness, await body(20 + turn, 40, mine, 'other.example', other))).status).toBe(200);
  });

  test('ends on an interrupt, and goes on with the same key and memory; two processes on one memory agree', async () => {
    const before = await startWitness(LOGS);
    expect((await post(before, await body(0, 12))).status).toBe(200);
    const end = await before.stop();
    expect([end.exit, end.stdout]).toEqual([0, expect.stringContaining('stopped after 1 request')]);
    const [left, right] = await Promise.all([startWitness(LOGS, before), startWitness(LOGS, before)]);
    expect([left.key, right.key]).toEqual([before.key, before.key]);
    expect(await post(left, await body(0, 13))).toMatchObject({ status: 409, text: '12\n' });
    const answers = await Promise.all([post(left, await body(12, 30)), post(right, await body(12, 31, [...LEAVES.slice(0, 12), ...FORKED.slice(12)])), post(left, await body(12, 32)), post(right, await body(12, 33))]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const won = [30, 31, 32, 33][answers.findIndex(({ status }) => status === 200)];
    // What was answered is remembered, however the process ends.
    for (const one of [left, right]) one.process.kill('SIGKILL');
    const after = await startWitness(LOGS, before);
    expect(await post(after, await body(0, 40))).toMatchObject({ status: 409, text: `${won}\n` });
    expect(statSync(`${before.folder}/witness.db`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${before.folder}/witness.vkey`, 'utf8').trim()).toBe(before.key);
  }, 30_000);

  test('a peer that says nothing, or half of it, keeps nobody waiting', async () => {
    const { port, hostname } = new URL(witness.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nold');
    expect((await post(witness, await body(0, 9))).status).toBe(409);
    socket.destroy();
    expect((await post(witness, await body(0, 9))).status).toBe(409);
  });
});
