/** The protocol's own SDK as the agent, in both versions and both bindings; and cards that lead astray. */
import { fork, type ChildProcess } from 'node:child_process';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/domain/json.js';
import type { Target } from '../../../src/domain/manifest.js';
import { interfaceOf } from '../../../src/adapters/targets/a2a-card.js';
import { answers, classOf, closeAll, freshFolder, service, start, told, type Handler } from './fixture.js';

const children: ChildProcess[] = [];
afterEach(closeAll);
afterAll(() => children.forEach((child) => child.kill()));

const servers = new Map<string, Promise<string>>();
function server(...words: readonly string[]): Promise<string> {
  const key = words.join(' ');
  const known = servers.get(key) ?? new Promise<string>((resolve, reject) => {
    const child = fork(new URL('./a2a-server.mjs', import.meta.url), [...words], { execArgv: [], stdio: 'pipe' });
    children.push(child);
    child.once('message', (message: { readonly url: string }) => resolve(message.url));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  servers.set(key, known);
  return known;
}

const ask = async (url: string, input: Json, more: Partial<Target> = {}) => {
  const running = await start({ kind: 'a2a', url, retries: 0, ...more });
  return { running, reply: await running.ask({ id: 'case-1', input }) };
};

describe.each([['1.0', 'JSONRPC'], ['1.0', 'HTTP+JSON'], ['0.3', 'JSONRPC'], ['0.3', 'HTTP+JSON']])('A2A %s over %s', (version, binding) => {
  test('3.1 answers: artifacts, data, messages, words of the status, tasks that take their time', async () => {
    const url = await server(version, binding);
    const running = await start({ kind: 'a2a', url });
    const say = async (input: Json) => running.ask({ id: 'case-1', input });
    expect(await say('hello')).toMatchObject({ outcome: 'answer', output: 'echo: hello', traced: false, toolCalls: [] });
    expect(await say({ say: 'data' })).toMatchObject({ outcome: 'answer', output: { label: 'spam', sure: 0.5 } });
    expect(await say('message')).toMatchObject({ outcome: 'answer', output: 'hello\nthere' });
    expect(await say('words')).toMatchObject({ outcome: 'answer', output: 'done in words' });
    expect(await say('work')).toMatchObject({ outcome: 'answer', output: 'worked' });
    expect(await running.describe()).toEqual({ files: {}, hosted: true, a2a: { url, binding, version }, version: '9.9.9' });
  });

  test('3.3 classes of outcome', async () => {
    const url = await server(version, binding);
    const running = await start({ kind: 'a2a', url, retries: 0 });
    const classes: string[][] = [];
    for (const input of ['fail', 'reject', 'ask', 'cancel', 'empty', 'throw']) {
      const reply = await running.ask({ id: 'case-1', input });
      classes.push([input, classOf(reply), told(reply)]);
    }
    expect(classes).toEqual([
      ['fail', 'failure: task-failed', 'the agent\'s task failed: "because of fail"'],
      ['reject', 'failure: task-rejected', 'the agent\'s task was rejected: "because of reject"'],
      ['ask', 'failure: input-required', 'the agent asks back instead of answering: "because of ask"'],
      ['cancel', 'fault: agent-error', 'the agent\'s task was canceled: "because of cancel"'],
      ['empty', 'fault: garbage', 'the agent gave neither text nor data'],
      ['throw', expect.stringMatching(/^failure: /), expect.stringContaining('index out of range')],
    ]);
    await expect(running.ask({ id: 'case-2', input: 'auth' })).rejects.toMatchObject({ code: 'TARGET_FAILED', hint: expect.stringContaining('target.key') });
  });
});

test('3.3 a task that never ends is a time-out', async () => {
  const { reply } = await ask(await server('1.0', 'JSONRPC'), 'never', { timeout: 'PT1S' });
  expect([classOf(reply), told(reply)]).toEqual(['fault: timeout', 'no answer within 1000 ms']);
});

test.each(['JSONRPC', 'HTTP+JSON'])('3.1 a tenant of the card is handed back over %s', async (binding) => {
  const { reply } = await ask(await server('1.0', binding, 'acme'), 'tenant');
  expect(reply).toMatchObject({ output: 'tenant acme' });
});

test('3.1 what is sent is a template, and an answer in JSON is read', async () => {
  const { reply } = await ask(await server('1.0', 'JSONRPC'), { word: 'json' }, { body: '{input/word}', answer: { format: 'json', output: '/label', confidence: '/sure' } });
  expect(reply).toMatchObject({ outcome: 'answer', output: 'spam', confidence: '0.5' });
});

describe('3.3 polling, against a server by hand', () => {
  const card = (url: string) => ({ name: 'x', version: '1', supportedInterfaces: [{ url: `${url}/rpc`, protocolBinding: 'GRPC', protocolVersion: '1.0' }, { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0.1', tenant: 't1' }] });
  const withCard = (handler: Handler) => service((received, response, count) => (received.method === 'GET' ? answers(card(`http://${received.headers.host}`))(received, response, count) : handler(received, response, count)));
  const result = (received: { readonly body: string }, value: object) => ({ jsonrpc: '2.0', id: (JSON.parse(received.body) as { id: string }).id, ...value });
  const task = (state: string) => ({ id: 't-1', status: { state }, artifacts: [{ parts: [{ text: 'late' }] }] });

  test('a submitted task is looked at until it is done, with version and tenant each time', async () => {
    const { url, received } = await withCard((got, response, count) => answers(result(got, { result: count < 4 ? { task: task(count === 2 ? 'TASK_STATE_SUBMITTED' : 'TASK_STATE_WORKING') } : task('TASK_STATE_COMPLETED') }))(got, response, count));
    expect((await ask(url, 'x')).reply).toMatchObject({ outcome: 'answer', output: 'late' });
    const calls = received.slice(1).map(({ headers, body }) => [headers['a2a-version'], (JSON.parse(body) as { method: string }).method, (JSON.parse(body) as { params: { tenant: string } }).params.tenant]);
    expect(calls).toEqual([['1.0', 'SendMessage', 't1'], ['1.0', 'GetTask', 't1'], ['1.0', 'GetTask', 't1']]);
  });

  test('a task that is never done is given up, and told so', async () => {
    const { url, received } = await withCard((got, response, count) => answers(result(got, { result: { task: task('TASK_STATE_WORKING') } }))(got, response, count));
    expect(classOf((await ask(url, 'x', { timeout: 'PT1S' })).reply)).toBe('fault: timeout');
    const methods = () => received.slice(1).map(({ body }) => (JSON.parse(body) as { method: string }).method);
    for (let i = 0; i < 50 && !methods().includes('CancelTask'); i += 1) await new Promise((done) => setTimeout(done, 20));
    expect(methods().slice(-1)).toEqual(['CancelTask']);
  });
  test.each<[string, object, string]>([
    ['a task that is lost', { error: { code: -32001, message: 'task not found' } }, 'fault: agent-error'],
    ['an error inside', { error: { code: -32603, message: 'boom' } }, 'failure: agent-error'],
    ['an unknown state', { result: { task: task('TASK_STATE_DREAMING') } }, 'fault: garbage'],
    ['neither message nor task', { result: { hello: 1 } }, 'fault: garbage'],
    ['neither result nor error', {}, 'fault: garbage'],
  ])('%s', async (_name, value, expected) => {
    const { url } = await withCard((got, response, count) => answers(result(got, value))(got, response, count));
    expect(classOf((await ask(url, 'x')).reply)).toBe(expected);
  });
  test.each([-32601, -32602, -32004, -32009])('%i stops the run', async (code) => {
    const { url } = await withCard((got, response, count) => answers(result(got, { error: { code, message: 'no' } }))(got, response, count));
    await expect(ask(url, 'x')).rejects.toMatchObject({ code: 'TARGET_FAILED' });
  });
});

describe('3.3 cards that lead nowhere', () => {
  test.each<[string, unknown, string]>([
    ['only gRPC', { supportedInterfaces: [{ url: 'https://a.example', protocolBinding: 'GRPC', protocolVersion: '1.0' }] }, 'names no interface'],
    ['a newer version', { supportedInterfaces: [{ url: 'https://a.example', protocolBinding: 'JSONRPC', protocolVersion: '2.0' }] }, 'names no interface'],
    ['an old version', { protocolVersion: '0.2.5', url: 'https://a.example' }, 'names no interface'],
    ['a private address in clear', { protocolVersion: '0.3.0', url: 'http://10.0.0.1/' }, 'may not be asked'],
    ['no object', ['card'], 'no JSON object'],
  ])('%s', async (_name, card, says) => {
    const { url } = await service(answers(card));
    await expect(ask(url, 'x')).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(says) });
  });
  test('a card from elsewhere that leads to this machine', () => {
    const card = { protocolVersion: '0.3.0', url: 'http://127.0.0.1:8080/' };
    expect(() => interfaceOf(card, 'https://agent.example/.well-known/agent-card.json')).toThrow('which is this machine');
    expect(interfaceOf(card, 'http://localhost:1/agent-card.json')).toMatchObject({ url: 'http://127.0.0.1:8080', version: '0.3', binding: 'JSONRPC' });
  });
  test('a card that leads to another place: the key stays behind', async () => {
    const folder = freshFolder({ key: 'sk-1' });
    const there = await service((received, response, count) => answers({ message: { role: 'ROLE_AGENT', parts: [{ text: 'hello' }] } })(received, response, count));
    const here = await service(answers({ supportedInterfaces: [{ url: there.url, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' }] }));
    expect((await ask(here.url, 'x', { key: { file: `${folder}/key` } })).reply).toMatchObject({ output: 'hello' });
    expect([here, there].map(({ received }) => received[0]?.headers.authorization)).toEqual(['Bearer sk-1', undefined]);
  });
  test('no card', async () => {
    const { url } = await service(answers('', 404));
    await expect(ask(url, 'x')).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('/.well-known/agent-card.json answers with 404') });
    await expect(ask('http://127.0.0.1:9/', 'x')).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('could not be reached') });
  });
});
