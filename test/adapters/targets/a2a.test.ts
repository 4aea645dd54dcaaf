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

describe.each([['1.0', 'JSONRPC'], ['1.0', 'HTTP+JSON'], ['0.3', 'JSONRPC'], ['0.3', 'HTTP+JSON']])('further turns with A2A %s over %s', (version, binding) => {
  const running = async (more: Partial<Target> = {}) => start({ kind: 'a2a', url: await server(version, binding), retries: 0, ...more });
  test.each<[string, string, readonly Json[], object]>([
    ['one for each question', 'book 2', ['for two', 'at noon'], { outcome: 'answer', output: 'book 2, for two, at noon', askedBack: ['question 1', 'question 2'] }],
    ['no more than it asks for', 'book 1', ['for two', 'at noon'], { outcome: 'answer', output: 'book 1, for two', askedBack: ['question 1'] }],
    ['none that it asks for', 'hello', ['for two'], { outcome: 'answer', output: 'echo: hello' }],
    ['fewer than it asks for', 'book 2', ['for two'], { outcome: 'failure', cause: 'input-required', message: 'the agent asks back instead of answering: "question 2"', askedBack: ['question 1'] }],
    ['as data', 'book 1', [{ say: 'for two' }], { outcome: 'answer', output: 'book 1, for two' }],
  ])('3.1 %s', async (_name, input, turns, expected) => {
    const reply = await (await running()).ask({ id: 'case-1', input, turns });
    expect(reply).toMatchObject(expected);
    expect('askedBack' in reply).toBe(input !== 'hello');
  });
  test('3.1 what the turns used and called is added up, and the time is of all', async () => {
    const reply = await (await running({ answer: { output: '/text', usage: '/usage', toolCalls: '/calls' } })).ask({ id: 'case-1', input: 'count 2', turns: ['a', 'b'] });
    expect(reply).toMatchObject({ output: 'count 2, a, b', usage: { inputTokens: 30, outputTokens: 3, cost: '0.0003' }, toolCalls: [1, 2, 3].map((turn) => ({ tool: 'look', arguments: { turn } })), askedBack: [1, 2].map((number) => expect.objectContaining({ text: `question ${number}` })) });
    expect(reply.milliseconds).toBeGreaterThanOrEqual(45);
  });
  test('3.3 an agent that wants to be let in stops the run, whatever turns there are', async () => {
    await expect((await running()).ask({ id: 'case-1', input: 'auth', turns: ['a'] })).rejects.toMatchObject({ code: 'TARGET_FAILED', hint: expect.stringContaining('target.key') });
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
  test.each<[string, (got: { readonly body: string }, count: number) => object, string]>([
    ['an answer to another request', (got) => ({ ...result(got, { result: { task: task('TASK_STATE_COMPLETED') } }), id: 'f'.repeat(32) }), 'fault: garbage'],
    ['an answer to no request', (got) => ({ ...result(got, { result: { task: task('TASK_STATE_COMPLETED') } }), id: null }), 'fault: garbage'],
    ['an error of whoever could not read the request', (got) => ({ ...result(got, { error: { code: -32700, message: 'no' } }), id: null }), 'fault: agent-error'],
    ['another task than the one that is looked at', (got, count) => result(got, { result: { task: count === 2 ? task('TASK_STATE_WORKING') : { ...task('TASK_STATE_COMPLETED'), id: 't-2' } } }), 'fault: garbage'],
    ['the task in another context', (got, count) => result(got, { result: { task: { ...task(count === 2 ? 'TASK_STATE_WORKING' : 'TASK_STATE_COMPLETED'), contextId: `c-${count}` } } }), 'fault: garbage'],
  ])('%s', async (_name, value, expected) => {
    const { url } = await withCard((got, response, count) => answers(value(got, count))(got, response, count));
    expect(classOf((await ask(url, 'x')).reply)).toBe(expected);
  });
  test.each([-32601, -32602, -32004, -32009])('%i stops the run', async (code) => {
    const { url } = await withCard((got, response, count) => answers(result(got, { error: { code, message: 'no' } }))(got, response, count));
    await expect(ask(url, 'x')).rejects.toMatchObject({ code: 'TARGET_FAILED' });
  });
});

describe('3.3 further turns, against a server by hand', () => {
  const sent = (received: readonly { readonly body: string }[]) => received.slice(1).map(({ body }) => JSON.parse(body) as { method: string; params: { message?: { taskId?: string; contextId?: string; parts: object[] } } });
  /** @param of the result of each call, from 1 */
  const agent = (of: (call: number) => object | undefined) => service((received, response, count) => {
    if (received.method === 'GET') return answers({ name: 'x', supportedInterfaces: [{ url: `http://${received.headers.host}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] })(received, response, count);
    const { id, method } = JSON.parse(received.body) as { id: string; method: string };
    const result = method === 'CancelTask' ? { result: {} } : of(count - 1);
    return result === undefined ? undefined : answers({ jsonrpc: '2.0', id, ...result })(received, response, count);
  });
  const task = (state: string, more: object = {}) => ({ result: { task: { id: 't-1', contextId: 'c-1', status: { state: `TASK_STATE_${state}`, message: { parts: [{ text: 'what?' }] } }, ...more } } });
  const talk = async (of: (call: number) => object | undefined, more: Partial<Target> = {}) => {
    const { url, received } = await agent(of);
    const running = await start({ kind: 'a2a', url, retries: 0, ...more });
    return { received, running, ask: () => running.ask({ id: 'case-1', input: 'x', turns: ['y', 'z'] }) };
  };

  test('an agent that asks for ever is heard as often as there are turns', async () => {
    const { received, ask: converse } = await talk(() => task('INPUT_REQUIRED'));
    expect(classOf(await converse())).toBe('failure: input-required');
    expect(sent(received).map(({ method, params: { message } }) => [method, message?.taskId, message?.contextId, message?.parts])).toEqual([
      ['SendMessage', undefined, undefined, [{ text: 'x' }]], ['SendMessage', 't-1', 'c-1', [{ text: 'y' }]], ['SendMessage', 't-1', 'c-1', [{ text: 'z' }]],
    ]);
  });
  test.each<[string, (call: number) => object, string | RegExp, readonly Json[]]>([
    ['a task without a context', (call) => task(call === 1 ? 'INPUT_REQUIRED' : 'COMPLETED', { contextId: 7 }), 'answer', ['what?']],
    ['a question without a word', (call) => task(call === 1 ? 'INPUT_REQUIRED' : 'COMPLETED', call === 1 ? { status: { state: 'TASK_STATE_INPUT_REQUIRED' } } : {}), 'answer', ['']],
    ['failed in the second turn', (call) => task(call === 1 ? 'INPUT_REQUIRED' : 'FAILED'), 'failure: task-failed', ['what?']],
    ['lost in the second turn', (call) => (call === 1 ? task('INPUT_REQUIRED') : { error: { code: -32001, message: 'task not found' } }), 'fault: agent-error', ['what?']],
    ['another task in the second turn', (call) => (call === 1 ? task('INPUT_REQUIRED') : task('COMPLETED', { id: 't-2' })), 'fault: garbage', ['what?']],
    ['another context in the second turn', (call) => (call === 1 ? task('INPUT_REQUIRED') : task('COMPLETED', { contextId: 'c-2' })), 'fault: garbage', ['what?']],
    ['a message about another task', (call) => (call === 1 ? task('INPUT_REQUIRED') : { result: { message: { role: 'ROLE_AGENT', taskId: 't-2', parts: [{ text: 'done' }] } } }), 'fault: garbage', ['what?']],
    ['a message about the task', (call) => (call === 1 ? task('INPUT_REQUIRED') : { result: { message: { role: 'ROLE_AGENT', taskId: 't-1', contextId: 'c-1', parts: [{ text: 'done' }] } } }), 'answer', ['what?']],
    ['a message instead of a task', (call) => (call === 1 ? task('INPUT_REQUIRED') : { result: { message: { role: 'ROLE_AGENT', parts: [{ text: 'done' }] } } }), 'answer', ['what?']],
  ])('%s', async (_name, of, expected, askedBack) => {
    const reply = await (await talk(of)).ask();
    expect([classOf(reply), reply.askedBack]).toEqual([expected, askedBack]);
  });
  test('a status that is the old one still is no second question', async () => {
    const old = { status: { state: 'TASK_STATE_INPUT_REQUIRED', timestamp: '2026-11-28T10:00:00.000Z', message: { parts: [{ text: 'what?' }] } } };
    const { received, ask: converse } = await talk((call) => (call < 4 ? task('INPUT_REQUIRED', old) : task('COMPLETED')));
    expect(await converse()).toMatchObject({ outcome: 'answer', askedBack: ['what?'] });
    expect(sent(received).map(({ method }) => method)).toEqual(['SendMessage', 'SendMessage', 'GetTask', 'GetTask']);
  });
  test('a login in the second turn stops the run', async () => {
    await expect((await talk((call) => task(call === 1 ? 'INPUT_REQUIRED' : 'AUTH_REQUIRED'))).ask()).rejects.toMatchObject({ code: 'TARGET_FAILED', hint: expect.stringContaining('target.key') });
  });
  test('a question whose usage cannot be read spoils the case, as an answer does', async () => {
    const { ask: converse } = await talk(() => task('INPUT_REQUIRED', { status: { state: 'TASK_STATE_INPUT_REQUIRED', message: { parts: [{ data: { usage: 7 } }] } } }), { answer: { usage: '/usage' } });
    expect(classOf(await converse())).toBe('fault: garbage');
  });
  test('no answer to the second turn: the time is that of the conversation, and the task is given up', async () => {
    const { received, ask: converse } = await talk((call) => (call === 1 ? task('INPUT_REQUIRED') : undefined), { timeout: 'PT1S' });
    const reply = await converse();
    expect([classOf(reply), reply.askedBack]).toEqual(['fault: timeout', ['what?']]);
    for (let i = 0; i < 50 && sent(received).at(-1)?.method !== 'CancelTask'; i += 1) await new Promise((done) => setTimeout(done, 20));
    expect(sent(received).map(({ method }) => method)).toEqual(['SendMessage', 'SendMessage', 'CancelTask']);
  });
});

test.each<Target>([
  { kind: 'jsonl', command: [process.execPath, 'echo.mjs'] }, { kind: 'exec', command: ['cat'], answer: { format: 'text' } }, { kind: 'http', url: 'http://127.0.0.1:9/' },
  { kind: 'openai-chat', url: 'http://127.0.0.1:9/', model: 'm' },
])('3.3 no other kind says the first turn only: $kind', async (target) => {
  const running = await start({ retries: 0, ...target });
  await expect(running.ask({ id: 'case-1', input: 'x', turns: ['y'] })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(`an agent of kind ${target.kind} can be given no further turns`) });
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
