/** An answer that cannot be written: exit 6 and the reason on standard error, never a stack trace and never a yes. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { clearDesks, type Desk } from '../support/cli.js';
import { testWith } from '../support/needs.js';
import { desk } from '../support/stages.js';
import { stillProgram } from '../support/still-bundle.js';

const FULL = '/dev/full';
const withFull = testWith(FULL, existsSync(FULL));

let at: Desk;
beforeAll(async () => {
  at = await desk('bare', 'full disk');
}, 120_000);
afterAll(clearDesks);

/** Types it with the streams named on a full disk. */
async function typed(words: readonly string[], ...full: readonly ('out' | 'err')[]): Promise<{ readonly exit: number | null; readonly said: string }> {
  const disk = openSync(FULL, 'w');
  try {
    const child = spawn(process.execPath, [await stillProgram(), ...words], { cwd: at.path(), env: { PATH: process.env['PATH'] ?? '', ...at.env }, stdio: ['ignore', full.includes('out') ? disk : 'ignore', full.includes('err') ? disk : 'pipe'] });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    return await new Promise((resolve, reject) => child.on('error', reject).on('close', (exit) => resolve({ exit, said })));
  } finally {
    closeSync(disk);
  }
}

const TOLD = 'IO: cannot write to standard output: the disk is full\nhint: free some space: df -h .\n';

describe('X6 standard output on a full disk', () => {
  withFull.each([
    ['status'], ['status', '--json'], ['--version'], ['--help'], ['verify'], ['verify', '--json'], ['explain', 'identity'], ['audit', 'log', '--json'],
    ['verify', '--certificate', 'agent.yaml', '--trust', 'did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw'],
  ])('%s %s %s', async (...words) => {
    expect(await typed(words.filter((word) => word !== undefined), 'out')).toEqual({ exit: 6, said: TOLD });
  });

  withFull('a fault that was to be told there is told beside it', async () => {
    const { exit, said } = await typed(['explain', 'nothing-such', '--json'], 'out');
    expect([exit, said]).toEqual([2, expect.stringMatching(/^USAGE: [^]*\nIO: cannot write to standard output/)]);
  });

  withFull('with standard error there too, the exit status still tells', async () => {
    expect(await typed(['status'], 'out', 'err')).toEqual({ exit: 6, said: '' });
    expect(await typed(['explain', 'nothing-such'], 'err')).toEqual({ exit: 2, said: '' });
    expect(await typed(['identity', 'register'], 'err')).toEqual({ exit: 0, said: '' });
  });
});
