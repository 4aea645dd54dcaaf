import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { spawn } from '@lydell/node-pty';
import { colourLevel, terminal, type ColourFlag, type ColourLevel } from '../../src/adapters/terminal.js';
import { prompt } from '../../src/adapters/prompt.js';
import type { Question } from '../../src/domain/ports.js';

const TTY = { isTTY: true, depth: 8 };
const PIPE = { isTTY: false, depth: 1 };

describe('colour is decided once per stream', () => {
  test.each<[string, Record<string, string>, ColourFlag, ColourLevel, ColourLevel]>([
    ['nothing said', {}, undefined, 2, 0],
    ['--color', {}, true, 2, 1],
    ['--no-color', {}, false, 0, 0],
    ['--color beats NO_COLOR', { NO_COLOR: '1' }, true, 2, 1],
    ['--no-color beats FORCE_COLOR', { FORCE_COLOR: '3' }, false, 0, 0],
    ['NO_COLOR', { NO_COLOR: '1' }, undefined, 0, 0],
    ['NO_COLOR empty is not set', { NO_COLOR: '' }, undefined, 2, 0],
    ['NO_COLOR=0 is set', { NO_COLOR: '0' }, undefined, 0, 0],
    ['NO_COLOR beats FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, undefined, 0, 0],
    ['FORCE_COLOR', { FORCE_COLOR: '1' }, undefined, 1, 1],
    ['FORCE_COLOR=3', { FORCE_COLOR: '3' }, undefined, 3, 3],
    ['FORCE_COLOR=true', { FORCE_COLOR: 'true' }, undefined, 2, 1],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, undefined, 0, 0],
    ['FORCE_COLOR empty is not set', { FORCE_COLOR: '' }, undefined, 2, 0],
    ['CLICOLOR_FORCE', { CLICOLOR_FORCE: '1' }, undefined, 2, 1],
    ['CLICOLOR_FORCE=0', { CLICOLOR_FORCE: '0' }, undefined, 2, 0],
    ['CLICOLOR_FORCE beats TERM=dumb', { CLICOLOR_FORCE: '1', TERM: 'dumb' }, undefined, 2, 1],
    ['TERM=dumb', { TERM: 'dumb' }, undefined, 0, 0],
    ['--color beats TERM=dumb', { TERM: 'dumb' }, true, 2, 1],
    ['CLICOLOR=0', { CLICOLOR: '0' }, undefined, 0, 0],
    ['CLICOLOR=1', { CLICOLOR: '1' }, undefined, 2, 0],
  ])('%s', (_name, environment, flag, terminal, pipe) => {
    expect(colourLevel(TTY, environment, flag)).toBe(terminal);
    expect(colourLevel(PIPE, environment, flag)).toBe(pipe);
  });

  test.each<[number, ColourLevel]>([[1, 0], [4, 1], [8, 2], [24, 3]])('a terminal of %d bits has level %d', (depth, level) => {
    expect(colourLevel({ isTTY: true, depth }, {}, undefined)).toBe(level);
  });
});

function piped(quiet = false) {
  const stream = new PassThrough();
  let now = 0;
  const talk = terminal({ stream, interactive: false, colour: 0, quiet, monotonic: () => now });
  return { talk, tick: (milliseconds: number) => (now += milliseconds), text: () => String(stream.read() ?? '') };
}

describe('a pipe', () => {
  test('gets lines, and hostile text cannot move the cursor', () => {
    const { talk, text } = piped();
    talk.say('one');
    talk.say('two\nthree \u001b[2J\u202e');
    expect(text()).toBe('one\ntwo\nthree \\x1b[2J\\u202e\n');
  });

  test('hears of progress after two seconds, then every five, and at the end', () => {
    const { talk, tick, text } = piped();
    const progress = talk.progress('baseline');
    for (let done = 1; done <= 100; done += 1) {
      tick(100);
      progress.update(done, 100);
    }
    progress.end('100 cases');
    expect(text().trimEnd().split('\n')).toEqual(['baseline: 20 of 100, about 8 s left', 'baseline: 70 of 100, about 3 s left', 'baseline: 100 cases']);
  });

  test('estimates from what was done now: what a resumed run found there took no time', () => {
    const { talk, tick, text } = piped();
    const progress = talk.progress('baseline');
    for (let done = 400; done <= 460; done += 1) {
      tick(100);
      progress.update(done, 500);
    }
    expect(text().split('\n')[0]).toBe('baseline: 419 of 500, about 9 s left');
  });

  test('a quick piece of work is one line', () => {
    const { talk, text } = piped();
    const progress = talk.progress('hash');
    progress.update(2, 2);
    progress.end();
    expect(text()).toBe('hash: done\n');
  });

  test('what was cut off does not say done', () => {
    const { talk, text } = piped();
    const progress = talk.progress('baseline');
    progress.update(3, 80);
    progress.end();
    expect(text()).toBe('baseline: ended at 3 of 80\n');
  });

  test('--quiet says nothing', () => {
    const { talk, tick, text } = piped(true);
    talk.say('one');
    const progress = talk.progress('x');
    tick(9000);
    progress.update(1, 2);
    progress.end();
    expect(text()).toBe('');
  });

  test('a reader that leaves early is no failure, and neither is a conversation that a full disk does not take', () => {
    const stream = new PassThrough();
    terminal({ stream, interactive: false, colour: 0, quiet: false, monotonic: () => 0 });
    expect(() => stream.emit('error', Object.assign(new Error('gone'), { code: 'EPIPE' }))).not.toThrow();
    expect(() => stream.emit('error', Object.assign(new Error('full'), { code: 'ENOSPC' }))).not.toThrow();
  });
});

const question: Question = { name: 'organisation', kind: 'input', message: 'Which organisation answers for it?', why: 'Its key signs the certificate.' };

test('without a terminal a question is a fault that names it and the way to answer', async () => {
  const output = new PassThrough();
  const ask = prompt({ interactive: false, input: process.stdin, output: output as unknown as NodeJS.WriteStream, colour: 0 });
  await expect(ask.ask(question)).rejects.toMatchObject({ code: 'ANSWER_MISSING', at: 'organisation', hint: expect.stringContaining('--answers') });
  expect(output.read()).toBeNull();
});

/** Runs a piece of code over the real adapters on a real terminal. */
async function onTerminal(code: string, typed: readonly (readonly [after: string, keys: string])[], env: Record<string, string> = {}) {
  const folder = await mkdtemp(join(process.cwd(), 'node_modules/.terminal-test-'));
  const file = join(folder, 'main.mjs');
  await writeFile(join(folder, 'main.ts'), `import { terminal, colourLevel, streamInfo } from '${process.cwd()}/src/adapters/terminal.ts';
import { prompt } from '${process.cwd()}/src/adapters/prompt.ts';
const colour = colourLevel(streamInfo(process.stderr), process.env, undefined);
const talk = terminal({ stream: process.stderr, interactive: true, colour, quiet: false, monotonic: () => performance.now() });
const ask = (q: never) => prompt({ interactive: true, input: process.stdin, output: process.stderr, colour }).ask(q);
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
try { ${code} } catch (fault) { console.log('FAULT', (fault as { code: string }).code); }`);
  await build({ entryPoints: [join(folder, 'main.ts')], outfile: file, bundle: true, format: 'esm', platform: 'node', packages: 'external', logLevel: 'silent' });
  const child = spawn(process.execPath, [file], { cols: 80, rows: 24, cwd: folder, env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', ...env } });
  let seen = '';
  const waiting = [...typed];
  child.onData((data) => {
    seen += data;
    const next = waiting[0];
    if (next && seen.includes(next[0])) {
      waiting.shift();
      child.write(next[1]);
    }
  });
  await new Promise<void>((done) => child.onExit(() => done()));
  const { rm } = await import('node:fs/promises');
  await rm(folder, { recursive: true });
  return seen;
}

describe('a real terminal', () => {
  test('a wizard: text, refusal, choice, confirmation; the reason stands above the question', async () => {
    const seen = await onTerminal(
      `const name = await ask({ name: 'n', kind: 'input', message: 'Name?', why: 'People will say it.', default: 'mail', check: (a: string) => a === 'bad' ? 'too bad' : true } as never);
       const stakes = await ask({ name: 's', kind: 'select', message: 'Stakes?', why: 'w', choices: [{ value: 'low', label: 'Low' }, { value: 'high', label: 'High' }], default: 'low' } as never);
       const many = await ask({ name: 'm', kind: 'checkbox', message: 'Roles?', why: 'w', choices: [{ value: 'a', label: 'A' }, { value: 'b', label: 'B' }], default: ['b'] } as never);
       const secret = await ask({ name: 'p', kind: 'secret', message: 'Passphrase?', why: 'w' } as never);
       const sure = await ask({ name: 'c', kind: 'confirm', message: 'Sure?', why: 'w', default: false } as never);
       console.log('ANSWERS', JSON.stringify([name, stakes, many, String(secret).length, sure]));`,
      [['Name?', 'bad\r'], ['too bad', '\u0015\u007f\u007f\u007fmail2\r'], ['Stakes?', '\u001b[B\r'], ['Roles?', '\r'], ['Passphrase?', 'hunter2\r'], ['Sure?', 'y\r']],
    );
    expect(seen).toContain('ANSWERS ["mail2","high",["b"],7,true]');
    expect(seen.indexOf('People will say it.')).toBeLessThan(seen.indexOf('Name?'));
    expect(seen).not.toContain('hunter2');
  });

  test('Ctrl-C at a question is INTERRUPTED', async () => {
    expect(await onTerminal(`await ask({ name: 'n', kind: 'input', message: 'Name?', why: 'w' } as never);`, [['Name?', '\u0003']])).toContain('FAULT INTERRUPTED');
  });

  test('progress is a bar, `say` writes above it, and the end is one line', async () => {
    const seen = await onTerminal(`const bar = talk.progress('baseline'); await sleep(400); bar.update(30, 60); await sleep(250); talk.say('a line'); await sleep(250); bar.end('60 cases');`, []);
    expect(seen).toContain('baseline ██████████░░░░░░░░░░ 30/60');
    expect(seen).toContain('a line\r\n');
    expect(seen).toContain('\u001b[32m✔\u001b[39m baseline: 60 cases\r\n');
  });

  test('NO_COLOR: the terminal moves but has no colour', async () => {
    const seen = await onTerminal(`const bar = talk.progress('baseline'); await sleep(400); bar.update(30, 60); await sleep(250); bar.end();`, [], { NO_COLOR: '1' });
    expect(seen).toContain('30/60');
    expect(seen).not.toMatch(/\u001b\[[0-9;]*m/);
  });
});
