/** A `fetch` that signs: what an agent's own code calls instead, so that its traffic names it as agentctl's does. */
import type { Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { Signer } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { signRequest } from './http-signature.js';

/** As much of `fetch` as is used. */
export type Fetch<Answer> = (url: string, init: FetchInit) => Promise<Answer>;
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly redirect: 'manual' | 'error';
  readonly signal?: AbortSignal;
}

export interface SignedFetchOptions<Answer> {
  /** The agent's key, used for HTTP signatures alone. */
  readonly signer: Signer;
  /** What acts: stands in the covered header `Agent-Identity`. */
  readonly agent: { readonly version: string; readonly build: Digest | null };
  readonly fetch: Fetch<Answer>;
  /** RFC 3339 in UTC with milliseconds, as `new Date().toISOString()` gives it. */
  readonly now: () => Instant;
  /** That many bytes that nobody can guess. */
  readonly random: (count: number) => Uint8Array;
  /** https origin that publishes the key directory. */
  readonly signatureAgent?: string;
}

export interface SignedFetchInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. A stream cannot be signed before it has been read. */
  readonly body?: string | Uint8Array | null;
  /** A redirect is never followed: the signature is for the address that was asked. */
  readonly redirect?: 'manual' | 'error';
  readonly signal?: AbortSignal;
}

/**
 * Wraps a `fetch`: the same call, signed for five minutes with a fresh nonce (RFC 9421, Web Bot Auth).
 * @throws {Fault} of the returned function: INPUT_INVALID for a body that is neither text nor bytes, headers that are no plain object,
 * a header that is the signature's, or an address that is not http(s)
 */
export function signedFetch<Answer>({ fetch, now, random, ...signing }: SignedFetchOptions<Answer>): (url: string | URL, init?: SignedFetchInit) => Promise<Answer> {
  return async (url, init = {}) => {
    const given = init as Readonly<Record<string, unknown>>;
    const body = bodyOf(given['body']);
    if (given['redirect'] === 'follow') throw new Fault('INPUT_INVALID', 'a signed request follows no redirect: sign the next one for its own address', { hint: 'redirect: "manual"' });
    const request = { method: init.method ?? 'GET', url: addressOf(url), headers: headersOf(given['headers']), ...(body === undefined ? {} : { body }) };
    const signed = await signRequest(request, { ...signing, created: now(), nonce: random(16) });
    return fetch(signed.url, {
      method: signed.method, headers: { ...signed.headers }, redirect: init.redirect ?? 'manual',
      ...(body === undefined ? {} : { body }), ...(init.signal ? { signal: init.signal } : {}),
    });
  };
}

/** A `Request` would carry parts that are not seen here. */
function addressOf(url: unknown): string {
  if (typeof url === 'string' || url instanceof URL) return String(url);
  throw new Fault('INPUT_INVALID', 'signedFetch takes an address as text or URL, not a Request', { hint: 'signedFetch(url, { method, headers, body })' });
}

/** Bytes are copied: a caller who writes on while the signature is made would send another body than was signed. */
function bodyOf(body: unknown): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new Uint8Array(body);
  throw new Fault('INPUT_INVALID', 'signedFetch takes a body of text or bytes: of anything else nobody knows the digest before it is sent', { hint: 'new Uint8Array(await new Response(stream).arrayBuffer())' });
}

function headersOf(headers: unknown): Readonly<Record<string, string>> {
  if (headers === undefined) return {};
  const prototype: unknown = typeof headers === 'object' && headers !== null ? Object.getPrototypeOf(headers) : undefined;
  const plain = (prototype === Object.prototype || prototype === null) && Object.values(headers as object).every((value) => typeof value === 'string');
  if (!plain) throw new Fault('INPUT_INVALID', 'signedFetch takes headers as a plain object of texts', { hint: 'Object.fromEntries(headers)' });
  return headers as Readonly<Record<string, string>>;
}
