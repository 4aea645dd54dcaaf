/** The agent as a program that runs once for each case: the case in its arguments or on its standard input, the answer on its standard output. */
import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Fault } from '../../domain/fault.js';
import { asObject, isObject, parseJson, type JsonObject } from '../../domain/json.js';
import type { RunningTarget, TargetRequest } from '../../domain/ports.js';
import { fault, garbage, type Answered } from './answer.js';
import { answerIn } from './answer-at.js';
import { endGroup, lastWords, notStarted, LOG_TAIL } from './process-group.js';
import { elapsed, memberOf, timeoutOf, type Setup } from './setup.js';
import { asksForInput, fillText, textOf } from './template.js';

/** A longer answer is a runaway. */
const MAX_OUTPUT = 4 * 1024 * 1024;

export async function startExec(setup: Setup): Promise<RunningTarget> {
  const { target, clock } = setup;
  const programs = new Programs(setup);
  const command = memberOf(target, 'command');
  const inArguments = command.some(asksForInput);
  return {
    async ask(request) {
      const started = clock.monotonic();
      const ended = await programs.run(argumentsOf(command, request), inArguments ? '' : textOf(request.input));
      const answered = typeof ended === 'string' ? answerIn(ended, target.answer, 'the program') : ended;
      return { ...answered, milliseconds: elapsed(clock, started) };
    },
    async describe() {
      if (target.describe === undefined) return { files: {} };
      const ended = await programs.run(target.describe, '');
      if (typeof ended === 'string') return buildOf(ended);
      throw unsaid('message' in ended ? ended.message : 'unknown reason');
    },
    close: async () => programs.close(),
  };
}

/** A program that reads its arguments in C sees no further than a NUL. */
function argumentsOf(command: readonly string[], request: TargetRequest): readonly string[] {
  const words = command.map((word) => fillText(word, request));
  if (!words.some((word) => word.includes('\0'))) return words;
  throw new Fault('TARGET_FAILED', 'a case has a NUL, which no argument can carry', { at: request.id, hint: 'leave {input} out of target.command: the case then comes on standard input' });
}

function buildOf(text: string): JsonObject {
  let said: JsonObject;
  try {
    said = asObject(parseJson(text, 'target.describe'), 'target.describe');
  } catch (cause) {
    throw unsaid(cause instanceof Fault ? cause.message : 'unknown reason', cause);
  }
  if (isObject(said['build'])) return said['build'];
  throw unsaid('it prints no build');
}

function unsaid(why: string, cause?: unknown): Fault {
  return new Fault('TARGET_FAILED', `the agent does not say what it was built from: ${why}`, { at: 'agent.yaml: target.describe', hint: 'let the command print {"build":{"files":{…}}}', cause });
}

/** The programs that run at the moment. */
class Programs {
  readonly #setup: Setup;
  readonly #limit: number;
  readonly #running = new Set<ChildProcess>();
  readonly #killAll = () => this.#running.forEach((child) => endGroup(child, 'SIGKILL'));
  #closed = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#limit = timeoutOf(setup.target);
    process.once('exit', this.#killAll);
  }

  close(): void {
    this.#closed = true;
    this.#killAll();
    process.removeListener('exit', this.#killAll);
  }

  /**
   * Standard output of one run, or why there is none. An exit status other than 0 is a crash: the runner asks the case once
   * more on its own, and a second crash is the agent's own failure.
   * @throws {Fault} TARGET_FAILED when it cannot be started
   */
  async run(words: readonly string[], input: string): Promise<string | Answered> {
    if (this.#closed) return fault('crash', 'the agent was closed');
    const child = this.#spawn(words);
    this.#running.add(child);
    let stopped: Answered | undefined;
    const stop = (why: Answered) => {
      stopped ??= why;
      endGroup(child, 'SIGKILL');
      // Somebody who left the group may hold the pipes open for ever.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => stop(fault('timeout', `no answer within ${this.#limit} ms`)), this.#limit);
    const output = new Output(() => stop(garbage(`the program printed more than ${MAX_OUTPUT} bytes`)));
    child.stdout.on('data', (chunk: Buffer) => output.add(chunk));
    child.stdin.end(input);
    try {
      const crash = await this.#endOf(child, words, output);
      return stopped ?? crash ?? output.text() ?? garbage('the program printed what is not UTF-8');
    } finally {
      clearTimeout(timer);
      this.#running.delete(child);
    }
  }

  #spawn([file = '', ...rest]: readonly string[]): ChildProcessWithoutNullStreams {
    const { folder, path } = this.#setup;
    try {
      // Our own environment holds keys and tokens; `detached` gives the child a group that can be ended as a whole.
      return spawn(file, rest, { cwd: folder, env: { PATH: path }, stdio: 'pipe', detached: true });
    } catch (cause) {
      throw notStarted([file, ...rest], folder, cause);
    }
  }

  #endOf(child: ChildProcessWithoutNullStreams, words: readonly string[], output: Output): Promise<Answered | undefined> {
    let log = '';
    child.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-LOG_TAIL);
    });
    // A program that needs no input, or dies early, breaks the pipe; its exit tells the story.
    child.stdin.on('error', () => undefined);
    // A grandchild could hold the pipes open for ever.
    child.once('exit', () => endGroup(child, 'SIGKILL'));
    return new Promise((resolve, reject) => {
      child.on('error', (cause) => {
        if (child.pid === undefined) reject(notStarted(words, this.#setup.folder, cause));
      });
      child.once('close', (code, signal) => resolve(code === 0 ? undefined : fault('crash', `the program ended with ${signal ?? `exit ${String(code)}`}${lastWords(log.trim() === '' ? output.end() : log)}`)));
    });
  }
}

class Output {
  readonly #chunks: Buffer[] = [];
  readonly #full: () => void;
  #size = 0;

  constructor(full: () => void) {
    this.#full = full;
  }

  add(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MAX_OUTPUT) this.#full();
    else this.#chunks.push(chunk);
  }

  end(): string {
    return Buffer.concat(this.#chunks).subarray(-LOG_TAIL).toString('utf8');
  }

  /** undefined when it is not UTF-8. */
  text(): string | undefined {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(this.#chunks));
    } catch {
      return undefined;
    }
  }
}
