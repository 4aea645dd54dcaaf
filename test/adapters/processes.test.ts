import { describe, expect, test } from '@jest/globals';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processes } from '../../src/adapters/processes.js';
import { Fault } from '../../src/domain/fault.js';

const PATH = process.env['PATH'] ?? '';
const here = { cwd: tmpdir(), timeout: 10_000 };
const run = processes(PATH);
const node = process.execPath;

describe('processes', () => {
  test('gives back exit, stdout and stderr apart, and feeds stdin', async () => {
    const script = 'process.stdin.on("data", d => process.stdout.write(String(d).toUpperCase())).on("end", () => { console.error("log"); process.exitCode = 7; })';
    expect(await run.run([node, '-e', script], { ...here, input: 'abc\n' })).toEqual({ exit: 7, stdout: 'ABC\n', stderr: 'log\n', timedOut: false });
  });

  test('a command sees PATH and what it was given, and nothing else of ours', async () => {
    process.env['AGENTCTL_TEST_TOKEN'] = 'secret';
    try {
      const { stdout } = await run.run(['env'], { ...here, env: { GREETING: 'hello' } });
      expect(stdout.trim().split('\n').map((line) => line.split('=')[0]).sort()).toEqual(expect.arrayContaining(['GREETING', 'PATH']));
      expect(stdout).not.toContain('secret');
      expect(stdout).not.toContain('HOME=');
    } finally {
      delete process.env['AGENTCTL_TEST_TOKEN'];
    }
  });

  test('arguments are arguments, never a shell line', async () => {
    const { stdout } = await run.run(['echo', '$HOME; ls', '`id`'], here);
    expect(stdout).toBe('$HOME; ls `id`\n');
  });

  test('a command over its time is ended, its children too, and said to be', async () => {
    const start = process.hrtime.bigint();
    const result = await run.run(['sh', '-c', 'echo begun; sleep 30 & wait'], { ...here, timeout: 300 });
    expect(result).toMatchObject({ exit: null, timedOut: true, stdout: 'begun\n' });
    expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(5000);
  });

  test('a command that ignores SIGTERM is killed', async () => {
    const result = await run.run([node, '-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { ...here, timeout: 500 });
    expect(result.timedOut).toBe(true);
  });

  test('a program that is not there is a fault that names it', async () => {
    const fault = await run.run(['no-such-program-here'], here).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'IO', at: 'no-such-program-here' });
  });

  test('a program that may not run is told apart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agentctl-'));
    await expect(run.run([folder], here)).rejects.toMatchObject({ code: 'IO', message: expect.stringContaining('permission denied') });
  });

  test('an empty command is refused', async () => {
    await expect(run.run([], here)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});

test('many at once leave no listener behind', async () => {
  const before = process.listenerCount('SIGINT');
  const results = await Promise.all(Array.from({ length: 20 }, (_, index) => run.run(['echo', String(index)], here)));
  expect(results.map((result) => result.stdout.trim())).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
  expect(process.listenerCount('SIGINT')).toBe(before);
});
