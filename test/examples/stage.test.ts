/** The stage of the demos: a command that fails there says why, also where its answer was collected instead of shown. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';

const parent = mkdtempSync(join(tmpdir(), 'agentctl-stage-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));

const played = (...words: readonly string[]) => new Promise<string>((done) => {
  const script = `import { openStage } from ${JSON.stringify(resolve('examples/stage.js'))}; await openStage('.', []).answer(${JSON.stringify(words)}).then(() => console.error('no error'), (error) => console.error(error.message));`;
  execFile(process.execPath, ['--input-type=module', '-e', script], { env: { ...process.env, AGENTCTL_DEMO_PARENT: parent } }, (_error, _stdout, stderr) => done(stderr));
});

test.each<[string, readonly string[], RegExp]>([
  ['an exit that was not expected', ['no-such-command'], /^no-such-command --json ended with 2; the folder is \S+\n[\s\S]*"code": ?"USAGE"/],
  ['a fault with an exit that a report may have, too', ['verify', '--certificate', 'none.json'], /^verify --certificate none\.json ended with 3; the folder is \S+\nEVIDENCE_MISSING: .*none\.json/],
])('a failing command is told: %s', async (_name, words, told) => {
  expect(await played(...words)).toMatch(told);
});
