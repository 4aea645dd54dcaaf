/** A tool of an MCP server as the agent, against the protocol's own SDKs of both eras: started here, and over streamable HTTP. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/domain/json.js';
import type { Target } from '../../../src/domain/manifest.js';
import { AGENTS, answers, classOf, closeAll, service, start, told, type Handler } from './fixture.js';

const path = (name: string) => fileURLToPath(new URL(`./${name}.mjs`, import.meta.url));
const [OLDER, NEWER] = [path('mcp-server'), path('mcp-stateless-server')];
const children: ChildProcess[] = [];
afterEach(closeAll);
afterAll(() => children.forEach((child) => child.kill()));

const servers = new Map<string, Promise<string>>();
function server(...words: readonly [file: string, ...rest: string[]]): Promise<string> {
  const known = servers.get(words.join(' ')) ?? new Promise<string>((resolve, reject) => {
    const [file, ...rest] = words;
    const child = fork(file, ['http', ...rest], { execArgv: [], stdio: 'pipe' });
    children.push(child);
    child.once('message', (message: { readonly url: string }) => resolve(message.url));
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)));
  });
  servers.set(words.join(' '), known);
  return known;
}

const WAYS: readonly (readonly [version: string, name: string, place: () => Promise<Partial<Target>>])[] = [
  ['2025-11-25', 'standard input', async () => ({ command: [process.execPath, OLDER] })],
  ['2025-11-25', 'HTTP with JSON', async () => ({ url: `${await server(OLDER, 'json')}/mcp` })],
  ['2025-11-25', 'HTTP with a stream', async () => ({ url: `${await server(OLDER, 'stream')}/mcp` })],
  ['2026-07-28', 'standard input', async () => ({ command: [process.execPath, NEWER, 'stdio', 'reject'] })],
  ['2026-07-28', 'HTTP with JSON', async () => ({ url: await server(NEWER, 'json') })],
  ['2026-07-28', 'HTTP with a stream', async () => ({ url: await server(NEWER, 'stream') })],
  ['2026-07-28', 'standard input, to a server of both eras', async () => ({ command: [process.execPath, NEWER, 'stdio', 'serve'] })],
  ['2026-07-28', 'HTTP, to a server of both eras', async () => ({ url: await server(NEWER, 'json', 'serve') })],
];
const open = async (place: Partial<Target>, more: Partial<Target> = {}) => start({ kind: 'mcp', tool: 'answer', retries: place.command === undefined ? 0 : undefined, ...place, ...more } as Target);

describe.each(WAYS)('MCP %s over %s', (version, _name, place) => {
  test('3.1 answers: text, structured content, JSON, and calls at the same time', async () => {
    const running = await open(await place(), { answer: { format: 'json' } });
    const say = (input: Json) => running.ask({ id: 'case-1', input });
    expect(await say({ say: 'hello' })).toMatchObject({ outcome: 'answer', output: 'echo: hello', traced: false });
    expect(await say({ say: 'data' })).toMatchObject({ outcome: 'answer', output: { label: 'spam', sure: 0.5 } });
    expect(await say({ say: 'json' })).toMatchObject({ outcome: 'answer', output: { label: 'spam', sure: 0.5 } });
    const replies = await Promise.all([90, 1, 45].map((late, index) => say({ say: `n${index}`, late })));
    expect(replies.map((reply) => reply.outcome === 'answer' && reply.output)).toEqual(['echo: n0', 'echo: n1', 'echo: n2']);
    expect(await running.describe()).toEqual({ files: {}, hosted: true, mcp: { version, server: { name: 'drill', version: '9.9.9' } } });
  });

  test('3.3 classes of outcome', async () => {
    const running = await open(await place());
    const classes: string[][] = [];
    for (const say of ['error', 'inside', 'own', 'empty']) {
      const reply = await running.ask({ id: 'case-1', input: { say } });
      classes.push([say, classOf(reply), told(reply)]);
    }
    expect(classes).toEqual([
      ['error', 'failure: tool-error', 'the tool failed: "index out of range"'],
      ['inside', 'failure: agent-error', expect.stringContaining('boom')],
      ['own', 'fault: agent-error', expect.stringContaining('quota')],
      ['empty', 'fault: garbage', 'the tool gave neither text nor structured content'],
    ]);
    await expect(running.ask({ id: 'case-2', input: { say: 'params' } })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('bad arguments') });
    await expect(running.ask({ id: 'case-3', input: 'hello' })).rejects.toMatchObject({ code: 'TARGET_FAILED', hint: expect.stringContaining('target.arguments') });
  });

  test('3.1 arguments from a template; 3.3 a tool that is not there stops before the first case', async () => {
    const templated = await open(await place(), { arguments: { say: 'q: {input}' } });
    expect(await templated.ask({ id: 'case-1', input: 'hello' })).toMatchObject({ output: 'echo: q: hello' });
    await expect(open(await place(), { tool: 'anwser' })).rejects.toMatchObject({ code: 'TARGET_FAILED', hint: 'it has: "other", "answer"' });
  });
});

describe('3.3 a server started here', () => {
  const here = { command: [process.execPath, `${AGENTS}/mcp.mjs`] };
  const asked = async (say: string, timeout = 'PT10S') => {
    const running = await open(here, { timeout });
    return { running, reply: await running.ask({ id: 'a', input: { say } }) };
  };
  test('sees PATH and nothing else of ours, and may ask whether we are there', async () => {
    expect((await asked('environment')).reply).toMatchObject({ output: 'PATH' });
    expect((await asked('ping')).reply).toMatchObject({ output: 'you are there' });
  });
  test('a second answer, and one that nobody asked for, are nobody\'s', async () => {
    const { running, reply } = await asked('twice');
    expect(reply).toMatchObject({ output: 'first' });
    expect(await running.ask({ id: 'b', input: { say: 'x' } })).toMatchObject({ output: 'echo: x' });
  });
  test.each([['die', 'fault: crash', 'exit 7'], ['spin', 'fault: timeout', 'no answer within 2000 ms'], ['print', 'fault: garbage', 'Loading']])('%s: a fresh server answers the next case', async (say, expected, says) => {
    const { running, reply } = await asked(say, say === 'spin' ? 'PT2S' : undefined);
    expect([classOf(reply), told(reply)]).toEqual([expected, expect.stringContaining(says)]);
    expect(classOf(await running.ask({ id: 'b', input: { say: 'x' } }))).toBe('answer');
  });
  test('cannot be started, or is no server', async () => {
    await expect(open({ command: ['agentctl-no-such-server'] })).rejects.toMatchObject({ code: 'TARGET_FAILED' });
    await expect(open({ command: ['echo', 'hello'] })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('does not list its tools') });
  });
});

describe('3.3 a server elsewhere', () => {
  test('a session that was forgotten over there is begun anew', async () => {
    const url = await server(OLDER, 'json');
    const running = await open({ url: `${url}/mcp` }, { retries: 1 });
    await fetch(`${url}/forget`, { method: 'POST' });
    expect(await running.ask({ id: 'a', input: { say: 'hello' } })).toMatchObject({ outcome: 'answer', output: 'echo: hello' });
    const before = (await (await fetch(`${url}/sessions`)).json()) as string[];
    await running.close();
    const after = (await (await fetch(`${url}/sessions`)).json()) as string[];
    expect([before.length - after.length, after.length]).toEqual([1, 0]);
  });

  const rpc = (of: (method: string) => Handler | object): Handler => (received, response, count) => {
    const { id, method } = JSON.parse(received.body || '{}') as { id?: number; method?: string };
    const reply = of(method ?? '');
    if (typeof reply === 'function') return (reply as Handler)(received, response, count);
    return id === undefined ? void response.writeHead(202).end() : answers({ jsonrpc: '2.0', id, ...reply })(received, response, count);
  };
  const honest = (call: Handler | object) => rpc((method) => (method === 'initialize' ? { result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'x', version: '1' } } } : method === 'tools/list' ? { result: { tools: [{ name: 'answer' }] } } : method === 'tools/call' ? call : {}));

  test('the version that was agreed on goes with every later request', async () => {
    const { url, received } = await service(honest({ result: { content: [{ type: 'text', text: 'hello' }] } }));
    const running = await open({ url });
    expect(await running.ask({ id: 'a', input: {} })).toMatchObject({ output: 'hello' });
    expect(received.map(({ headers }) => headers['mcp-protocol-version'])).toEqual(['2026-07-28', undefined, '2025-06-18', '2025-06-18', '2025-06-18']);
    expect(received.every(({ headers }) => headers.signature !== undefined)).toBe(true);
  });
  test('a stream that its sender keeps open is left once the answer is there', async () => {
    const stream: Handler = (received, response) => {
      const { id } = JSON.parse(received.body) as { id: number };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': hello\n\nevent: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\r\n\r\n');
      response.write(`data: {"jsonrpc":"2.0","id":${id},\ndata: "result":{"content":[{"type":"text","text":"streamed"}]}}\n\n`);
    };
    const { url } = await service(honest(stream));
    const running = await open({ url }, { timeout: 'PT5S' });
    expect(await running.ask({ id: 'a', input: {} })).toMatchObject({ outcome: 'answer', output: 'streamed' });
  });
  test('3.3 a tool that tells of its progress ten thousand times is heard in time', async () => {
    const stream: Handler = (received, response) => {
      const { id } = JSON.parse(received.body) as { id: number };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let told = 0;
      const tell = () => {
        told += 1;
        if (told > 10_000) return response.end(`data: {"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"at last"}]}}\n\n`);
        response.write(`data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":${told},"message":"${'x'.repeat(200)}"}}\n\n`);
        return setImmediate(tell);
      };
      tell();
    };
    const { url } = await service(honest(stream));
    expect(await (await open({ url }, { timeout: 'PT20S' })).ask({ id: 'a', input: {} })).toMatchObject({ outcome: 'answer', output: 'at last' });
  }, 30_000);
  test('3.3 what follows the answer may be cut off within a letter', async () => {
    const stream: Handler = (received, response) => {
      const { id } = JSON.parse(received.body) as { id: number };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const next = Buffer.from('data: {"jsonrpc":"2.0","method":"notifications/message","params":"é');
      response.write(Buffer.concat([Buffer.from(`data: {"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":"café"}]}}\n\n`), next.subarray(0, -1)]));
    };
    const { url } = await service(honest(stream));
    expect(await (await open({ url }, { timeout: 'PT5S' })).ask({ id: 'a', input: {} })).toMatchObject({ outcome: 'answer', output: 'café' });
  });
  test.each<[string, Handler | object, string]>([
    ['429', answers('', 429), 'fault: overloaded'],
    ['500 with words', answers('{"oops":1}', 500), 'failure: agent-error'],
    ['somebody else\'s answer', answers({ jsonrpc: '2.0', id: 999, result: {} }), 'fault: garbage'],
    ['no result', {}, 'fault: garbage'],
    ['invalid UTF-8', answers(Buffer.from([0x7b, 0xff])), 'fault: garbage'],
  ])('%s', async (_name, call, expected) => {
    const { url } = await service(honest(call));
    expect(classOf(await (await open({ url })).ask({ id: 'a', input: {} }))).toBe(expected);
  });
  test('a call that never ends is a time-out', async () => {
    const running = await open({ url: `${await server(OLDER, 'stream')}/mcp` }, { timeout: 'PT1S' });
    const reply = await running.ask({ id: 'a', input: { say: 'never' } });
    expect([classOf(reply), told(reply)]).toEqual(['fault: timeout', 'no answer within 1000 ms']);
  });
  test('a version that nobody knows', async () => {
    const { url } = await service(rpc(() => ({ result: { protocolVersion: '2099-01-01' } })));
    await expect(open({ url })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: 'the server speaks MCP "2099-01-01"' });
  });
});
