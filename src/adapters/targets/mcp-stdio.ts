/** An MCP server started here, spoken to over its standard input and output. */
import { isObject, parseJson, type JsonObject } from '../../domain/json.js';
import { fault, garbage, quote, type Answered } from './answer.js';
import { LineChild, type Line } from './line-child.js';
import type { McpConnection, McpQuestion, McpReply } from './mcp-connection.js';
import { memberOf, type Setup } from './setup.js';

const METHOD_NOT_FOUND = -32_601;
/** How long a server may think about a question that those of the older era do not know, and some never answer. */
const SILENCE = 3000;

export class McpStdio implements McpConnection {
  readonly #setup: Setup;
  readonly #waiting = new Map<number, (reply: McpReply) => void>();
  #child: Promise<LineChild> | undefined;
  #greeted = false;
  #asked = 0;
  #closed = false;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  get fresh(): boolean {
    return !this.#greeted;
  }

  agreed(): void {
    this.#greeted = this.#child !== undefined;
  }

  /** A server that hangs on one question may hang on all: it is replaced, and the other open questions are told so. */
  send(question: McpQuestion, signal: AbortSignal): Promise<McpReply> {
    return this.#ask(question, signal, (id) => this.#replace(fault('timeout', 'no answer in time'), id));
  }

  async probe(question: McpQuestion, signal: AbortSignal): Promise<McpReply | 'silent'> {
    let silent = false;
    const reply = await this.#ask(question, AbortSignal.any([signal, AbortSignal.timeout(SILENCE)]), (id) => {
      silent = true;
      this.#waiting.get(id)?.({ fallen: fault('timeout', 'no answer in time') });
    });
    return silent ? 'silent' : reply;
  }

  async #ask({ method, params }: McpQuestion, signal: AbortSignal, giveUp: (id: number) => void): Promise<McpReply> {
    if (this.#closed) return { fallen: fault('crash', 'the server was closed') };
    if (signal.aborted) return { fallen: fault('timeout', 'no answer in time') };
    this.#asked += 1;
    const id = this.#asked;
    const reply = new Promise<McpReply>((settle) => this.#waiting.set(id, settle));
    const late = () => giveUp(id);
    signal.addEventListener('abort', late, { once: true });
    try {
      const child = await this.#alive();
      if (this.#waiting.has(id)) child.send({ jsonrpc: '2.0', id, method, params });
      return await reply;
    } finally {
      signal.removeEventListener('abort', late);
      this.#waiting.delete(id);
    }
  }

  async notify(method: string): Promise<void> {
    (await this.#child)?.send({ jsonrpc: '2.0', method });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    this.#fell(fault('crash', 'the server was closed'));
    await child?.then((one) => one.close(), () => undefined);
  }

  #alive(): Promise<LineChild> {
    if (this.#child) return this.#child;
    const { target, folder, path } = this.#setup;
    // Events of a server that has been replaced must not touch the calls of its successor.
    const current = () => this.#child === life;
    const life: Promise<LineChild> = LineChild.start(memberOf(target, 'command'), folder, path, {
      onLine: (line) => current() && this.#line(line),
      onEnd: (message) => current() && this.#fell(fault('crash', message)),
    });
    this.#child = life;
    life.catch(() => {
      if (current()) this.#child = undefined;
    });
    return life;
  }

  #line(line: Line): void {
    const message = messageOf(line);
    if (typeof message === 'string') return this.#replace(garbage(message));
    const { id, method } = message;
    if (typeof method === 'string') return this.#asks(id, method);
    const settle = typeof id === 'number' ? this.#waiting.get(id) : undefined;
    // An answer to a call that was given up, or that nobody made, is nobody's.
    settle?.({ message });
  }

  /** Servers may ask as well: whether we are there, and for what we do not offer. */
  #asks(id: unknown, method: string): void {
    if (typeof id !== 'number' && typeof id !== 'string') return;
    const answer = method === 'ping' ? { result: {} } : { error: { code: METHOD_NOT_FOUND, message: 'not offered' } };
    void this.#child?.then((child) => child.send({ jsonrpc: '2.0', id, ...answer }));
  }

  #replace(why: Answered, guilty?: number): void {
    const child = this.#child;
    const settle = guilty === undefined ? undefined : this.#waiting.get(guilty);
    if (guilty !== undefined) this.#waiting.delete(guilty);
    settle?.({ fallen: why });
    this.#fell(guilty === undefined ? why : fault('crash', 'the server was replaced: no answer in time to another call'));
    void child?.then((one) => one.discard(), () => undefined);
  }

  #fell(fallen: Answered): void {
    this.#child = undefined;
    this.#greeted = false;
    for (const settle of [...this.#waiting.values()]) settle({ fallen });
    this.#waiting.clear();
  }
}

/** A message, or why the line is none. */
function messageOf(line: Line): JsonObject | string {
  if (line === null) return 'the server printed a line that does not end';
  try {
    const value = parseJson(typeof line === 'string' ? line : new TextDecoder('utf-8', { fatal: true }).decode(line), 'message', 'as text');
    if (isObject(value)) return value;
  } catch {
    // Told below: whatever the reader disliked, the line is no message.
  }
  return `the server printed a line that is no message: ${quote(typeof line === 'string' ? line : Buffer.from(line.subarray(0, 500)).toString('utf8'))}`;
}
