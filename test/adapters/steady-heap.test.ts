/** The heap of a long run, in processes of their own: the flags that keep it small are a whole process's. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { transformSync } from 'esbuild';

const { code } = transformSync(readFileSync(new URL('../../src/adapters/steady-heap.ts', import.meta.url), 'utf8'), { loader: 'ts', format: 'esm' });

/** Makes much and holds little of it, as a run does. @returns megabytes of the space for new objects at its end */
function spaceOfARun(before: string): number {
  const script = `${code}
import { getHeapSpaceStatistics } from 'node:v8';
${before}
let held = [];
for (let i = 0; i < 2_000_000; i += 1) {
  held.push({ number: i, text: 'answer ' + i, list: [i] });
  if (held.length > 2_000) held = [];
}
console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 1024 / 1024);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return Number(stdout);
}

test('9 the space for new objects stays as it is in a run of any length, and grows without it', () => {
  expect(spaceOfARun('steadyHeap();')).toBeLessThanOrEqual(4);
  expect(spaceOfARun('')).toBeGreaterThanOrEqual(16);
});
