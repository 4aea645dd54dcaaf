/** What an HTTP message signature signs (RFC 9421 §2): one line for each covered component, then the parameters. */
import { Fault } from '../domain/fault.js';
import type { HttpRequest } from '../domain/ports.js';
import { parseDictionary, type Item, type Member } from './structured-field.js';

/**
 * The signature base of a request.
 * @param covered the member of Signature-Input: its inner list names the components, its text is signed as sent
 * @throws {Fault} INPUT_INVALID for a component that the request lacks or that is covered twice
 */
export function signatureBase(request: HttpRequest, covered: Member): Uint8Array {
  const items = coveredItems(covered);
  const lines = items.map((item) => `${item.text}: ${componentValue(request, item)}`);
  if (new Set(items.map((item) => item.text)).size < items.length) throw new Fault('INPUT_INVALID', 'a component is covered twice');
  return new TextEncoder().encode([...lines, `"@signature-params": ${covered.text}`].join('\n'));
}

export function coveredItems(covered: Member): readonly Item[] {
  if (!Array.isArray(covered.value)) throw new Fault('INPUT_INVALID', 'Signature-Input must hold an inner list');
  return covered.value as readonly Item[];
}

/** A header by its lower-case name; undefined when absent. */
export function header(request: HttpRequest, name: string): string | undefined {
  const found = Object.entries(request.headers).filter(([key]) => key.toLowerCase() === name);
  if (found.length > 1) throw new Fault('INPUT_INVALID', `header "${name}" is there twice`);
  return found[0]?.[1].trim();
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

function componentValue(request: HttpRequest, { value: name, params, text }: Item): string {
  if (typeof name !== 'string' || name !== name.toLowerCase()) throw new Fault('INPUT_INVALID', `${text} is not a component name`);
  if (name.startsWith('@')) {
    const derive = DERIVED[name];
    if (!derive || params.size > 0) throw new Fault('INPUT_INVALID', `component ${text} is not supported`);
    return derive(request, targetOf(request));
  }
  const value = header(request, name);
  if (value === undefined) throw new Fault('INPUT_INVALID', `covered header ${text} is missing`);
  if (params.size === 0) return value;
  const key = params.get('key');
  const member = typeof key === 'string' && params.size === 1 ? parseDictionary(value).get(key) : undefined;
  if (!member) throw new Fault('INPUT_INVALID', `component ${text} is not supported or not there`);
  return member.text;
}

/** The URL that is signed: absolute, without fragment and credentials. */
export function targetOf(request: HttpRequest): URL {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) throw new Fault('INPUT_INVALID', 'a request needs an http(s) URL without credentials');
  url.hash = '';
  return url;
}
