/** The package as it would be shipped: packed from a copy by npm itself, unpacked, and started; nothing of this machine is in it. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { homedir, hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { filesIn } from './support/demo.js';

const ROOT = new URL('../', import.meta.url).pathname.replace(/\/$/, '');
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'agentctl-shipped-')));
const source = join(scratch, 'source');
const unpacked = join(scratch, 'package');
const bin = join(unpacked, 'bin', 'agentctl.js');
const env = { PATH: process.env['PATH'] ?? '', HOME: join(scratch, 'home') };
const agentctl = (...words: readonly string[]) => spawnSync(process.execPath, [bin, ...words], { cwd: scratch, env, encoding: 'utf8' });

beforeAll(() => {
  mkdirSync(source);
  mkdirSync(env.HOME);
  // A copy, because packing rebuilds dist/ from nothing, and other tests run from it.
  for (const name of ['package.json', '.gitignore', 'tsconfig.json', 'tsconfig.types.json', 'README.md', 'LICENSE', 'bin', 'src', 'templates', 'examples', 'test']) cpSync(join(ROOT, name), join(source, name), { recursive: true });
  installed();
  // What must not be shipped, though it lies in folders that are.
  mkdirSync(join(source, 'examples', 'mail-triage', '.agentctl'));
  writeFileSync(join(source, 'examples', 'mail-triage', '.agentctl', 'ledger.db'), 'planted');
  mkdirSync(join(source, 'dist'));
  writeFileSync(join(source, 'dist', 'yesterday.js'), 'planted');
  execFileSync('npm', ['pack', '--pack-destination', scratch], { cwd: source, env, stdio: 'pipe' });
  const tarball = readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '';
  execFileSync('tar', ['xzf', join(scratch, tarball), '-C', scratch]);
  symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
}, 120_000);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Packages as after an installation: links to ours, but real folders for what the program may be bundled from, since bundles name where a file really lies. */
function installed(): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { dev?: boolean }> };
  const [from, to] = [join(ROOT, 'node_modules'), join(source, 'node_modules')];
  mkdirSync(to);
  const all = readdirSync(from).flatMap((name) => (name.startsWith('@') ? readdirSync(join(from, name)).map((one) => `${name}/${one}`) : [name]));
  for (const name of all) {
    const told = packages[`node_modules/${name}`];
    mkdirSync(dirname(join(to, name)), { recursive: true });
    // What is native is never bundled, and large.
    if (told !== undefined && told.dev !== true && !name.startsWith('better-sqlite3')) cpSync(join(from, name), join(to, name), { recursive: true });
    else symlinkSync(join(from, name), join(to, name));
  }
}

const shipped = () => filesIn(unpacked);

describe('the package', () => {
  test('holds program, library, types, templates and examples, and nothing else', () => {
    const files = shipped();
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json', 'bin/agentctl.js', 'dist/main.cjs', 'dist/quick.cjs', 'dist/quick-verify.cjs', 'dist/verify-thread.cjs', 'dist/module-thread.cjs', 'dist/index.js', 'dist/types/index.d.ts', 'templates/agent.standard.yaml', 'examples/mail-triage/demo.js', 'examples/mail-triage/model.json']));
    expect(files.filter((name) => !/^(bin|dist|templates|examples)\/|^(LICENSE|README\.md|package\.json)$/.test(name))).toEqual([]);
    expect(files.filter((name) => /(^|\/)(test|\.agentctl|\.config|data|mailbox)\/|\.test\.|\.map$|\.db$|yesterday|node_modules/.test(name))).toEqual([]);
    expect(files.filter((name) => /\.ts$/.test(name) && !name.startsWith('dist/types/'))).toEqual([]);
  });

  test('names neither this machine nor a folder of it, and no source map', () => {
    const local = [ROOT, source, homedir(), hostname()].filter((name) => name.length > 5);
    const told = shipped().flatMap((name) => {
      const text = readFileSync(join(unpacked, name), 'latin1');
      return [...local, 'sourceMappingURL'].filter((one) => text.includes(one)).map((one) => `${name}: ${one}`);
    });
    expect(told).toEqual([]);
  });

  test('every package that it asks for at run time is a dependency of it', () => {
    const { dependencies } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const asked = shipped().filter((name) => /^dist\/[^/]+\.c?js$/.test(name)).flatMap((name) => [...readFileSync(join(unpacked, name), 'utf8').matchAll(/(?:from|import\(|\b(?:agentctlR|r)equire\d*\()\s*["']([@\w][\w@/.-]*)["']/g)].map(([, one = '']) => one));
    const packages = new Set(asked.filter((one) => !isBuiltin(one)).map((one) => one.split('/').slice(0, one.startsWith('@') ? 2 : 1).join('/')));
    expect([...packages].filter((one) => dependencies[one] === undefined)).toEqual([]);
    expect(packages).toContain('ajv');
  });
});

describe('the program in it', () => {
  test('starts, explains a step, and makes an agent from its templates', () => {
    expect(agentctl('--version')).toMatchObject({ status: 0, stdout: '0.1.0\n' });
    expect(agentctl('explain', 'identity')).toMatchObject({ status: 0, stdout: expect.stringContaining('1. Cryptographic identity') });
    expect(agentctl('doctor').stdout).toMatch(/better-sqlite3 loads/);
    writeFileSync(join(scratch, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
    writeFileSync(join(scratch, 'answers.yaml'), 'command: node agent.js\norganisation: Example Ltd\noperator: erin\noperatorName: Erin Engineer\n');
    const made = spawnSync(process.execPath, [bin, 'init', 'new', '--yes', '--answers', 'answers.yaml'], { cwd: scratch, env: { ...env, AGENTCTL_CONFIG_DIR: join(scratch, 'keys'), AGENTCTL_PASSPHRASE_FILE: join(scratch, 'passphrase') }, encoding: 'utf8' });
    expect(made).toMatchObject({ status: 0, stdout: expect.stringContaining('new is set up') });
    expect(filesIn(join(scratch, 'new'))).toEqual(expect.arrayContaining(['agent.yaml', 'agent.schema.json', '.gitignore', 'incident-notices/runbook.md']));
  });

  test('a reader who leaves early is no failure: schema | head', async () => {
    const shell = spawn('bash', ['-c', 'set -o pipefail; "$0" "$1" schema | head -n 2', process.execPath, bin], { cwd: scratch, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const status = await new Promise<number | null>((done) => shell.on('close', done));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')[1]).toContain('$schema');
  });
});

describe('the library in it', () => {
  const use = (code: string) => {
    writeFileSync(join(unpacked, 'use.mjs'), code);
    return spawnSync(process.execPath, ['use.mjs'], { cwd: unpacked, env, encoding: 'utf8' });
  };

  test('9.3 verifyCertificate is exported by the name of the package, and nothing deeper is', () => {
    const answer = use(`import { verifyCertificate, Fault } from 'agentctl';
const verdict = await verifyCertificate({ envelope: '{}', trust: null, now: '2026-11-22T12:00:00.000Z', subject: null, allowScripted: false });
console.log(verdict.exit, typeof Fault);
await import('agentctl/dist/main.cjs').catch((error) => console.log(error.code));`);
    expect(answer).toMatchObject({ status: 0, stdout: '2 function\nERR_PACKAGE_PATH_NOT_EXPORTED\n' });
  });

  test('its types are those of the export', () => {
    writeFileSync(join(unpacked, 'use.mts'), `import { verifyCertificate, type CertificateVerdict } from 'agentctl';
export const verdict: Promise<CertificateVerdict> = verifyCertificate({ envelope: '{}', trust: null, now: '2026-11-22T12:00:00.000Z', subject: null, allowScripted: false });
// @ts-expect-error there is no such member
export const wrong = verifyCertificate({ envelop: '{}' });
`);
    const checked = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2024', '--types', 'node', 'use.mts'], { cwd: unpacked, env, encoding: 'utf8' });
    expect(checked).toMatchObject({ status: 0, stdout: '' });
  }, 120_000);
});
