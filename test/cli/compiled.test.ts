/** The kept compiled form of the quick files: used when it is of this very build, and nothing is answered otherwise when it is not. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';

const ROOT = new URL('../../', import.meta.url).pathname;
const scratch = mkdtempSync(join(tmpdir(), 'agentctl-compiled-'));
const [home, file] = [join(scratch, 'agentctl'), join(scratch, 'agentctl/dist/told.cjs')];
const form = `${file}.compiled`;
const EMPTY = { ...process.env, NODE_OPTIONS: '' };
const node = (words: readonly string[], env: NodeJS.ProcessEnv = EMPTY) => spawnSync(process.execPath, words, { env, encoding: 'utf8' });
const keep = () => node([join(home, 'bin/compiled.js'), 'told.cjs', 'a', 'question']);

/** What the file tells, and whether V8 took the kept form of it. */
const LOOK = `
  const vm = require('node:vm');
  let taken = 'none';
  vm.Script = class extends vm.Script { constructor(...given) { super(...given); taken = String(!this.cachedDataRejected); } };
  const { tell } = require(process.argv[1]).load('told.cjs');
  console.log(tell(), taken);
`;
const told = (words: readonly string[] = []) => node([...words, '-e', LOOK, join(home, 'bin/compiled.js')]).stdout.trim();
const source = (word: string) => `const { basename } = require('node:path'); exports.tell = () => basename(__filename) + ' ${word}'; exports.quick = async () => undefined;\n`;

beforeEach(() => {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'bin'), join(home, 'bin'), { recursive: true });
  writeFileSync(file, source('first'));
  expect(keep()).toMatchObject({ status: 0, stderr: '' });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('every file that answers quickly has its form beside it after a build', () => {
  const names = [...readFileSync(join(ROOT, 'bin/agentctl.js'), 'utf8').matchAll(/'(quick[\w-]*)'/g)].map(([, name = '']) => name);
  expect(names).toEqual(['quick', 'quick-verify']);
  for (const name of [...names, 'main']) {
    expect(readFileSync(join(ROOT, `dist/${name}.cjs.compiled`)).length).toBeGreaterThan(10_000);
    // One other letter, and all of it is held at two bytes a letter: write \\u in a regular expression, and ${'→'} in a tagged template.
    const [, stray = ''] = /([^\0-\x7f].{0,30})/.exec(readFileSync(join(ROOT, `dist/${name}.cjs`), 'utf8')) ?? [];
    expect([name, stray]).toEqual([name, '']);
  }
});

test('a file is asked for a short answer first, whose words go nowhere: what that takes is kept', () => {
  const asking = (answer: string) => writeFileSync(file, `exports.tell = () => 'told'; exports.main = async (words) => { process.stdout.write(String(words)); ${answer} };\n`);
  asking('return String(words) === "a,question" ? 0 : Promise.reject(new Error(words));');
  expect(keep()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(told()).toBe('told true');
  asking('await new Promise(() => {});');
  expect(keep()).toMatchObject({ status: 1 });
  asking('throw new Error("not today");');
  expect(keep()).toMatchObject({ status: 1, stderr: expect.stringContaining('not today') });
});

describe('the form', () => {
  test('is taken when it is of this very file', () => {
    expect(told()).toBe('told.cjs first true');
  });

  test('says what the file says in every alphabet', () => {
    writeFileSync(file, 'exports.tell = () => String.raw`● ≥` + /[≥]/.test("\\u2265"); exports.main = async () => 0;\n');
    expect(keep()).toMatchObject({ status: 0, stderr: '' });
    expect(told()).toBe('● ≥true true');
  });

  test('is left alone when the file was written after it, though the new one is as long', () => {
    writeFileSync(file, source('other'));
    expect(told()).toBe('told.cjs other none');
  });

  test('is left alone when it is of a file as long that was written at the same time', () => {
    const { atime, mtime } = statSync(file);
    writeFileSync(file, source('other'));
    utimesSync(file, atime, mtime);
    expect(told()).toBe('told.cjs other none');
  });

  test('is taken from a copy, whatever the time of that', () => {
    utimesSync(file, new Date(), new Date(0));
    expect(told()).toBe('told.cjs first true');
  });

  test('is refused by V8 under other flags, and the file is compiled', () => {
    expect(told(['--no-opt'])).toBe('told.cjs first false');
  });

  test.each([
    ['missing', () => rmSync(form)],
    ['empty', () => writeFileSync(form, '')],
    ['cut', () => writeFileSync(form, readFileSync(form).subarray(0, 40))],
    ['longer', () => appendFileSync(form, 'more')],
    ['damaged by one bit', () => writeFileSync(form, readFileSync(form).map((byte, at) => (at === 200 ? byte ^ 1 : byte)))],
    ['damaged at its end', () => writeFileSync(form, readFileSync(form).map((byte, at, all) => (at === all.length - 1 ? byte ^ 1 : byte)))],
  ])('that is %s costs time only', (_, harm) => {
    harm();
    expect(told()).toBe('told.cjs first none');
  });
});
