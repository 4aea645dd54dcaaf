/** A program for each case: what it prints is the answer, how it ends is on record, and nothing of it is left running. */
import { realpath } from 'node:fs/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/domain/json.js';
import type { Target } from '../../../src/domain/manifest.js';
import { AGENTS, classOf, closeAll, freshFolder, start, told } from './fixture.js';

afterEach(closeAll);

const PROGRAM = [process.execPath, `${AGENTS}/exec.mjs`];
const ask = async (input: Json, more: Partial<Target> = {}, folder = AGENTS) => (await start({ kind: 'exec', command: PROGRAM, ...more }, { folder })).ask({ id: 'case-1', input });

test('3.1 a good answer: the case on standard input, PATH and the folder of the build, and nothing of ours', async () => {
  const folder = await realpath(freshFolder());
  process.env['AGENTCTL_TEST_SECRET'] = 'do not leak';
  const reply = await ask({ text: 'ü' }, {}, folder);
  delete process.env['AGENTCTL_TEST_SECRET'];
  expect(reply).toMatchObject({
    outcome: 'answer', output: { seen: { text: 'ü' }, environment: ['PATH'], folder }, confidence: '0.5',
    toolCalls: [{ tool: 'move', arguments: {}, status: 'error' }], usage: { inputTokens: 1, outputTokens: 2, cost: '0.5' },
  });
});

test('3.1 the case as an argument, without a shell', async () => {
  expect(await ask({ text: '$(id); "ü"' }, { command: [...PROGRAM, '{input}'] })).toMatchObject({ output: { seen: { text: '$(id); "ü"' } } });
  expect(await ask('spam', { command: ['echo', '{input}', '{id}'], answer: { format: 'text' } })).toMatchObject({ outcome: 'answer', output: 'spam case-1', traced: false });
});

describe('3.3 classes of outcome', () => {
  test.each<[string, Json, string, string]>([
    ['hangs', { hang: true }, 'fault: timeout', 'no answer within 1000 ms'],
    ['ends badly', { exit: 7 }, 'fault: crash', 'the program ended with exit 7; its log ends: "out of memory, or so it says"'],
    ['ends badly with its reason on standard output', { exit: 1, raw: 'no weights' }, 'fault: crash', 'the program ended with exit 1; its log ends: "no weights"'],
    ['prints nothing', { raw: '' }, 'fault: garbage', 'gave no JSON'],
    ['prints a log line', { raw: 'Loading…\n{"output":1}' }, 'fault: garbage', 'Loading'],
    ['prints two documents', { raw: '{"output":1}\n{"output":2}' }, 'fault: garbage', 'gave no JSON'],
    ['prints its answer twice in one', { raw: '{"output":1,"output":2}' }, 'fault: garbage', 'gave no JSON'],
    ['prints UTF-16', { raw: 'hex:fffe7b007d00' }, 'fault: garbage', 'not UTF-8'],
    ['prints a NUL after its answer', { raw: '{"output":1}\u0000' }, 'fault: garbage', 'gave no JSON'],
    ['nests ten thousand deep', { raw: `{"output":${'['.repeat(10_000)}${']'.repeat(10_000)}}` }, 'fault: garbage', 'gave no JSON'],
    ['prints a number beyond all', { raw: '{"output":1,"confidence":1e400}' }, 'fault: garbage', 'gave no JSON'],
    ['prints its answer and ends badly', { exit: 3, raw: '{"output":1}' }, 'fault: crash', 'exit 3'],
    ['prints no output', { raw: '{"result":1}' }, 'fault: garbage', 'nothing at "/output"'],
    ['prints invalid UTF-8', { raw: 'hex:7b22ff' }, 'fault: garbage', 'not UTF-8'],
    ['prints without an end', { flood: true }, 'fault: garbage', 'more than 4194304 bytes'],
    ['reports an error', { raw: '{"error":"503 from the provider"}' }, 'fault: agent-error', '503 from the provider'],
  ])('%s', async (_name, input, expected, says) => {
    const timeout = expected === 'fault: timeout' ? 'PT1S' : 'PT20S';
    const reply = await ask(input, { timeout });
    expect([classOf(reply), told(reply)]).toEqual([expected, expect.stringContaining(says)]);
  });
  test('3.3 a grandchild that holds the pipe ends with the program', async () => {
    const reply = await ask({ family: true }, { timeout: 'PT20S' });
    expect(classOf(reply)).toBe('answer');
    const pid = Number((reply as { output: Json }).output);
    for (let i = 0; i < 100 && isThere(pid); i += 1) await new Promise((done) => setTimeout(done, 20));
    expect(isThere(pid)).toBe(false);
  });
});

test('3.3 cannot be started, or not with this case', async () => {
  await expect(ask(1, { command: ['agentctl-no-such-agent'] })).rejects.toMatchObject({ code: 'TARGET_FAILED' });
  await expect(ask('a\u0000b', { command: ['echo', '{input}'] })).rejects.toMatchObject({ code: 'TARGET_FAILED', at: 'case-1' });
});

test('it says what it is built from only through the command for that', async () => {
  const silent = await start({ kind: 'exec', command: PROGRAM });
  expect(await silent.describe()).toEqual({ files: {} });
  const open = await start({ kind: 'exec', command: PROGRAM, describe: [process.execPath, '-e', 'console.log(JSON.stringify({build:{files:{"a.mjs":"sha256:0"}}}))'] });
  expect(await open.describe()).toEqual({ files: { 'a.mjs': 'sha256:0' } });
  const wrong = await start({ kind: 'exec', command: PROGRAM, describe: ['echo', 'hello'] });
  await expect(wrong.describe()).rejects.toMatchObject({ code: 'TARGET_FAILED', at: 'agent.yaml: target.describe' });
});

test('close ends what runs', async () => {
  const running = await start({ kind: 'exec', command: PROGRAM });
  const reply = running.ask({ id: 'a', input: { hang: true } });
  await new Promise((done) => setTimeout(done, 100));
  await running.close();
  expect(classOf(await reply)).toBe('fault: crash');
  expect(classOf(await running.ask({ id: 'b', input: {} }))).toBe('fault: crash');
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
