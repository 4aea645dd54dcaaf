/** A module in a thread: code that does not come back costs the thread and one case, never the runner. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/domain/json.js';
import { classOf, closeAll, freshFolder, start, told } from './fixture.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let bundle = '';
let thread: URL;

beforeAll(() => {
  bundle = mkdtempSync(join(tmpdir(), 'agentctl-module-'));
  execFileSync(join(ROOT, 'node_modules', '.bin', 'esbuild'), ['src/adapters/targets/module-thread.ts', '--bundle', '--format=cjs', '--platform=node', '--target=node20', '--log-level=error', `--outfile=${bundle}/thread.cjs`], { cwd: ROOT });
  thread = pathToFileURL(`${bundle}/thread.cjs`);
});
afterEach(closeAll);
afterAll(() => rmSync(bundle, { recursive: true, force: true }));

const agent = (timeout = 'PT10S') => start({ kind: 'module', file: 'module.mjs', timeout }, { thread });

test('3.1 a good answer, from a thread that sees PATH and nothing else of ours', async () => {
  const running = await agent();
  expect(await running.describe()).toEqual({ files: { 'module.mjs': `sha256:${'0'.repeat(64)}` } });
  expect(await running.ask({ id: 'case-1', input: {}, context: { turn: 1 } })).toMatchObject({
    outcome: 'answer', output: { id: 'case-1', context: { turn: 1 }, environment: ['PATH'] }, confidence: '0.25',
    toolCalls: [{ tool: 'move', arguments: {}, malformed: '{"a"' }], usage: { outputTokens: 4 },
  });
});

test('3.1 answers out of order reach their own questions', async () => {
  const running = await agent();
  const late = [60, 1, 30];
  const replies = await Promise.all(late.map((milliseconds, index) => running.ask({ id: `case-${index}`, input: { late: milliseconds } })));
  expect(replies.map((reply) => (reply as unknown as { output: { id: string } }).output.id)).toEqual(['case-0', 'case-1', 'case-2']);
});

describe('3.3 classes of outcome, and a fresh thread for the next question', () => {
  test.each<[string, Json, string, string]>([
    ['never comes back', { spin: true }, 'fault: timeout', 'no answer within 1000 ms'],
    ['waits for ever', { never: true }, 'fault: timeout', 'no answer within 1000 ms'],
    ['throws', { throw: true }, 'fault: crash', 'the module threw "cannot read properties of undefined"'],
    ['ends its thread', { exit: true }, 'fault: crash', 'exit 3'],
    ['gives nothing', { result: null }, 'fault: garbage', 'gave no { output }'],
    ['gives what is no JSON', { big: true }, 'fault: crash', 'BigInt'],
    ['gives no output', { result: { label: 'a' } }, 'fault: garbage', 'neither output nor error'],
    ['reports an error', { result: { error: 'no model' } }, 'fault: agent-error', 'no model'],
  ])('%s', async (_name, input, expected, says) => {
    const running = await agent(expected === 'fault: timeout' ? 'PT1S' : 'PT10S');
    const reply = await running.ask({ id: 'case-1', input });
    expect([classOf(reply), told(reply)]).toEqual([expected, expect.stringContaining(says)]);
    expect(classOf(await running.ask({ id: 'case-2', input: { result: { output: 1 } } }))).toBe('answer');
  });
});

test('3.3 a thread that is replaced fells the other open questions as crashes', async () => {
  const running = await agent('PT1S');
  const [first, second] = await Promise.all([running.ask({ id: 'a', input: { spin: true } }), running.ask({ id: 'b', input: {} })]);
  expect([first, second].map(classOf).sort()).toEqual(['fault: crash', 'fault: timeout']);
});

test.each<[string, Record<string, string>, string]>([
  ['no such file', {}, 'Cannot find module'],
  ['no default export', { 'a.mjs': 'export const x = 1;' }, 'no default export'],
  ['a mistake in it', { 'a.mjs': 'export default (' }, 'Unexpected'],
  ['it throws as it loads', { 'a.mjs': 'throw new Error("no weights");' }, 'no weights'],
])('3.3 cannot be loaded: %s', async (_name, files, says) => {
  const folder = freshFolder(files);
  await expect(start({ kind: 'module', file: 'a.mjs' }, { thread, folder })).rejects.toMatchObject({ code: 'TARGET_FAILED', message: expect.stringContaining(says) });
});
