/** HTTP: sends signed requests for the agent, and reads public documents as a counterparty would. Follows no redirect. */
import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure, type RequestOptions as SecureOptions } from 'node:https';
import { Fault } from '../domain/fault.js';
import type { Http, HttpRequest, HttpResponse, SignedRequest } from '../domain/ports.js';
import { networkFault } from './network-fault.js';
import { checkHost, isLoopbackHost, publicLookup } from './public-address.js';

const LARGEST_ANSWER = 10 * 1024 * 1024;
/** The server's name is proven by its certificate, whatever NODE_TLS_REJECT_UNAUTHORIZED says: what is read here is believed for its place. */
const CERTIFIED = { rejectUnauthorized: true };
const SIGNED_BY = ['signature', 'signature-input', 'agent-identity'] as const;

export function http(): Http {
  return {
    async send(request, timeout) {
      return exchange(refuseUnsigned(request), { bytes: LARGEST_ANSWER, timeout }, {});
    },
    async fetchPublic(text, limits) {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
      if (!url || !allowed || url.username || url.password) throw new Fault('REFUSED', `${JSON.stringify(text.slice(0, 200))} must be an https URL`);
      checkHost(url);
      const response = await exchange({ method: 'GET', url: url.href, headers: { accept: 'application/json, */*' } }, limits, { lookup: publicLookup, ...CERTIFIED });
      if (response.status >= 300 && response.status < 400) throw new Fault('NETWORK', `${url.origin} answers with a redirect, which is not followed`, { at: url.href, hint: 'name the address that it leads to' });
      return response;
    },
    async submitNote(text, body, limits) {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
      if (!url || !allowed || url.username || url.password) throw new Fault('REFUSED', `the witness ${JSON.stringify(text.slice(0, 200))} must have an https URL, or http on this machine`);
      return exchange({ method: 'POST', url: url.href, headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': String(Buffer.byteLength(body)) }, body }, limits, {});
    },
  };
}

/** The type already says so; a caller who casts it away still finds the door shut. @throws {Fault} REFUSED */
export function refuseUnsigned(request: SignedRequest): SignedRequest {
  const missing = SIGNED_BY.find((name) => !(name in request.headers));
  if (missing !== undefined) throw new Fault('REFUSED', `a request without the header "${missing}" may not leave`);
  return request;
}

interface Limits {
  readonly bytes: number;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
}

function exchange({ method, url, headers, body }: HttpRequest, limits: Limits, options: SecureOptions): Promise<HttpResponse> {
  const request = url.startsWith('https:') ? requestSecure : requestPlain;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(cause instanceof Fault ? cause : networkFault(url, limits.timeout, cause));
    // No agent: a pooled connection would skip the address check and keep the process alive.
    const outgoing = request(url, { ...options, method, headers, agent: false, signal: AbortSignal.timeout(limits.timeout) }, (incoming) => {
      read(incoming, limits.bytes).then((text) => resolve({ status: incoming.statusCode ?? 0, headers: flat(incoming), body: text }), fail);
    });
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

async function read(incoming: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new Fault('NETWORK', `the answer is longer than ${most} bytes`, { hint: 'check the address: it should answer with one small document' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flat({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}
