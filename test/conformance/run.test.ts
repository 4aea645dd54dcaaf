/** The conformance script itself: it fails where there is nothing to check, and asks for its folder. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const SCRIPT = new URL('./run.js', import.meta.url).pathname;
const run = (...words: string[]) => new Promise<{ exit: unknown; out: string }>((resolve) => {
  execFile(process.execPath, [SCRIPT, ...words], (error, stdout, stderr) => resolve({ exit: error?.code ?? 0, out: stdout + stderr }));
});

test('twin: an empty folder is a failure, and none at all a question', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'agentctl-vectors-'));
  const { exit, out } = await run(empty);
  expect([exit, out.match(/FAILED/g)?.length]).toEqual([1, 5]);
  expect(await run()).toMatchObject({ exit: 2, out: expect.stringContaining('npm run conformance -- FOLDER') });
  rmSync(empty, { recursive: true });
});
