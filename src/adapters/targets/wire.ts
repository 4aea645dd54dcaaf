/** The connection to a service: signed requests only, kept alive, no redirect followed, answers bounded and checked to be UTF-8. */
import { Agent as PlainAgent, request as requestPlain, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as SecureAgent, request as requestSecure } from 'node:https';
import { StringDecoder } from 'node:string_decoder';
import { Fault } from '../../domain/fault.js';
import type { HttpRequest, SignedRequest } from '../../domain/ports.js';
import { isLoopbackHost } from '../public-address.js';
import { refuseUnsigned } from '../http.js';
import { readKey, type KeyHeader } from './api-key.js';
import { fault, garbage, type Answered } from './answer.js';
import type { Setup } from './setup.js';

const LARGEST_ANSWER = 4 * 1024 * 1024;

export interface Heard {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}
/** An answer of any status, or why there is none. */
export type Exchange = Heard | { readonly fallen: Answered };

export interface SendOptions {
  readonly signal: AbortSignal;
  /** For a stream that its sender keeps open: is told each piece of the text as it comes, and says when that was all that is waited for. Made anew for each answer. */
  readonly listener?: () => (more: string) => boolean;
}

export class Wire {
  readonly #help: Setup['help'];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #key: KeyHeader | undefined;
  /** Only the place that agent.yaml names gets the key, whatever a card says later. */
  readonly #origin: string;
  #closed = false;
  readonly #agents = { plain: new PlainAgent({ keepAlive: true }), secure: new SecureAgent({ keepAlive: true, rejectUnauthorized: true }) };

  /** @throws {Fault} TARGET_FAILED when the key cannot be read */
  static async open({ target, help, variable }: Setup, url: string): Promise<Wire> {
    return new Wire({ help, headers: target.headers ?? {}, key: target.key && (await readKey(target.key, variable)), origin: allowed(url).origin });
  }

  private constructor({ help, headers, key, origin }: { readonly help: Setup['help']; readonly headers: Readonly<Record<string, string>>; readonly key: KeyHeader | undefined; readonly origin: string }) {
    this.#help = help;
    this.#headers = headers;
    this.#key = key;
    this.#origin = origin;
  }

  /** @throws {Fault} TARGET_FAILED for an address that is neither https nor on this machine, and whatever the signer says */
  async send(request: HttpRequest, options: SendOptions): Promise<Exchange> {
    if (this.#help === undefined) throw new Fault('INTERNAL', 'nobody signs for the agent');
    if (this.#closed) return CLOSED;
    const url = allowed(request.url);
    const key = this.#key !== undefined && url.origin === this.#origin ? { [this.#key.name]: this.#key.value } : {};
    const { sign } = this.#help;
    const ask = async () => this.#exchange(refuseUnsigned(await sign({ ...request, url: url.href, headers: { ...this.#headers, ...request.headers, ...key } })), options);
    const first = await ask();
    // A kept connection that the other side has closed meanwhile never brought the question to anybody.
    if (first !== 'stale') return first;
    return this.#closed ? CLOSED : unstaled(await ask());
  }

  /** A text of the other side without the key, should it repeat it. */
  redact(text: string): string {
    return this.#key === undefined ? text : text.replaceAll(this.#key.secret, '…');
  }

  close(): void {
    this.#closed = true;
    this.#agents.plain.destroy();
    this.#agents.secure.destroy();
  }

  #exchange({ method, url, headers, body }: SignedRequest, { signal, listener }: SendOptions): Promise<Exchange | 'stale'> {
    const options: RequestOptions = { method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }) }, signal };
    return new Promise((resolve) => {
      let outgoing: ClientRequest;
      const failed = (cause: unknown) => resolve(outgoing.reusedSocket && codeOf(cause) === 'ECONNRESET' ? 'stale' : { fallen: unreachable(url, cause) });
      const answered = (incoming: IncomingMessage) => {
        read(incoming, listener?.()).then((text) => resolve(typeof text === 'string' ? { status: incoming.statusCode ?? 0, headers: incoming.headers, text } : { fallen: text }), (cause: unknown) => resolve({ fallen: unreachable(url, cause) }));
      };
      outgoing = url.startsWith('https:') ? requestSecure(url, { ...options, agent: this.#agents.secure }, answered) : requestPlain(url, { ...options, agent: this.#agents.plain }, answered);
      outgoing.on('error', failed);
      outgoing.end(body);
    });
  }
}

const CLOSED: Exchange = { fallen: fault('unreachable', 'the connection was closed') };

function unstaled(second: Exchange | 'stale'): Exchange {
  return second === 'stale' ? { fallen: fault('unreachable', 'the connection was closed twice before the question was taken') } : second;
}

/** @throws {Fault} TARGET_FAILED */
export function allowed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const open = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  if (!url || !open || url.username !== '' || url.password !== '') throw new Fault('TARGET_FAILED', `the agent may not be asked at ${JSON.stringify(text.slice(0, 200))}`, { at: 'agent.yaml: target.url', hint: 'name an https address, or http on this machine' });
  return url;
}

/** An address for messages: a query may hold what is nobody's business. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

async function read(incoming: IncomingMessage, isEnough: ((more: string) => boolean) | undefined): Promise<string | Answered> {
  const chunks: Buffer[] = [];
  const decoder = new StringDecoder('utf8');
  let [size, enough] = [0, false];
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_ANSWER) return garbage(`the answer is longer than ${LARGEST_ANSWER} bytes`);
    chunks.push(chunk);
    enough = isEnough?.(decoder.write(chunk)) ?? false;
    if (enough) break;
  }
  try {
    // What is left off in the middle may be so within a letter.
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks), { stream: enough });
  } catch {
    return garbage('the answer is not UTF-8');
  }
}

function unreachable(url: string, cause: unknown): Answered {
  const code = codeOf(cause);
  return fault('unreachable', `${new URL(url).origin} could not be reached${code === undefined ? '' : `: ${code}`}`);
}

function codeOf(cause: unknown): string | undefined {
  return typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
