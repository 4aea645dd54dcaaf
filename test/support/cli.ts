/** A desk: a home folder of its own with the tiny agent in it, where `agentctl` is typed as real processes in a still world. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDuration } from '../../src/domain/time.js';
import { stillProgram } from './still-bundle.js';

export interface Answer {
  /** null when a signal ended it. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with the process as soon as it runs; for tests that end it. */
  readonly started?: (child: { readonly pid: number; kill(): void }) => void;
}

/** Types one command: `agentctl <words>`, with nothing of this process's environment but PATH. */
export async function cli(words: readonly string[], { cwd, env, input, started }: CliOptions): Promise<Answer> {
  const program = await stillProgram();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { cwd, env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'pipe' });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, stdout, stderr }));
    child.stdin.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? undefined : reject(error))).end(input ?? '');
    if (child.pid !== undefined) started?.({ pid: child.pid, kill: () => void child.kill('SIGKILL') });
  });
}

/** A home's path is short and takes the same columns everywhere, so that text breaks its lines at the same words. */
const PARENT = realpathSync(existsSync('/tmp') ? '/tmp' : tmpdir());
const HOME_LENGTH = 28;

/** When every desk starts. */
export const NOON = '2026-11-22T12:00:00.000Z';

export interface Report {
  readonly schema: string;
  readonly ok: boolean;
  readonly exit: number;
  readonly report: Record<string, unknown>;
  readonly fault: { readonly code: string; readonly message: string; readonly hint: string | null; readonly at: string | null };
}

export class Desk {
  /** Home folder; holds everything. */
  readonly home: string;
  readonly #seed: string;
  #now = NOON;
  #typed = 0;

  private constructor(home: string, seed: string) {
    this.home = home;
    this.#seed = seed;
  }

  /** @param from prepared home to copy @param seed where chance begins: the same seed and commands give the same bytes */
  static at(from: string, seed: string): Desk {
    const home = mkdtempSync(join(PARENT, 'agentctl-'.padEnd(HOME_LENGTH - PARENT.length - 7, '-')));
    made.push(home);
    cpSync(from, home, { recursive: true, preserveTimestamps: true });
    return new Desk(home, seed);
  }

  /** For the preparation itself: works in the folder that is given. */
  static in(home: string, seed: string): Desk {
    return new Desk(home, seed);
  }

  /** Another desk that looks like this one now. */
  copy(seed = `${this.#seed} copy`): Desk {
    const other = Desk.at(this.home, seed);
    other.#now = this.#now;
    return other;
  }

  /** What the clock of this desk shows. */
  get now(): string {
    return this.#now;
  }

  set now(instant: string) {
    this.#now = instant;
  }

  get env(): Readonly<Record<string, string>> {
    return {
      HOME: this.home,
      AGENTCTL_CONFIG_DIR: join(this.home, '.config', 'agentctl'),
      AGENTCTL_PASSPHRASE_FILE: join(this.home, '.passphrase'),
      STILL_NOW: this.#now,
      // Each process draws from a place of its own, or two keys would be the same.
      STILL_SEED: `${this.#seed} ${this.#typed++}`,
    };
  }

  path(...parts: readonly string[]): string {
    return join(this.home, AGENT, ...parts);
  }

  run(words: readonly string[], { env = {}, cwd = this.path(), ...rest }: Partial<CliOptions> = {}): Promise<Answer> {
    return cli(words, { cwd, env: { ...this.env, ...env }, ...rest });
  }

  /** The JSON answer; fails when standard output is not exactly one document. */
  async json(...words: readonly string[]): Promise<Report> {
    const { stdout, stderr, exit } = await this.run([...words, '--json']);
    if (stderr !== '') throw new Error(`agentctl ${words.join(' ')} --json spoke on standard error: ${stderr}`);
    const report = JSON.parse(stdout) as Report;
    if (report.exit !== exit) throw new Error(`agentctl ${words.join(' ')} --json says exit ${report.exit}, but ended with ${exit}`);
    return report;
  }

  /** Types it and expects the exit status. */
  async expect(exit: number, ...words: readonly string[]): Promise<Answer> {
    const answer = await this.run(words);
    if (answer.exit !== exit) throw new Error(`agentctl ${words.join(' ')} ended with ${answer.exit} instead of ${exit}:\n${answer.stdout}${answer.stderr}`);
    return answer;
  }

  read(...parts: readonly string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  /** @throws when the edit changes nothing */
  edit(file: string, change: (text: string) => string): void {
    const before = this.read(file);
    const after = change(before);
    if (after === before) throw new Error(`the edit of ${file} changes nothing`);
    writeFileSync(this.path(file), after);
  }

  /** Moves the clock on, such as `P1D`. */
  wait(duration: string): void {
    this.#now = addDuration(this.#now, duration);
  }
}

/** Folder of the agent at a desk. */
export const AGENT = 'tiny';

const made: string[] = [];

/** For `afterAll`. */
export function clearDesks(): void {
  for (const home of made.splice(0)) rmSync(home, { recursive: true, force: true });
}

