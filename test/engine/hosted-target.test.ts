/** An agent that runs elsewhere: every request carries its signature, and no step believes that it knows what runs there. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keyOfDid } from '../../src/identity/did-key.js';
import { verifyRequest } from '../../src/identity/http-signature.js';
import type { HttpRequest } from '../../src/domain/ports.js';
import { acceptedAnew, removeTinies, tiny } from '../support/tiny.js';

const received: HttpRequest[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => { body += chunk.toString('utf8'); });
  request.on('end', () => {
    received.push({ method: request.method ?? '', url: `http://${request.headers.host}${request.url}`, headers: request.headers as Record<string, string>, body });
    const { note, text } = (JSON.parse(body) as { case: { note: string; text: string } }).case;
    const vague = /maybe/i.test(text);
    const guess = /prize|offer|lottery/i.test(text) ? 'drop' : 'keep';
    const written = JSON.stringify({ note });
    response.end(JSON.stringify({ said: { decision: vague ? 'ask-human' : guess }, sure: vague ? 0.5 : 0.97, calls: [{ name: `${guess}_note`, arguments: broken && guess === 'drop' ? written.slice(0, -1) : written }] }));
  });
});
let hosted: (text: string) => string;
/** Whether the agent breaks off the arguments of what it wants to drop. */
let broken = false;

beforeAll(async () => {
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  const target = `target:\n  kind: http\n  url: http://127.0.0.1:${(server.address() as AddressInfo).port}/sort\n  body: { case: "{input}" }\n  answer: { output: /said, confidence: /sure, toolCalls: /calls }\n  concurrency: 4\n`;
  hosted = (text) => text.replace(/^target:\n(?: {2}.*\n)+/m, () => target);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  removeTinies();
});

test('3.1 1.4 a baseline over HTTP: every request is signed by the agent, the first to each place is on record', async () => {
  const one = await acceptedAnew(hosted);
  const [registered] = await one.entries('identity.registered');
  const key = keyOfDid(String(registered?.data['agentDid']));
  expect(received).toHaveLength(88);
  const verdicts = await Promise.all(received.map((request) => verifyRequest(request, key, one.clock.now(), () => false)));
  expect(verdicts.every(({ ok }) => ok)).toBe(true);
  const signed = (await one.entries('request.signed')).filter(({ data }) => String(data['authority']).startsWith('127.0.0.1'));
  expect(signed.map(({ data }) => [data['method'], data['status']])).toEqual([['POST', null]]);

  broken = true;
  expect((await one.run('monitor', 'run')).exit).toBe(0);
  const actions = await one.entries('action.recorded');
  // Of 60 requests those whose calls can be read: the others are no action, and never one without arguments.
  expect(new Set(actions.map(({ data }) => data['tool']))).toEqual(new Set(['keep_note']));
  expect(actions).toHaveLength(36);

  await one.run('rollback', 'snapshot');
  const drilled = await one.run('rollback', 'drill', { as: 'omar' });
  expect([drilled.exit, drilled.headline]).toEqual([1, 'the different build was started, but it runs elsewhere, where nobody here can see what it is built from']);
  expect(await one.entries('rollback.drilled')).toEqual([]);
}, 60_000);

test('3.3 an agent without an identity asks nobody', async () => {
  const one = await tiny(hosted);
  await one.run('pact', 'sign', { as: 'erin' });
  const before = received.length;
  expect(await one.fault('baseline', 'run')).toMatchObject({ code: 'EVIDENCE_MISSING', hint: 'agentctl identity register' });
  expect(received).toHaveLength(before);
});
