/** Which era an MCP server is of, told from how it meets a question of the newer one; what only the newer one says; and servers that say neither. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../src/domain/json.js';
import type { Target } from '../../../src/domain/manifest.js';
import { McpConversation } from '../../../src/adapters/targets/mcp-conversation.js';
import { McpHttp } from '../../../src/adapters/targets/mcp-http.js';
import { systemRandom } from '../../../src/adapters/system.js';
import { AGENTS, answers, classOf, closeAll, closing, help, notedClock, service, start, told, type Handler } from './fixture.js';

const SDK = fileURLToPath(new URL('./mcp-stateless-server.mjs', import.meta.url));
let child: ChildProcess;
let sdk: string;
beforeAll(async () => {
  child = fork(SDK, ['http', 'json'], { execArgv: [], stdio: 'pipe' });
  sdk = await new Promise((resolve) => child.once('message', (message: { readonly url: string }) => resolve(message.url)));
});
afterEach(closeAll);
afterAll(() => { child.kill(); });

const open = async (more: Partial<Target>) => start({ kind: 'mcp', tool: 'answer', retries: 0, ...more } as Target);
const here = (mode: string, more: Partial<Target> = {}) => start({ kind: 'mcp', tool: 'answer', command: [process.execPath, `${AGENTS}/mcp-eras.mjs`, mode], ...more } as Target);
const versionOf = async (running: { describe(): Promise<JsonObject> }) => ((await running.describe())['mcp'] as JsonObject)['version'];

/** A server by hand: `of` gives an answer for each method, or a handler. */
const rpc = (of: (method: string, params: JsonObject) => Handler | object): Handler => (received, response, count) => {
  const { id, method, params } = JSON.parse(received.body || '{}') as { id?: number; method?: string; params?: JsonObject };
  const reply = of(method ?? '', params ?? {});
  if (typeof reply === 'function') return (reply as Handler)(received, response, count);
  return id === undefined ? void response.writeHead(202).end() : answers({ jsonrpc: '2.0', id, ...reply })(received, response, count);
};
const GREETING = { result: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'x', version: '1' } } };
const DISCOVERED = { result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {}, _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'x', version: '2' } } } };
const text = (words: string) => ({ result: { content: [{ type: 'text', text: words }] } });
/** @param discover how it meets the question of the newer era @param call its answer to a call */
const by = (discover: Handler | object, call: Handler | object = text('hello'), schema: Json = { type: 'object' }) => rpc((method) => {
  if (method === 'server/discover') return discover;
  if (method === 'initialize') return GREETING;
  return method === 'tools/list' ? { result: { tools: [{ name: 'answer', inputSchema: schema }] } } : method === 'tools/call' ? call : {};
});
const newer = (call: Handler | object, schema?: Json) => by(DISCOVERED, call, schema);
const withStatus = (status: number, error: object): Handler => (received, response, count) => answers({ jsonrpc: '2.0', id: (JSON.parse(received.body) as { id: number }).id, error }, status)(received, response, count);

describe('3.1 a server elsewhere that is of the older era', () => {
  test.each<[string, Handler | object]>([
    ['does not know the method', { error: { code: -32601, message: 'no' } }],
    ['refuses with a status and words of its own', answers('Bad Request', 400)],
    ['refuses with a status and an error of its own', answers({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no session' } }, 400)],
    ['refuses the version in the header', answers('', 400)],
    ['breaks', answers('{"oops":1}', 500)],
    ['answers with nonsense', { result: { supportedVersions: 'all' } }],
    ['answers with no JSON', answers('<html>')],
    ['names only versions of the older era', { result: { supportedVersions: ['2025-06-18'] } }],
    ['supports only versions of the older era', withStatus(400, { code: -32022, message: 'no', data: { supported: ['2025-06-18'] } })],
  ])('%s', async (_name, discover) => {
    const { url, received } = await service(by(discover));
    const running = await open({ url });
    expect(await running.ask({ id: 'a', input: {} })).toMatchObject({ output: 'hello' });
    expect(await versionOf(running)).toBe('2025-06-18');
    expect(received.map(({ headers }) => headers['mcp-method'])).toEqual(['server/discover', undefined, undefined, undefined, undefined]);
  });
});

test('3.1 a question of the newer era says by itself what it speaks, in its body and in its headers, and is never greeted', async () => {
  const { url, received } = await service(newer(text('hello')));
  const running = await open({ url, headers: { 'mcp-name': 'other' } });
  expect(await running.ask({ id: 'a', input: { say: 'x' } })).toMatchObject({ output: 'hello' });
  expect((await running.describe())['mcp']).toEqual({ version: '2026-07-28', server: { name: 'x', version: '2' } });
  await running.close();
  expect(received.map(({ method, headers }) => [method, headers['mcp-protocol-version'], headers['mcp-method'], headers['mcp-session-id']])).toEqual(['server/discover', 'tools/list', 'tools/call'].map((method) => ['POST', '2026-07-28', method, undefined]));
  expect(received.at(-1)?.headers['mcp-name']).toBe('answer');
  const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': { name: 'agentctl', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} };
  expect(received.map(({ body }) => (JSON.parse(body) as { params: JsonObject }).params['_meta'])).toEqual([meta, meta, meta]);
});

describe('3.3 results of the newer era that are no answer', () => {
  const asks = { resultType: 'input_required', inputRequests: { size: { method: 'elicitation/create', params: { message: 'How many?' } } } };
  test.each<[string, Handler | object, string, string]>([
    ['a question for a person', { result: asks }, 'failure: input-required', 'the agent asks back instead of answering: "How many?"'],
    ['the same, from a server that sees we have nobody to ask', withStatus(400, { code: -32021, message: 'no', data: { requiredCapabilities: { elicitation: {} } } }), 'failure: input-required', 'the agent asks back instead of answering: "no"'],
    ['a result of an unknown type', { result: { resultType: 'task', content: [{ type: 'text', text: 'x' }] } }, 'fault: garbage', 'the result of the tool has the unknown type "task"'],
    ['a type that is no text', { result: { resultType: { a: 1 }, ...text('x').result } }, 'fault: garbage', 'the result of the tool has the unknown type "{"a":1}"'],
    ['unfinished without a reason', { result: { resultType: 'input_required', ...text('x').result } }, 'fault: garbage', 'the tool is not done and says not why'],
    ['an error with a status', withStatus(400, { code: -32603, message: 'boom' }), 'failure: agent-error', 'the server reports -32603: "boom"'],
    ['an error of its own with a status', withStatus(400, { code: -32050, message: 'quota' }), 'fault: agent-error', 'the server reports -32050: "quota"'],
    ['overloaded', answers('', 503), 'fault: overloaded', expect.stringContaining('503') as unknown as string],
  ])('%s', async (_name, call, expected, says) => {
    const { url } = await service(newer(call));
    const reply = await (await open({ url })).ask({ id: 'a', input: {} });
    expect([classOf(reply), told(reply)]).toEqual([expected, says]);
  });
  test.each<[string, Handler | object, string]>([
    ['a model', { result: { resultType: 'input_required', inputRequests: { m: { method: 'sampling/createMessage', params: {} } } } }, 'the tool needs "sampling" of its client'],
    ['roots, from a server that sees we have none', withStatus(400, { code: -32021, message: 'no', data: { requiredCapabilities: { roots: {} } } }), 'the tool needs "roots" of its client'],
    ['nobody knows what', { error: { code: -32021, message: 'no' } }, 'the tool needs more of its client'],
    ['other headers', withStatus(400, { code: -32020, message: 'mismatch' }), 'the server reports -32020'],
    ['another method', withStatus(404, { code: -32601, message: 'what?' }), 'the server reports -32601'],
  ])('a server that wants %s stops the run', async (_name, call, says) => {
    const { url } = await service(newer(call));
    await expect((await open({ url })).ask({ id: 'a', input: {} })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(says) });
  });

  test.each<[string, () => Partial<Target>]>([['standard input', () => ({ command: [process.execPath, SDK, 'stdio', 'reject'] })], ['HTTP', () => ({ url: sdk })]])('the same from the protocol\'s own SDK over %s', async (_name, place) => {
    const running = await open({ ...place(), ...(place().command === undefined ? {} : { retries: undefined }) } as Partial<Target>);
    const say = (word: string) => running.ask({ id: 'a', input: { say: word } });
    expect(classOf(await say('ask'))).toBe('failure: input-required');
    await expect(say('sample')).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining('"sampling"') });
    expect(await say('later')).toMatchObject({ output: 'later: kept by the client' });
  });
  test('a tool that is never done is a time-out', async () => {
    const reply = await (await here('later', { timeout: 'PT1S' })).ask({ id: 'a', input: {} });
    expect([classOf(reply), told(reply)]).toEqual(['fault: timeout', 'no answer within 1000 ms']);
  });
});

describe('3.3 servers that are of no era we speak', () => {
  test.each<[string, Handler | object, string]>([
    ['newer than the newer', { result: { supportedVersions: ['2030-01-01', '2029-01-01'] } }, 'the server speaks MCP "2030-01-01", "2029-01-01"'],
    ['the same as an error', withStatus(400, { code: -32022, message: 'no', data: { supported: ['2030-01-01'] } }), 'the server speaks MCP "2030-01-01"'],
    ['no version', { result: { supportedVersions: [] } }, 'the server speaks MCP of no version'],
    ['a header lost on the way', withStatus(400, { code: -32020, message: 'mismatch' }), 'the server reports -32020: "mismatch"'],
    ['too busy to say', answers('', 503), 'does not list its tools'],
  ])('%s', async (_name, discover, says) => {
    const { url, received } = await service(by(discover));
    await expect(open({ url })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(says) });
    expect(received).toHaveLength(1);
  });
  test.each<[string, Handler, string]>([
    ['leads from one place to the next', (_received, response) => void response.writeHead(307, { location: '/again' }).end(), 'answers with 307'],
    ['does not take the key', answers('', 401), 'answers with 401'],
    ['gives no JSON', answers('hello'), 'does not list its tools'],
  ])('one that %s, whatever it is asked', async (_name, handler, says) => {
    const { url, received } = await service(handler);
    await expect(open({ url })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(says) });
    expect(received).toHaveLength(2);
  });
  test('one that hangs: the question ends with its limit', async () => {
    const { url, received } = await service(() => undefined);
    const connection = await McpHttp.open({ target: { kind: 'mcp', url, tool: 'answer' }, folder: AGENTS, help, clock: notedClock(), random: systemRandom(), path: '', variable: () => undefined, thread: undefined });
    closing(() => connection.close());
    expect(await new McpConversation(connection).call({ method: 'tools/list', params: {} }, AbortSignal.timeout(200))).toMatchObject({ fallen: { outcome: 'fault', cause: 'unreachable' } });
    expect(received).toHaveLength(1);
  });
});

describe('a server started here', () => {
  test.each<[string, string, string]>([
    ['3.1 answers with nonsense', 'garbage', 'older'], ['3.1 has an error of its own', 'odd', 'older'], ['3.1 ends when it does not know a method', 'dies', 'older'],
    ['3.1 complains in a line', 'prints', 'older'], ['3.1 names a version of the older era', 'mixed', 'older'],
    ['3.3 is newer than the newer', 'unheard', 'the server speaks MCP "2030-01-01", "2029-01-01"'], ['3.3 says so as an error', 'unsupported', 'the server speaks MCP "2030-01-01"'],
    ['3.3 speaks no version', 'none', 'the server speaks MCP of no version'], ['3.3 refuses the version that it names', 'contradicts', 'the server reports -32022'],
  ])('%s', async (_name, mode, expected) => {
    if (expected !== 'older') return expect(here(mode)).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(expected) });
    const running = await here(mode);
    expect(await running.ask({ id: 'a', input: {} })).toMatchObject({ output: 'version of the greeting' });
    return expect(await versionOf(running)).toBe('2025-06-18');
  });
  test('3.1 one that is silent is of the older era, one that takes its time to start need not be', async () => {
    const both = await Promise.all([here('silent'), here('slow')]);
    expect(await Promise.all(both.map((running) => running.ask({ id: 'a', input: {} })))).toMatchObject([{ output: 'version of the greeting' }, { output: 'version 2026-07-28' }]);
  });
});

test('3.3 a server of the newer era that died is replaced by one that is neither greeted nor asked for its era', async () => {
  const running = await here('newer');
  const say = (word: string) => running.ask({ id: 'a', input: { say: word } });
  expect(await say('count')).toMatchObject({ output: 'question 3' });
  expect(classOf(await say('die'))).toBe('fault: crash');
  expect(await say('count')).toMatchObject({ output: 'question 1' });
});

test.each<[string, () => Partial<Target>]>([['standard input', () => ({ command: [process.execPath, SDK, 'stdio', 'reject'] })], ['HTTP', () => ({ url: sdk })]])('3.3 a call of the newer era that never ends is a time-out over %s', async (_name, place) => {
  const running = await start({ kind: 'mcp', tool: 'answer', timeout: 'PT1S', ...place() } as Target);
  const reply = await running.ask({ id: 'a', input: { say: 'never' } });
  expect([classOf(reply), told(reply)]).toEqual(['fault: timeout', 'no answer within 1000 ms']);
});

describe('3.1 arguments that go as headers', () => {
  test('whatever they hold, the protocol\'s own SDK finds them again', async () => {
    const running = await open({ url: sdk });
    for (const say of ['plain', ' padded ', 'two\nlines', 'Grüße', '=?base64?literal?=', '']) expect(await running.ask({ id: 'a', input: { say } })).toMatchObject({ output: `echo: ${say}` });
    expect(await running.ask({ id: 'a', input: { say: 'n', late: 1 } })).toMatchObject({ output: 'echo: n' });
  });
  test.each<[string, Json, JsonObject, string | Record<string, string>]>([
    ['at the top and below', { properties: { a: { type: 'string', 'x-mcp-header': 'A' }, in: { type: 'object', properties: { b: { type: 'boolean', 'x-mcp-header': 'B' } } } } }, { a: 'x', in: { b: true } }, { a: 'x', b: 'true' }],
    ['not given, or null', { properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'integer', 'x-mcp-header': 'B' } } }, { a: null }, {}],
    ['a property that is called like the mark', { properties: { 'x-mcp-header': { type: 'string' } }, examples: [{ 'x-mcp-header': 'x' }] }, {}, {}],
    ['a number', { properties: { a: { type: 'number', 'x-mcp-header': 'A' } } }, {}, 'marks arguments'],
    ['a name that is none', { properties: { a: { type: 'string', 'x-mcp-header': 'A B' } } }, {}, 'marks arguments'],
    ['an empty name', { properties: { a: { type: 'string', 'x-mcp-header': '' } } }, {}, 'marks arguments'],
    ['the same name twice', { properties: { a: { type: 'string', 'x-mcp-header': 'A' }, b: { type: 'string', 'x-mcp-header': 'a' } } }, {}, 'marks arguments'],
    ['within a list', { properties: { a: { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } } } }, {}, 'marks arguments'],
    ['behind a reference', { $defs: { a: { type: 'string', 'x-mcp-header': 'A' } } }, {}, 'marks arguments'],
    ['the arguments themselves', { type: 'string', 'x-mcp-header': 'A' }, {}, 'marks arguments'],
  ])('%s', async (_name, schema, input, expected) => {
    const { url, received } = await service(newer(text('hello'), schema));
    if (typeof expected === 'string') return expect(open({ url })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(expected) });
    await (await open({ url })).ask({ id: 'a', input });
    const sent = Object.entries(received.at(-1)?.headers ?? {}).flatMap(([name, value]) => (name.startsWith('mcp-param-') ? [[name.slice(10), value]] : []));
    return expect(Object.fromEntries(sent)).toEqual(expected);
  });
});
