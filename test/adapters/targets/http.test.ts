/** A JSON service as the agent: every way in which it can answer or fail ends in one class, and every request is signed. */
import { createServer as createSecure } from 'node:https';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { verifyRequest } from '../../../src/identity/http-signature.js';
import type { Target } from '../../../src/domain/manifest.js';
import { answers, classOf, closeAll, closing, freshFolder, notedClock, service, signer, start, told, type Handler } from './fixture.js';

afterEach(closeAll);

const ask = async (handler: Handler, more: Partial<Target> = {}) => {
  const { url, received } = await service(handler);
  const clock = notedClock();
  const running = await start({ kind: 'http', url: `${url}/answer`, ...more }, { clock });
  return { running, received, clock, reply: await running.ask({ id: 'case-1', input: { text: 'Grüße', n: 2 } }) };
};

test('3.1 a good answer: output, confidence, tool calls and usage, from a signed request', async () => {
  const toolCalls = [{ tool: 'move', arguments: { to: 'spam' }, status: 'ok' }, { name: 'note', arguments: '{"a":1}' }];
  const { reply, received } = await ask(answers({ output: { label: 'spam' }, confidence: 0.875, toolCalls, usage: { inputTokens: 12, output_tokens: 3, cost: 0.00021 } }));
  expect(reply).toMatchObject({
    outcome: 'answer', output: { label: 'spam' }, confidence: '0.875', usage: { inputTokens: 12, outputTokens: 3, cost: '0.00021' },
    toolCalls: [{ tool: 'move', arguments: { to: 'spam' }, status: 'ok' }, { tool: 'note', arguments: { a: 1 } }],
  });
  expect(reply).not.toHaveProperty('traced');
  const { method, path, headers, body } = received[0]!;
  expect([method, path, JSON.parse(body)]).toEqual(['POST', '/answer', { id: 'case-1', input: { text: 'Grüße', n: 2 } }]);
  const request = { method, url: `http://${headers.host}${path}`, headers: headers as Record<string, string>, body };
  expect(await verifyRequest(request, signer.publicKey, new Date().toISOString(), () => false)).toMatchObject({ ok: true, agent: { did: signer.did } });
});

test('3.1 templates fill in the case once, and pointers find the answer', async () => {
  const { reply, received } = await ask(answers({ result: { label: 'a', sure: '0.5' }, tokens: { prompt_tokens: 7 } }), {
    body: { q: 'Say: {input/text}!', n: '{input/n}', all: '{input}', keep: '{other} {}', id: 'x-{id}' },
    answer: { output: '/result/label', confidence: '/result/sure', usage: '/tokens' },
  });
  expect(JSON.parse(received[0]!.body)).toEqual({ q: 'Say: Grüße!', n: 2, all: { text: 'Grüße', n: 2 }, keep: '{other} {}', id: 'x-case-1' });
  expect(reply).toMatchObject({ outcome: 'answer', output: 'a', confidence: '0.5', usage: { inputTokens: 7 }, toolCalls: [], traced: false });
});

test('3.1 what a case says is never read as a placeholder; a member that it lacks stops the run', async () => {
  const { url, received } = await service(answers({ output: 1 }));
  const running = await start({ kind: 'http', url, body: { q: '{input/text} for {id}' } });
  await running.ask({ id: 'case-1', input: { text: '{id}{input}' } });
  expect(JSON.parse(received[0]!.body)).toEqual({ q: '{id}{input} for case-1' });
  await expect(running.ask({ id: 'case-2', input: {} })).rejects.toMatchObject({ code: 'TARGET_FAILED', at: 'case-2', message: 'a case has nothing at {input/text}' });
});

test('3.1 a plain text is an output too', async () => {
  const { reply } = await ask(answers('spam\n'), { answer: { format: 'text' } });
  expect(reply).toMatchObject({ outcome: 'answer', output: 'spam', traced: false });
});

describe('3.3 classes of outcome', () => {
  const hang: Handler = () => undefined;
  const slowBody: Handler = (_received, response) => {
    response.writeHead(200);
    response.write('{"output":');
  };
  const dies: Handler = (_received, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"output":', () => response.destroy());
  };
  const rows: readonly (readonly [name: string, handler: Handler, expected: string, says: string, asked: number])[] = [
    ['never answers', hang, 'fault: timeout', 'no answer within 1000 ms', 1],
    ['a body that does not end', slowBody, 'fault: timeout', 'no answer within 1000 ms', 1],
    ['dies in the middle of the body', dies, 'fault: unreachable', 'could not be reached', 3],
    ['resets the connection', (_received, response) => { response.socket?.destroy(); }, 'fault: unreachable', 'could not be reached', 3],
    ['429', answers('slow down', 429), 'fault: overloaded', 'answers with 429', 3],
    ['503 for ever', answers('', 503), 'fault: overloaded', 'answers with 503', 3],
    ['502', answers('<html>', 502), 'fault: unreachable', 'answers with 502', 3],
    ['408', answers('', 408), 'fault: unreachable', 'answers with 408', 3],
    ['504', answers('', 504), 'fault: unreachable', 'answers with 504', 3],
    ['500 with words', answers({ error: 'index out of range' }, 500), 'failure: agent-error', 'index out of range', 1],
    ['500 without words', answers('', 500), 'fault: agent-error', 'answers with 500', 1],
    ['501', answers('not implemented', 501), 'fault: agent-error', 'answers with 501', 1],
    ['no JSON', answers('<h1>hello</h1>'), 'fault: garbage', 'gave no JSON', 1],
    ['doubled keys', answers('{"output":1,"output":2}'), 'fault: garbage', 'gave no JSON', 1],
    ['no output', answers({ result: 1 }), 'fault: garbage', 'nothing at "/output"', 1],
    ['an error of the agent', answers({ error: '503 from the provider' }), 'fault: agent-error', '503 from the provider', 1],
    ['invalid UTF-8', answers(Buffer.from('7b226f7574707574223a22ff227d', 'hex')), 'fault: garbage', 'not UTF-8', 1],
    ['a body without an end in sight', answers(`{"output":"${'x'.repeat(5 * 1024 * 1024)}"}`), 'fault: garbage', 'longer than 4194304 bytes', 1],
    ['confidence above one', answers({ output: 1, confidence: 1.5 }), 'fault: garbage', 'confidence', 1],
    ['usage in words', answers({ output: 1, usage: 'plenty' }), 'fault: garbage', '"usage"', 1],
    ['a negative count of tokens', answers({ output: 1, usage: { inputTokens: -1 } }), 'fault: garbage', '"usage"', 1],
    ['tool calls without arguments', answers({ output: 1, toolCalls: [{ tool: 'x' }] }), 'fault: garbage', '"toolCalls"', 1],
    ['an unknown status of a tool call', answers({ output: 1, toolCalls: [{ tool: 'x', arguments: {}, status: 'maybe' }] }), 'fault: garbage', '"toolCalls"', 1],
  ];
  test.each(rows)('%s', async (_name, handler, expected, says, asked) => {
    const { reply, received } = await ask(handler, { timeout: 'PT1S', retries: 2 });
    expect(classOf(reply)).toBe(expected);
    expect(told(reply)).toContain(says);
    expect(told(reply)).toMatch(/^[^\u0000-\u001f\u007f-\u009f]*$/);
    expect(received).toHaveLength(asked);
    expect(Number.isInteger(reply.milliseconds)).toBe(true);
  });

  test('3.3 arguments that are no object are kept as the agent wrote them', async () => {
    const { reply } = await ask(answers({ output: 1, toolCalls: [{ tool: 'move', arguments: '{"to":' }, { tool: 'move', arguments: [1] }, { tool: 'move', arguments: '' }] }));
    expect(reply).toMatchObject({ toolCalls: [{ tool: 'move', arguments: {}, malformed: '{"to":' }, { malformed: '[1]' }, { tool: 'move', arguments: {} }] });
    expect((reply as { toolCalls: readonly object[] }).toolCalls[2]).not.toHaveProperty('malformed');
  });
});

describe('3.3 our own mistakes stop the run', () => {
  test.each([
    [404, 'no such page', /answers with 404: "no such page"$/, 'target.url'],
    [400, 'bad field', /answers with 400: "bad field"$/, 'does not fit'],
    [401, 'key sk-secret-1 is wrong', /answers with 401$/, 'target.key'],
    [302, '', /answers with 302$/, 'redirect'],
  ])('%i', async (status, body, message, hint) => {
    await expect(ask(answers(body, status, status === 302 ? { location: 'https://elsewhere.example/' } : {}))).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringMatching(message), hint: expect.stringContaining(hint) });
  });
  test.each(['http://example.com/', 'http://10.0.0.1/', 'ftp://localhost/', 'https://user:word@example.com/'])('%s may not be asked', async (url) => {
    await expect(start({ kind: 'http', url })).rejects.toMatchObject({ code: 'TARGET_FAILED', hint: expect.stringContaining('https') });
  });
});

describe('3.3 asked again', () => {
  test('429 with Retry-After, then an answer: the wait is what was asked for', async () => {
    const { reply, received, clock } = await ask((received, response, count) => (count < 3 ? answers('', 429, { 'retry-after': '2' }) : answers({ output: 'late' }))(received, response, count));
    expect(reply).toMatchObject({ outcome: 'answer', output: 'late' });
    expect(reply).not.toHaveProperty('retryAfter');
    expect(received).toHaveLength(3);
    expect(clock.pauses.reduce((a, b) => a + b, 0)).toBe(4000);
  });
  test('a date in Retry-After', async () => {
    const { clock } = await ask((received, response, count) => (count < 2 ? answers('', 503, { 'retry-after': new Date(Date.now() + 10_000).toUTCString() }) : answers({ output: 1 }))(received, response, count));
    const waited = clock.pauses.reduce((a, b) => a + b, 0);
    expect([waited > 4000, waited <= 10_000]).toEqual([true, true]);
  });
  test('a wait of an hour is not waited for', async () => {
    const { reply, received } = await ask(answers('', 429, { 'retry-after': '3600' }));
    expect([classOf(reply), received.length]).toEqual(['fault: overloaded', 1]);
  });
  test('pauses grow and differ; retries: 0 asks once', async () => {
    const { clock, received } = await ask(answers('', 503), { retries: 4 });
    expect(received).toHaveLength(5);
    const total = clock.pauses.reduce((a, b) => a + b, 0);
    expect([total >= 3750, total <= 7500]).toEqual([true, true]);
    expect((await ask(answers('', 503), { retries: 0 })).received).toHaveLength(1);
  });
  test('a kept connection that the other side has closed is replaced at once', async () => {
    const { url, received } = await service((received, response, count) => (count === 2 ? response.socket?.destroy() : answers({ output: count })(received, response, count)));
    const running = await start({ kind: 'http', url, retries: 0 });
    await running.ask({ id: 'a', input: 1 });
    expect(await running.ask({ id: 'b', input: 1 })).toMatchObject({ outcome: 'answer', output: 3 });
    expect(new Set(received.map(({ headers }) => headers.signature)).size).toBe(3);
  });
  test('closing ends a wait', async () => {
    const { url, received } = await service(answers('', 503, { 'retry-after': '59' }));
    const running = await start({ kind: 'http', url });
    const reply = running.ask({ id: 'a', input: 1 });
    while (received.length === 0) await new Promise((done) => setTimeout(done, 5));
    await running.close();
    expect(classOf(await reply)).toMatch(/^fault: /);
  });
});

describe('3.3 no way there', () => {
  const unreachable = async (url: string) => {
    const running = await start({ kind: 'http', url, retries: 0 });
    return running.ask({ id: 'a', input: 1 });
  };
  test('connection refused', async () => {
    const server = createServer();
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => { server.close(done); });
    const reply = await unreachable(`http://127.0.0.1:${port}/`);
    expect([classOf(reply), told(reply)]).toEqual(['fault: unreachable', `http://127.0.0.1:${port} could not be reached: ECONNREFUSED`]);
  });
  test('a name that nobody has', async () => {
    expect(classOf(await unreachable('https://nowhere.invalid/'))).toBe('fault: unreachable');
  });
  test('a certificate that nobody vouches for, whatever a variable says', async () => {
    const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
    const server = createSecure({ key: pem('localhost.key'), cert: pem('localhost.crt') }, (_request, response) => response.end('{"output":1}'));
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    closing(() => { server.closeAllConnections(); server.close(); });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      expect(classOf(await unreachable(`https://localhost:${(server.address() as AddressInfo).port}/`))).toBe('fault: unreachable');
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    }
  });
});

describe('3.3 the key', () => {
  test('comes from a file, goes into a header, and never into a message', async () => {
    const folder = freshFolder({ key: 'sk-secret-1\n' });
    const { reply, received } = await ask(answers({ error: 'sk-secret-1 is not welcome' }, 500), { key: { file: `${folder}/key` } });
    expect(received[0]!.headers.authorization).toBe('Bearer sk-secret-1');
    expect(told(reply)).toBe('the agent answers with 500: "{\\"error\\":\\"… is not welcome\\"}"'.replaceAll('\\"', '"'));
    const own = await ask(answers({ output: 1 }), { key: { file: `${folder}/key`, header: 'X-Api-Key' }, headers: { 'x-tenant': 'a' } });
    expect(own.received[0]!.headers).toMatchObject({ 'x-api-key': 'sk-secret-1', 'x-tenant': 'a' });
  });
  test('a variable may name the file', async () => {
    const folder = freshFolder({ key: 'sk-2' });
    const { url, received } = await service(answers({ output: 1 }));
    const running = await start({ kind: 'http', url, key: { variable: 'P_FILE', scheme: 'Token' } }, { variable: (name) => (name === 'P_FILE' ? `${folder}/key` : undefined) });
    await running.ask({ id: 'a', input: 1 });
    expect(received[0]!.headers.authorization).toBe('Token sk-2');
    await expect(start({ kind: 'http', url, key: { variable: 'Q_FILE' } }, { variable: () => undefined })).rejects.toMatchObject({ code: 'TARGET_FAILED' });
  });
  test.each([['missing', undefined], ['empty', '\n'], ['of two lines', 'sk-1\nsk-2']])('%s is a fault without the key in it', async (_name, text) => {
    const folder = freshFolder(text === undefined ? {} : { key: text });
    const refused = await start({ kind: 'http', url: 'http://localhost:1/', key: { file: `${folder}/key` } }).catch((fault: unknown) => fault);
    expect(refused).toMatchObject({ code: 'TARGET_FAILED' });
    expect(JSON.stringify(refused)).not.toContain('sk-1');
  });
});

test('3.3 closing ends what is in flight, and nothing is sent any more', async () => {
  const { url, received } = await service((got, response, count) => (count === 1 ? answers({ output: 1 })(got, response, count) : undefined));
  const running = await start({ kind: 'http', url });
  await running.ask({ id: 'a', input: 1 });
  const reply = running.ask({ id: 'b', input: 1 });
  while (received.length < 2) await new Promise((done) => setTimeout(done, 5));
  await running.close();
  expect(classOf(await reply)).toBe('fault: unreachable');
  expect(classOf(await running.ask({ id: 'c', input: 1 }))).toBe('fault: unreachable');
  expect(received).toHaveLength(2);
});

test('3.3 a limit of requests spaces them evenly', async () => {
  const { url } = await service(answers({ output: 1 }));
  const clock = notedClock();
  const running = await start({ kind: 'http', url, rate: { perSecond: 100, perMinute: 60 } }, { clock });
  await Promise.all(['a', 'b', 'c'].map((id) => running.ask({ id, input: 1 })));
  const total = clock.pauses.reduce((a, b) => a + b, 0);
  expect([total > 2800, total <= 3000]).toEqual([true, true]);
});

test('a service says nothing of what it is built from', async () => {
  const running = await start({ kind: 'http', url: 'http://localhost:1/' });
  expect(await running.describe()).toEqual({ files: {}, hosted: true });
});
