/** What an HTTP message signature signs (RFC 9421 §2): one line for each covered component, then the parameters. */
import { Fault } from '../domain/fault.js';
import type { HttpRequest } from '../domain/ports.js';
import { parseDictionary, type Item, type Member, type Parameters } from './structured-field.js';

/** A response with the request that it answers, of which components marked `;req` speak (RFC 9421 §2.4). */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
}
export type HttpMessage = HttpRequest | HttpReply;

/**
 * The signature base of a message.
 * @param covered the member of Signature-Input: its inner list names the components, its text is what is signed of it
 * @throws {Fault} INPUT_INVALID for a component that the message lacks, that is covered twice, or that is not supported
 */
export function signatureBase(message: HttpMessage, covered: Member): Uint8Array {
  const items = coveredItems(covered);
  const lines = items.map((item) => `${item.text}: ${componentValue(message, item)}`);
  if (new Set(items.map(identifierOf)).size < items.length) throw new Fault('INPUT_INVALID', 'a component is covered twice');
  return new TextEncoder().encode([...lines, `"@signature-params": ${covered.text}`].join('\n'));
}

export function coveredItems(covered: Member): readonly Item[] {
  if (!Array.isArray(covered.value)) throw new Fault('INPUT_INVALID', 'Signature-Input must hold an inner list');
  return covered.value as readonly Item[];
}

/** The order of parameters does not make another component of it (RFC 9421 §2). */
function identifierOf({ value, params }: Item): string {
  return JSON.stringify([value, [...params].sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/**
 * A header by its lower-case name; undefined when absent.
 * @throws {Fault} INPUT_INVALID for one that is there twice, or holds what would start a line of its own in a signature base
 */
export function header({ headers }: { readonly headers: Readonly<Record<string, string>> }, name: string): string | undefined {
  const [found, ...more] = Object.entries(headers).filter(([key]) => key.toLowerCase() === name);
  if (more.length > 0) throw new Fault('INPUT_INVALID', `header "${name}" is there twice`);
  if (found && !/^[\x20-\x7e\t]*$/.test(found[1])) throw new Fault('INPUT_INVALID', `header "${name}" holds other than printable ASCII`);
  return found?.[1].trim();
}

const DERIVED: Readonly<Record<string, (request: HttpRequest, url: URL) => string>> = {
  '@method': (request) => request.method.toUpperCase(),
  '@target-uri': (_request, url) => url.href,
  '@authority': (_request, url) => url.host,
  '@scheme': (_request, url) => url.protocol.slice(0, -1),
  '@path': (_request, url) => url.pathname,
  '@query': (_request, url) => url.search || '?',
  '@request-target': (_request, url) => url.pathname + url.search,
};

function componentValue(message: HttpMessage, { value: name, params, text }: Item): string {
  if (typeof name !== 'string' || name !== name.toLowerCase()) throw new Fault('INPUT_INVALID', `${text} is not a component name`);
  const unsupported = () => new Fault('INPUT_INVALID', `component ${text} is not supported or not there`);
  const named = params.get('req') === true ? withoutReq(params) : params;
  const subject = named === params ? message : 'request' in message ? message.request : undefined;
  if (!subject) throw unsupported();
  if (name.startsWith('@')) {
    const value = named.size > 0 ? undefined : derived(subject, name);
    if (value === undefined) throw unsupported();
    return value;
  }
  const value = header(subject, name);
  if (value === undefined) throw new Fault('INPUT_INVALID', `covered header ${text} is missing`);
  if (named.size === 0) return value;
  const key = named.get('key');
  const member = typeof key === 'string' && named.size === 1 ? parseDictionary(value).get(key) : undefined;
  if (!member) throw unsupported();
  return member.text;
}

function derived(subject: HttpMessage, name: string): string | undefined {
  if ('request' in subject) return name === '@status' ? String(subject.status) : undefined;
  return DERIVED[name]?.(subject, targetOf(subject));
}

function withoutReq(params: Parameters): Parameters {
  return new Map([...params].filter(([key]) => key !== 'req'));
}

/** The URL that is signed: absolute, without fragment and credentials. */
export function targetOf(request: HttpRequest): URL {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) throw new Fault('INPUT_INVALID', 'a request needs an http(s) URL without credentials');
  url.hash = '';
  return url;
}
