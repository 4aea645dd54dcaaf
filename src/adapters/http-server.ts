/** An HTTP server for one small job: bounded in size, time and number, deaf to pages of other sites, and ended without cutting anybody off. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Fault } from '../domain/fault.js';
import type { RunningServer, ServedResponse, ServerOptions, Servers } from '../domain/ports.js';
import { isLoopbackHost } from './public-address.js';

const HEADER_BYTES = 16_384;
const CONNECTIONS = 256;
/** Milliseconds for the headers alone, and for a connection to be used again. */
const HEADERS_TIMEOUT = 10_000;
const IDLE_TIMEOUT = 5_000;
/** Milliseconds that requests in hand get when the server is closed. */
const GRACE = 5_000;

export function httpServers(): Servers {
  return {
    async serve(options) {
      const desk = new Desk(options);
      const server = createServer(
        { maxHeaderSize: HEADER_BYTES, requestTimeout: options.limits.timeout, headersTimeout: Math.min(HEADERS_TIMEOUT, options.limits.timeout), keepAliveTimeout: IDLE_TIMEOUT, connectionsCheckingInterval: 500 },
        (incoming, outgoing) => void desk.receive(incoming, outgoing),
      );
      server.maxConnections = CONNECTIONS;
      server.on('connection', (socket) => desk.connected(socket));
      const url = await listen(server, options);
      return { url, close: () => close(server, desk) };
    },
  };
}

function listen(server: Server, { host, port }: ServerOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause: NodeJS.ErrnoException) => reject(new Fault('NETWORK', `cannot listen on ${host}:${port}: ${REASONS[cause.code ?? ''] ?? cause.message}`, { at: `${host}:${port}`, cause, hint: 'name another port; 0 takes any that is free' })));
    server.listen(port, host, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${isIP(host) === 6 ? `[${host}]` : host}:${taken}`);
    });
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'the system does not allow it',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'no such address is known',
};

async function close(server: Server, desk: Desk): Promise<void> {
  const closed = new Promise<void>((done) => { server.close(() => done()); });
  desk.close();
  const patience = setTimeout(() => server.closeAllConnections(), GRACE);
  await closed;
  clearTimeout(patience);
}

/** Takes requests in, one answer each. */
class Desk {
  readonly #options: ServerOptions;
  /** Open connections, and how many requests each has in hand. */
  readonly #connections = new Map<Socket, number>();
  #closing = false;
  #inHand = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  connected(socket: Socket): void {
    this.#connections.set(socket, 0);
    socket.once('close', () => this.#connections.delete(socket));
  }

  /** From now on each answer ends its connection, and one that waits for none is ended at once. */
  close(): void {
    this.#closing = true;
    for (const [socket, inHand] of this.#connections) if (inHand === 0) socket.destroy();
  }

  async receive(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { socket } = incoming;
    const count = (more: number) => { if (this.#connections.has(socket)) this.#connections.set(socket, (this.#connections.get(socket) ?? 0) + more); };
    count(1);
    outgoing.once('close', () => count(-1));
    try {
      send(outgoing, await this.#answer(incoming), this.#closing);
    } catch (cause) {
      // Whoever hung up in the middle gets no answer.
      if (incoming.destroyed && !incoming.complete) return;
      this.#options.failed(cause);
      if (!outgoing.headersSent) send(outgoing, refusal(500, 'the server failed'), true);
    }
  }

  async #answer(incoming: IncomingMessage): Promise<ServedResponse> {
    const refused = strangerRefusal(incoming, this.#options) ?? (this.#inHand < this.#options.limits.requests ? undefined : BUSY);
    if (refused) {
      // Read to its end all the same: a client that is still sending would not hear why.
      await read(incoming, 0);
      return refused;
    }
    this.#inHand += 1;
    try {
      return await this.#handled(incoming);
    } finally {
      this.#inHand -= 1;
    }
  }

  async #handled(incoming: IncomingMessage): Promise<ServedResponse> {
    const { limits: { bytes }, handle } = this.#options;
    const packed = await read(incoming, bytes);
    if (packed === undefined) return refusal(413, `the body is longer than ${bytes} bytes`);
    const body = await unpacked(incoming.headers['content-encoding'], packed, bytes);
    if (!(body instanceof Uint8Array)) return body;
    return handle({ method: incoming.method ?? '', path: pathOf(incoming), headers: flat(incoming), body });
  }
}

/**
 * A browser can be made to ask here by any page that it shows: by a name that the page's owner points to this address (the Host then says
 * so), or openly from another origin. Neither is a client of ours.
 */
function strangerRefusal({ headers }: IncomingMessage, options: ServerOptions): ServedResponse | undefined {
  const host = headers.host ?? '';
  if (!isOurName(host, options)) return refusal(403, 'not asked by a name of this server');
  const { origin } = headers;
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) return refusal(403, 'asked by a page of another site');
  const site = headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none' ? undefined : refusal(403, 'asked by a page of another site');
}

function isOurName(host: string, { host: bound, names }: ServerOptions): boolean {
  const name = host.replace(/:\d*$/, '').toLowerCase();
  if (isLoopbackHost(name) || names.includes(name)) return true;
  // An address cannot be made to lead elsewhere, as a name can; but whoever listens to this machine alone is asked by no other.
  return !isLoopbackHost(isIP(bound) === 6 ? `[${bound}]` : bound) && isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}

/** Undefined when there is more than `most`, which is let go as it comes. */
async function read(incoming: IncomingMessage, most: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else chunks = [];
  }
  return size <= most ? Buffer.concat(chunks) : undefined;
}

const inflate = promisify(gunzip) as (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

async function unpacked(encoding: string | undefined, packed: Buffer, most: number): Promise<Uint8Array | ServedResponse> {
  if (encoding === undefined || encoding === 'identity') return packed;
  if (encoding !== 'gzip') return refusal(415, `the encoding ${JSON.stringify(encoding.slice(0, 40))} is not known: send gzip, or none`);
  try {
    return await inflate(packed, { maxOutputLength: most });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return code === 'ERR_BUFFER_TOO_LARGE' ? refusal(413, `the body unpacks to more than ${most} bytes`) : refusal(400, 'the body is not gzip');
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? url;
}

function flat({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

const JSON_TYPE = { 'content-type': 'application/json' };

function refusal(status: number, message: string): ServedResponse {
  return { status, headers: JSON_TYPE, body: JSON.stringify({ message }) };
}

const BUSY: ServedResponse = { ...refusal(503, 'too many requests at once'), headers: { ...JSON_TYPE, 'retry-after': '1' } };

function send(outgoing: ServerResponse, { status, headers, body }: ServedResponse, last: boolean): void {
  outgoing.writeHead(status, { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...headers, 'content-length': Buffer.byteLength(body), ...(last ? { connection: 'close' } : {}) });
  outgoing.end(body);
}
