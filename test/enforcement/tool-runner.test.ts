/** Tools as real processes: what they see of us, and what counts as done, failed and unknown. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/adapters/system.js';
import { toolRunner } from '../../src/adapters/tool-runner.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { Tool } from '../../src/domain/manifest.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentctl-tool-'));
  process.env['AGENTCTL_TEST_SECRET'] = 'hunter2';
});
afterAll(async () => {
  delete process.env['AGENTCTL_TEST_SECRET'];
  await rm(folder, { recursive: true, force: true });
});

const tools = toolRunner(process.env['PATH'] ?? '', systemClock());
const run = (script: string, args: JsonObject = {}, more: Partial<Tool> = {}) =>
  tools.run({ name: 'tool', description: 'x', command: [process.execPath, '-e', script], input: {}, ...more }, args, { folder, build: '/builds/abc' });
// A killed orphan may stay in the process table until somebody reaps it.
const alive = (pid: number): boolean => /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim());

describe('6.7 a tool sees its arguments and nothing of ours', () => {
  test('arguments on standard input, PATH only, folder of agent.yaml', async () => {
    const script = `let t='';process.stdin.on('data',d=>t+=d).on('end',()=>console.log(JSON.stringify({got:JSON.parse(t),env:Object.keys(process.env),cwd:process.cwd()})))`;
    const { outcome, result } = await run(script, { text: 'a "b" $(c) {build}' });
    expect(outcome).toBe('done');
    expect(result).toEqual({ got: { text: 'a "b" $(c) {build}' }, env: ['PATH'], cwd: folder });
  });
  test('{build} in the command is the active build', async () => {
    const { result } = await tools.run({ name: 'tool', description: 'x', command: [process.execPath, '-e', 'console.log(JSON.stringify({at:process.argv[1]}))', '{build}/m'], input: {} }, {}, { folder, build: '/builds/abc' });
    expect(result).toEqual({ at: '/builds/abc/m' });
  });
  test('a tool that reads nothing does not break a large argument', async () => {
    expect((await run('console.log("{}")', { text: 'x'.repeat(500_000) })).outcome).toBe('done');
  });
});

describe('what is proven', () => {
  test.each<[string, string, string, string]>([
    ['an object', 'done', '', 'console.log(JSON.stringify({ok:true}))'],
    ['an exit status', 'failed', 'tool ended with 3: mailbox is full', 'console.error("first");console.error("mailbox is full");process.exit(3)'],
    ['no answer', 'unknown', 'gave no JSON object', ''],
    ['a list', 'unknown', 'must be a JSON object', 'console.log("[]")'],
    ['two objects', 'unknown', 'text after the JSON value', 'console.log("{}{}")'],
    ['a key twice', 'unknown', 'duplicate key', `console.log('{"ok":true,"ok":false}')`],
    ['killed by somebody else', 'unknown', 'SIGKILL', 'process.kill(process.pid,"SIGKILL")'],
    ['endless output', 'unknown', 'endless output', 'for(let i=0;i<3000;i++)process.stdout.write("x".repeat(1000))'],
  ])('%s is %s', async (_name, outcome, message, script) => {
    const result = await run(script);
    expect(result.outcome).toBe(outcome);
    expect(result.message).toContain(message);
    expect(Number.isInteger(result.milliseconds)).toBe(true);
  });

  test('a command that does not exist has failed: nothing ran', async () => {
    expect(await run('', {}, { command: ['./no-such-tool'] })).toMatchObject({ outcome: 'failed', result: null });
  });

  test('a timeout is unknown and takes the children of the tool with it', async () => {
    const script = `const c=require('child_process').spawn(process.execPath,['-e','setInterval(()=>{},1000)'],{stdio:'inherit'});require('fs').writeFileSync('pids',process.pid+' '+c.pid);setInterval(()=>{},1000)`;
    await writeFile(join(folder, 'pids'), '');
    const result = await run(script, {}, { timeout: 'PT1S' });
    expect(result).toMatchObject({ outcome: 'unknown', result: null, message: 'tool was stopped after its time' });
    const pids = (await readFile(join(folder, 'pids'), 'utf8')).split(' ').map(Number);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(pids).toHaveLength(2);
    expect(pids.filter(alive)).toEqual([]);
  });

  test('a child that left the group and holds the pipe does not hold us', async () => {
    const script = `const c=require('child_process').spawn(process.execPath,['-e','setTimeout(()=>{},6000)'],{stdio:'inherit',detached:true});c.unref();console.log('{}')`;
    const result = await run(script, {}, { timeout: 'PT1S' });
    expect(result.outcome).toBe('unknown');
    expect(result.milliseconds).toBeLessThan(4000);
  });
});
