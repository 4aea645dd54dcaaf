/** One life of a child that is asked and answers in lines: a process group of its own, a cleared environment, JSON lines in and out. */
import { isAscii } from 'node:buffer';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { JsonObject } from '../../domain/json.js';
import { LineSplitter } from '../line-splitter.js';
import { endGroup, lastWords, notStarted, LOG_TAIL } from './process-group.js';

/** Longest line that is read, in bytes. */
export const MAX_LINE = 4 * 1024 * 1024;
const GRACE = 250;

/** A line as it came, or its text where it is plain ASCII, or null in the place of one that broke the limit. */
export type Line = Uint8Array | string | null;

export interface ChildEvents {
  onLine(line: Line): void;
  /** Once, when the process has ended and its last line was read. */
  onEnd(message: string): void;
}

export class LineChild {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<void>;
  #events: ChildEvents | undefined;
  #log = '';
  /** Lines that go out together: each write wakes the child, and takes longer than everything else that a question costs. */
  #outgoing = '';
  readonly #killNow = () => this.#kill('SIGKILL');

  /** @throws {Fault} TARGET_FAILED when the process cannot be started */
  static async start(command: readonly string[], folder: string, path: string, events: ChildEvents): Promise<LineChild> {
    const [file = '', ...rest] = command;
    const refuse = (cause: unknown) => notStarted(command, folder, cause);
    let child: ChildProcessWithoutNullStreams;
    try {
      // Our own environment holds keys and tokens; `detached` gives the child a group that can be ended as a whole.
      child = spawn(file, rest, { cwd: folder, env: { PATH: path }, stdio: 'pipe', detached: true });
    } catch (cause) {
      throw refuse(cause);
    }
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (cause) => reject(refuse(cause)));
    });
    return new LineChild(child, events);
  }

  private constructor(child: ChildProcessWithoutNullStreams, events: ChildEvents) {
    this.#process = child;
    this.#events = events;
    const lines = new LineSplitter(MAX_LINE);
    child.stdout.on('data', (chunk: Buffer) => this.#read(lines, chunk));
    child.stderr.on('data', (chunk: Uint8Array) => {
      this.#log = (this.#log + Buffer.from(chunk).toString('utf8')).slice(-LOG_TAIL);
    });
    // A child that dies with our question unread breaks the pipe; its end tells the story.
    child.stdin.on('error', () => undefined);
    child.on('error', () => undefined);
    // A grandchild could hold the pipes open for ever.
    child.once('exit', this.#killNow);
    process.once('exit', this.#killNow);
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        process.removeListener('exit', this.#killNow);
        this.#events?.onEnd(`the agent ended with ${signal ?? `exit ${String(code)}`}${lastWords(this.#log)}`);
        this.#events = undefined;
        resolve();
      });
    });
  }

  /** Goes out once whatever is being done has been done, with all that is sent until then. */
  send(message: JsonObject): void {
    if (this.#outgoing === '') queueMicrotask(() => this.#flush());
    this.#outgoing += `${JSON.stringify(message)}\n`;
  }

  /** Ends the whole group at once and reports nothing more. */
  discard(): void {
    this.#events = undefined;
    this.#kill('SIGKILL');
  }

  /** Closes the input, asks the group to end, and makes it end. */
  async close(): Promise<void> {
    this.#events = undefined;
    this.#flush();
    this.#process.stdin.end();
    this.#kill('SIGTERM');
    const insist = setTimeout(this.#killNow, GRACE);
    await this.#ended;
    clearTimeout(insist);
  }

  #flush(): void {
    const text = this.#outgoing;
    this.#outgoing = '';
    if (text !== '' && this.#process.stdin.writable) this.#process.stdin.write(text);
  }

  #read(lines: LineSplitter, chunk: Buffer): void {
    for (const line of isAscii(chunk) ? lines.texts(chunk) : lines.push(chunk)) {
      // An earlier line of the chunk may have ended this life.
      if (this.#events === undefined) return;
      this.#events.onLine(line);
    }
  }

  #kill(signal: NodeJS.Signals): void {
    endGroup(this.#process, signal);
  }
}
