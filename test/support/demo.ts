/** A demo as its user runs it, in a world of its own: one real run of an example's demo.js, and commands typed in the folder that it names. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;
export const AGENTCTL = join(ROOT, 'bin', 'agentctl.js');

export interface Answer {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Demo {
  /** Holds the demo's folder, the places outside it that a program could write to, and copies. */
  readonly scratch = realpathSync(mkdtempSync(join(tmpdir(), 'agentctl-e2e-')));
  /** Named on the demo's last line. */
  folder = '';
  output = '';
  /** What it said on standard error meanwhile. */
  progress = '';
  seconds = 0;

  constructor(private readonly example: 'mail-triage' | 'language-id' = 'mail-triage') {}

  /** Nothing of this process's environment but PATH; home, configuration, cache and temporary files have folders of their own. */
  get env(): Readonly<Record<string, string>> {
    const at = (name: string) => join(this.scratch, 'outside', name);
    return { PATH: process.env['PATH'] ?? '', HOME: at('home'), XDG_CONFIG_HOME: at('config'), XDG_DATA_HOME: at('data'), XDG_CACHE_HOME: at('cache'), XDG_STATE_HOME: at('state'), TMPDIR: at('tmp') };
  }

  async run(): Promise<number | null> {
    for (const name of ['home', 'config', 'data', 'cache', 'state', 'tmp']) mkdirSync(join(this.scratch, 'outside', name), { recursive: true });
    mkdirSync(join(this.scratch, 'demo'));
    const begun = process.hrtime.bigint();
    const { exit, stdout, stderr } = await run([join(ROOT, 'examples', this.example, 'demo.js')], ROOT, { ...this.env, AGENTCTL_DEMO_PARENT: join(this.scratch, 'demo') });
    this.seconds = Number(process.hrtime.bigint() - begun) / 1e9;
    this.output = stdout;
    this.progress = stderr;
    this.folder = /\nfolder: (.+)\n$/.exec(stdout)?.[1] ?? '';
    if (exit !== 0) process.stderr.write(stdout.slice(-3000) + stderr.slice(-3000));
    return exit;
  }

  /** A copy to do harm to; `checkout` leaves out what git would not have: store and keys. */
  copy(name: string, what: 'everything' | 'checkout' = 'everything'): string {
    const to = join(this.scratch, name);
    const left = what === 'checkout' ? ['.agentctl', '.config', 'data', 'mailbox'] : [];
    cpSync(this.folder, to, { recursive: true, filter: (from) => !left.includes(relative(this.folder, from)) });
    return to;
  }

  /** Types `agentctl <words>` with the demo's keys, or with none. */
  agentctl(folder: string, words: readonly string[], keys: 'keys' | 'none' = 'keys'): Promise<Answer> {
    const config = keys === 'keys' ? { AGENTCTL_CONFIG_DIR: join(folder, '.config', 'agentctl'), AGENTCTL_PASSPHRASE_FILE: join(folder, '.config', 'passphrase') } : {};
    return run([AGENTCTL, ...words], folder, { ...this.env, ...config });
  }

  async json(folder: string, words: readonly string[]): Promise<{ readonly exit: number; readonly report: Record<string, unknown> }> {
    return JSON.parse((await this.agentctl(folder, [...words, '--json'])).stdout) as { exit: number; report: Record<string, unknown> };
  }

  /** Every file under a folder of `scratch`, relative, sorted. */
  files(...parts: readonly string[]): readonly string[] {
    return filesIn(join(this.scratch, ...parts));
  }

  clear(): void {
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
}

/** What a program could have left in the clone: files that git does not know, and changes of the example; sources are only written by people. Without git, names and times. */
export function cloneState(): string {
  const { status, stdout } = spawnSync('git', ['status', '--porcelain', '--ignored'], { cwd: ROOT, encoding: 'utf8' });
  if (status === 0) return stdout.split('\n').filter((line) => /^(\?\?|!!) (?!src\/|test\/)|examples\//.test(line)).join('\n');
  return filesIn(join(ROOT, 'examples')).map((name) => `${name} ${statSync(join(ROOT, 'examples', name)).mtimeMs}`).join('\n');
}

function run(words: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, stdout, stderr }));
  });
}
