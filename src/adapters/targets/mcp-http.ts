/** An MCP server elsewhere, spoken to over streamable HTTP: one POST for each message, answered by JSON or by a stream of events. */
import { canonical } from '../../domain/canonical.js';
import { isObject, type JsonObject } from '../../domain/json.js';
import { fault, garbage, quote } from './answer.js';
import { heardWell } from './http-outcome.js';
import { messageIn } from './json-rpc.js';
import type { McpConnection, McpQuestion, McpReply } from './mcp-connection.js';
import { questionHeaders } from './mcp-headers.js';
import { memberOf, type Setup } from './setup.js';
import { Wire, type Heard } from './wire.js';

/** How long the end of a session may take to be said. */
const FAREWELL = 2000;
const REJECTING: ReadonlySet<number> = new Set([400, 404]);

export class McpHttp implements McpConnection {
  readonly #setup: Setup;
  readonly #wire: Wire;
  readonly #url: string;
  #session: string | undefined;
  #version: string | undefined;
  #asked = 0;

  static async open(setup: Setup): Promise<McpHttp> {
    return new McpHttp(setup, await Wire.open(setup, memberOf(setup.target, 'url')));
  }

  private constructor(setup: Setup, wire: Wire) {
    this.#setup = setup;
    this.#wire = wire;
    this.#url = memberOf(setup.target, 'url');
  }

  get fresh(): boolean {
    return this.#version === undefined;
  }

  agreed(version: string): void {
    this.#version = version;
  }

  async send({ method, params, headers = {} }: McpQuestion, signal: AbortSignal): Promise<McpReply> {
    this.#asked += 1;
    const id = this.#asked;
    const session = this.#session;
    const said = questionHeaders(method, params);
    const exchange = await this.#wire.send(this.#post({ jsonrpc: '2.0', id, method, params }, { ...said, ...headers }), { signal, listener: () => listenerFor(id) });
    if (!('fallen' in exchange) && exchange.status === 404 && session !== undefined) return this.#lost(session);
    const rejection = 'fallen' in exchange || Object.keys(said).length === 0 ? undefined : this.#rejection(exchange, id);
    if (rejection !== undefined) return { message: rejection };
    const outcome = heardWell(exchange, { url: this.#url, clock: this.#setup.clock, redact: (text) => this.#wire.redact(text) });
    if ('fallen' in outcome) return outcome;
    const message = messageOf(outcome.heard, id);
    if (message === undefined) return { fallen: garbage(`the server gave no answer to the call: ${quote(this.#wire.redact(outcome.heard.text))}`) };
    if (method === 'initialize') this.#session = sessionOf(outcome.heard);
    return { message };
  }

  /** Here every question gets a status at once, so nobody is silent. */
  probe(question: McpQuestion, signal: AbortSignal): Promise<McpReply> {
    return this.send(question, signal);
  }

  async notify(method: string, signal: AbortSignal): Promise<void> {
    await this.#wire.send(this.#post({ jsonrpc: '2.0', method }), { signal });
  }

  async close(): Promise<void> {
    // A server may forget a session by itself; being told is a courtesy.
    if (this.#session !== undefined) await this.#wire.send({ method: 'DELETE', url: this.#url, headers: this.#headers() }, { signal: AbortSignal.timeout(FAREWELL) });
    this.#wire.close();
  }

  /** The session has ended over there: the next call begins a new one. */
  #lost(session: string): McpReply {
    if (this.#session === session) [this.#session, this.#version] = [undefined, undefined];
    return { fallen: fault('unreachable', 'the server has ended the session') };
  }

  /** Servers of the newer era say errors of the protocol with a status of their own. */
  #rejection({ status, text }: Heard, id: number): JsonObject | undefined {
    const message = REJECTING.has(status) ? messageIn(this.#wire.redact(text)) : undefined;
    return message !== undefined && isObject(message['error']) && (message['id'] ?? id) === id ? message : undefined;
  }

  #post(message: JsonObject, headers: Readonly<Record<string, string>> = {}): { method: string; url: string; headers: Record<string, string>; body: string } {
    return { method: 'POST', url: this.#url, headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...this.#headers(), ...headers }, body: canonical(message) };
  }

  #headers(): Record<string, string> {
    return {
      ...(this.#session === undefined ? {} : { 'mcp-session-id': this.#session }),
      ...(this.#version === undefined ? {} : { 'mcp-protocol-version': this.#version }),
    };
  }
}

function sessionOf({ headers }: Heard): string | undefined {
  const id = headers['mcp-session-id'];
  return typeof id === 'string' && /^[\x21-\x7e]{1,512}$/.test(id) ? id : undefined;
}

function messageOf({ headers, text }: Heard, id: number): JsonObject | undefined {
  if (String(headers['content-type']).startsWith('text/event-stream')) return answerIn(text, id);
  const message = messageIn(text);
  return message?.['id'] === id ? message : undefined;
}

/** The answer to a call among the events of a stream (the `data` lines of Server-Sent Events); the server's own messages are passed over. */
function answerIn(stream: string, id: number): JsonObject | undefined {
  const events = stream.replaceAll('\r\n', '\n').split('\n\n').slice(0, -1);
  return events.map((event) => messageOfEvent(event)).find((message) => isAnswer(message, id));
}

function messageOfEvent(event: string): JsonObject | undefined {
  return messageIn(event.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, '')).join('\n'));
}

function isAnswer(message: JsonObject | undefined, id: number): boolean {
  return message !== undefined && message['id'] === id && !('method' in message);
}

/** Looks at each event once, as soon as it is whole: a tool may tell of its progress in thousands of them. */
function listenerFor(id: number): (more: string) => boolean {
  let held = '';
  return (more) => {
    held += more;
    if (!more.includes('\n')) return false;
    const events = held.replaceAll('\r\n', '\n').split('\n\n');
    held = events.pop() ?? '';
    return events.some((event) => isAnswer(messageOfEvent(event), id));
  };
}
