/** Tools of other people that a test runs: where one is missing the test is skipped aloud, and `.ci/run` fails on that. */
import { spawnSync } from 'node:child_process';
import { test } from '@jest/globals';

/** `test` where the tool answers, else `test.skip`. */
export function testWith(tool: string, found: boolean): typeof test | typeof test.skip {
  if (found) return test;
  process.stdout.write(`skipped: needs ${tool}\n`);
  return test.skip;
}

/** The interpreter itself, since what is called python3 may be a script that looks for it each time; undefined where there is none. */
export function python(): string | undefined {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}
