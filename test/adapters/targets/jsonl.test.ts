/** Real agent processes that hang, die, answer out of order, twice or with garbage: each ends in one clear outcome. */
import { tmpdir } from 'node:os';
import { mkdtemp, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/domain/json.js';
import type { Clock, RunningTarget, TargetReply } from '../../../src/domain/ports.js';
import { systemRandom } from '../../../src/adapters/system.js';
import { targets } from '../../../src/adapters/targets/targets.js';

const AGENTS = join(import.meta.dirname, '../../fixtures/agents');
const clock: Clock = { now: () => '2026-11-22T12:00:00.000Z', monotonic: () => performance.now(), sleep: async () => undefined };
const open: RunningTarget[] = [];

async function agent(name: string, timeout = 'PT5S', folder = AGENTS): Promise<RunningTarget> {
  const target = await targets({ clock, random: systemRandom() }).start({ kind: 'jsonl', command: [process.execPath, join(AGENTS, `${name}.mjs`)], timeout }, folder);
  open.push(target);
  return target;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((target) => target.close()));
});

const said = (reply: TargetReply) => (reply.outcome === 'answer' ? (reply.output as { decision: string }).decision : reply.cause);
const told = (reply: TargetReply) => (reply.outcome === 'fault' ? reply.message : '');

test('3.1 answers, confidence and time come back; the agent says what it was built from', async () => {
  const target = await agent('honest');
  expect(await target.describe()).toEqual({ files: { 'honest.mjs': `sha256:${'0'.repeat(64)}` } });
  const reply = await target.ask({ id: 'case-1', input: { say: 'deliver', confidence: 0.93 } });
  expect(reply).toMatchObject({ outcome: 'answer', output: { decision: 'deliver' }, confidence: '0.93', doubt: false, reason: null, toolCalls: [] });
  expect(Number.isInteger(reply.milliseconds)).toBe(true);
});

test('3.1 usage, and of each tool call its status and arguments, however malformed', async () => {
  const target = await agent('garbage');
  const raw = '{"id":"$ID","output":{},"usage":{"inputTokens":3,"outputTokens":0,"cost":"0.0125"},"toolCalls":[{"tool":"a","arguments":{"x":1},"status":"ok"},{"tool":"b","arguments":"{\\"x\\":","status":"error"},{"tool":"c","arguments":7}]}';
  expect(await target.ask({ id: 'case-1', input: { raw } })).toMatchObject({
    outcome: 'answer', usage: { inputTokens: 3, outputTokens: 0, cost: '0.0125' },
    toolCalls: [{ tool: 'a', arguments: { x: 1 }, status: 'ok' }, { tool: 'b', arguments: {}, malformed: '{"x":', status: 'error' }, { tool: 'c', arguments: {}, malformed: '7' }],
  });
});

test('3.3 the agent sees the request and PATH, and runs in its folder', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'agentctl-')));
  process.env['AGENTCTL_TEST_SECRET'] = 'do not leak';
  const target = await agent('mirror', 'PT5S', folder);
  delete process.env['AGENTCTL_TEST_SECRET'];
  const reply = await target.ask({ id: 'case-1', input: { text: 'ü' } });
  expect(reply).toMatchObject({ output: { request: { id: 'case-1', input: { text: 'ü' } }, environment: ['PATH'], folder } });
});

test('3.1 out-of-order answers reach their own questions', async () => {
  const target = await agent('shuffle');
  const words = ['a', 'b', 'c', 'd', 'e', 'f'];
  const replies = await Promise.all(words.map((say, index) => target.ask({ id: `case-${index}`, input: { say } })));
  expect(replies.map(said)).toEqual(words);
});

test('3.3 hangs: a timeout, and the next question finds a fresh process', async () => {
  const target = await agent('hang', 'PT1S');
  const [first, second] = await Promise.all([target.ask({ id: 'a', input: { hang: true } }), target.ask({ id: 'b', input: {} })]);
  expect([said(first), told(first)]).toEqual(['timeout', 'no answer within 1000 ms']);
  expect(second.outcome).toBe('fault');
  expect(said(await target.ask({ id: 'c', input: {} }))).toBe('ok');
});

test('3.3 dies: everything in flight is a crash that says how it ended, and the next question finds a fresh process', async () => {
  const target = await agent('die');
  const replies = await Promise.all([target.ask({ id: 'a', input: {} }), target.ask({ id: 'b', input: { die: true } }), target.ask({ id: 'c', input: {} })]);
  expect(replies.map(said)).toEqual(['ok', 'crash', 'crash']);
  expect(told(replies[1] as TargetReply)).toBe('the agent ended with exit 7; its log ends: "out of memory, or so it says"');
  expect(said(await target.ask({ id: 'd', input: {} }))).toBe('ok');
});

describe('3.3 breaks the protocol for good', () => {
  test('answers twice: no later answer counts', async () => {
    const target = await agent('twice');
    expect(said(await target.ask({ id: 'a', input: {} }))).toBe('yes');
    const later = await target.ask({ id: 'b', input: {} });
    expect([said(later), told(later)]).toEqual(['garbage', 'the agent answered "a", which was never asked or has been answered']);
    expect(said(await target.ask({ id: 'c', input: {} }))).toBe('garbage');
  });
  test('answers what nobody asked', async () => {
    const target = await agent('stranger');
    const replies = await Promise.all(['a', 'b'].map((id) => target.ask({ id, input: {} })));
    expect(replies.map(said)).toEqual(['garbage', 'garbage']);
    expect(told(replies[0] as TargetReply)).toContain('case-of-somebody-else');
  });
});

describe('3.3 prints garbage', () => {
  test.each<[string, string, string]>([
    ['a log line', 'Loading model…', 'not JSON'],
    ['half an object', '{"id":"$ID","output":', 'not JSON'],
    ['duplicate keys', '{"id":"$ID","output":{"decision":"a"},"output":{"decision":"b"}}', 'not JSON'],
    ['invalid UTF-8', 'hex:7b226964ff0a', 'not JSON'],
    ['an escape sequence', 'hex:1b5b324a0a', 'not JSON'],
    ['no id', '{"output":{"decision":"a"}}', 'without an id'],
    ['neither output nor error', '{"id":"$ID"}', 'neither output nor error'],
    ['confidence above one', '{"id":"$ID","output":{},"confidence":1.01}', 'confidence'],
    ['negative confidence', '{"id":"$ID","output":{},"confidence":-0.1}', 'confidence'],
    ['confidence in words', '{"id":"$ID","output":{},"confidence":"high"}', 'confidence'],
    ['doubt in words', '{"id":"$ID","output":{},"doubt":"yes"}', 'doubt'],
    ['tool calls without arguments', '{"id":"$ID","output":{},"toolCalls":[{"tool":"x"}]}', 'toolCalls'],
    ['usage in words', '{"id":"$ID","output":{},"usage":"much"}', 'usage'],
    ['half a token', '{"id":"$ID","output":{},"usage":{"inputTokens":0.5}}', 'usage'],
    ['a cost below nothing', '{"id":"$ID","output":{},"usage":{"cost":"-1"}}', 'usage'],
    ['an unknown status of a tool call', '{"id":"$ID","output":{},"toolCalls":[{"tool":"x","arguments":{},"status":"fine"}]}', 'toolCalls'],
    ['an error that is no text', '{"id":"$ID","error":{}}', 'error'],
  ])('%s', async (_name, raw, problem) => {
    const target = await agent('garbage');
    const reply = await target.ask({ id: 'case-1', input: { raw } });
    expect(said(reply)).toBe('garbage');
    expect(told(reply)).toContain(problem);
    expect(told(reply)).toMatch(/^[^\u0000-\u001f\u007f-\u009f]*$/);
    expect(said(await target.ask({ id: 'case-2', input: {} }))).toBe('ok');
  });
  test('a line that does not end', async () => {
    const target = await agent('flood');
    const reply = await target.ask({ id: 'a', input: {} });
    expect([said(reply), told(reply)]).toEqual(['garbage', 'the agent printed a line of more than 4194304 bytes']);
  });
});

test('3.3 an error that the agent reports is its own cause', async () => {
  const reply = await (await agent('outage')).ask({ id: 'a', input: {} });
  expect([said(reply), told(reply)]).toEqual(['agent-error', 'the agent reports: "503 from the provider"']);
});

test('close ends the whole process group, polite or not', async () => {
  const target = await agent('family');
  const pid = Number(said(await target.ask({ id: 'a', input: {} })));
  const alive = async () => (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone Z')).split(' ')[2] !== 'Z' && isThere(pid);
  expect(await alive()).toBe(true);
  await target.close();
  for (let i = 0; i < 50 && (await alive()); i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await alive()).toBe(false);
  expect(said(await target.ask({ id: 'b', input: {} }))).toBe('crash');
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each<[string, readonly string[], string]>([['no such program', ['agentctl-no-such-agent'], AGENTS], ['no such folder', [process.execPath], '/nowhere/at/all'], ['a NUL in the command', ['a\u0000b'], AGENTS]])('3.3 cannot be started: %s', async (_name, command, folder) => {
  await expect(targets({ clock, random: systemRandom() }).start({ kind: 'jsonl', command: [...command] }, folder)).rejects.toMatchObject({ code: 'TARGET_FAILED', exit: 6 });
});

test('describe without a build is a fault', async () => {
  const target = await agent('die');
  const silent: Json = await target.describe().catch((fault: { code: string }) => fault.code);
  expect(silent).toBe('TARGET_FAILED');
});
