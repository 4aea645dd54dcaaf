/** A baseline whose cases have further turns: said to an agent that asks back, kept with the run, and refused for one that cannot be asked on. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestBytes } from '../../src/domain/digest.js';
import { rowsOf, transcriptsOf } from '../../src/engine/evaluation/rows.js';
import { removeTinies, tiny, type Tiny } from '../support/tiny.js';

let asked = 0;
/** Over HTTP+JSON of A2A 1.0: wants to know more about every "number 3", and about every "number 4" twice. */
const waiting = new Map<string, { readonly text: string; readonly told: number }>();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => { body += chunk.toString('utf8'); });
  request.on('end', () => {
    const say = (value: object) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.method === 'GET') return say({ name: 'talker', version: '1', supportedInterfaces: [{ url: `http://${request.headers.host}/`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' }] });
    asked += 1;
    const { taskId = `t-${asked}`, parts: [part] } = (JSON.parse(body) as { message: { taskId?: string; parts: readonly { data?: { text: string }; text?: string }[] } }).message;
    const { text, told } = waiting.get(taskId) ?? { text: part?.data?.text ?? '', told: 0 };
    waiting.set(taskId, { text, told: told + 1 });
    const wanted = text.endsWith('number 3') ? 1 : text.endsWith('number 4') ? 2 : 0;
    const status = told < wanted ? { state: 'TASK_STATE_INPUT_REQUIRED', message: { parts: [{ text: `what of ${told}?` }] } } : { state: 'TASK_STATE_COMPLETED' };
    return say({ task: { id: taskId, contextId: 'c', status, artifacts: [{ parts: [{ data: { decision: 'keep' } }] }] } });
  });
});
beforeAll(() => new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); }));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  removeTinies();
});

/** The first five cases of the held-out data set get one further turn each. */
async function withTurns(one: Tiny): Promise<Tiny> {
  one.edit('data/held-out.jsonl', (text) => text.replace(/^(\{"id":"h-keep-[0-4]","input":\{[^}]*\},)/gm, '$1"turns":["the second of May"],'));
  one.edit('agent.yaml', (text) => text.replace(/sha256:1471[0-9a-f]+/, digestBytes(readFileSync(one.path('data/held-out.jsonl')))));
  return one;
}

test('3.1 3.3 turns are said where the agent asks back; those that it never asked for are seen, and one too few is its failure', async () => {
  const target = `target:\n  kind: a2a\n  url: http://127.0.0.1:${(server.address() as AddressInfo).port}/\n  concurrency: 4\n`;
  const one = await withTurns(await tiny((text) => text.replace(/^target:\n(?: {2}.*\n)+/m, () => target)));
  await one.run('pact', 'sign', { as: 'erin' });
  await one.run('identity', 'register');
  await one.run('baseline', 'run');
  const [batch] = await one.entries('evaluation.batch');
  const [rows, said] = await one.withSession(async (session) => (batch ? [await rowsOf(session, batch), await transcriptsOf(session, batch)] as const : [[], []] as const), false);
  const of = (id: string) => [rows.find((row) => row.case === id), said.find((line) => line.case === id)];
  expect(of('h-keep-3')).toMatchObject([{ outcome: 'pass' }, { output: { decision: 'keep' }, turns: [{ said: true, asked: 'what of 0?', told: 'the second of May' }] }]);
  expect(of('h-keep-4')).toMatchObject([{ outcome: 'fail', cause: 'input-required' }, { output: null, message: 'the agent asks back instead of answering: "what of 1?"', turns: [{ said: true, asked: 'what of 0?' }] }]);
  expect(of('h-keep-2')).toMatchObject([{ outcome: 'pass' }, { turns: [{ said: false, asked: null, told: 'the second of May' }] }]);
  expect(of('h-keep-5')[1]).not.toHaveProperty('turns');
  const shown = async (id: string) => (await one.run('baseline', 'show', { case: id })).facts?.filter(({ label }) => label === 'asked back' || label === 'never asked for');
  expect([await shown('h-keep-3'), await shown('h-keep-2'), await shown('h-keep-5')]).toEqual([[{ label: 'asked back', value: 'what of 0?; told: the second of May' }], [{ label: 'never asked for', value: 'the second of May' }], []]);
}, 60_000);

test('2.2 3.3 a pact on turns that the agent can be given none of is found out, not signed, and nothing is asked', async () => {
  const one = await tiny();
  await one.run('pact', 'sign', { as: 'erin' });
  await withTurns(one);
  const message = 'the case has further turns, and an agent of kind jsonl can be given none';
  const { exit, data } = await one.run('pact', 'lint');
  expect([exit, data['findings']]).toEqual([1, [expect.objectContaining({ message: expect.stringContaining(`data/held-out.jsonl:1: ${message}`) })]]);
  expect(await one.fault('pact', 'sign', { as: 'erin' })).toMatchObject({ code: 'REFUSED' });
  // Signed while the agent could be given some.
  one.edit('agent.yaml', (text) => text.replace(/ {2}kind: jsonl\n {2}command: .*\n/, '  kind: a2a\n  url: http://127.0.0.1:9/\n'));
  await one.run('pact', 'sign', { as: 'erin' });
  one.edit('agent.yaml', (text) => text.replace('  kind: a2a\n  url: http://127.0.0.1:9/\n', '  kind: jsonl\n  command: [node, agent.js]\n'));
  expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'DATASET_INVALID', exit: 2, at: 'data/held-out.jsonl:1', message });
  expect(await one.entries('evaluation.started')).toEqual([]);
}, 60_000);
