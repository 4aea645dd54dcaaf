/** A received request as a file: an HTTP/1.1 message byte for byte, or JSON with its parts. */
import { Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json } from '../domain/json.js';
import type { HttpRequest } from '../domain/ports.js';
import { fromBase64 } from './base-encoding.js';

const HINT = 'give the request as it was received: request line, headers, an empty line, body; or {"method","url","headers","body"}';
const MEMBERS = ['method', 'url', 'headers', 'body', 'bodyBase64'];

/**
 * @param at what to call the file in an error
 * @param origin where the receiver knows that it answers; a message that tells no origin is otherwise taken as one for https and its Host
 * @throws {Fault} INPUT_INVALID
 */
export function parseRequestFile(bytes: Uint8Array, at: string, origin?: string): HttpRequest {
  const json = /^\s*\{/.test(latin1(bytes.subarray(0, 100)));
  return json ? fromJson(utf8(bytes, at), at) : fromMessage(bytes, at, origin);
}

function fromJson(text: string, at: string): HttpRequest {
  const whole = asObject(parseJson(text, at), at);
  const { method, url, headers = {}, body, bodyBase64 } = whole;
  const stray = Object.keys(whole).find((key) => !MEMBERS.includes(key));
  const bodies = [body, bodyBase64].filter((one) => one !== undefined);
  if (stray !== undefined || typeof method !== 'string' || typeof url !== 'string' || !isObject(headers) || bodies.length > 1 || bodies.some((one) => typeof one !== 'string')) {
    throw broken(at, stray === undefined ? 'method, url, headers or body are not what they should be' : `"${stray}" is no part of a request`);
  }
  const pairs = Object.entries(headers).flatMap(([name, value]) => linesOf(value, at).map((line) => [name, line] as const));
  const request = { method, url, headers: combined(pairs, at) };
  if (typeof bodyBase64 === 'string') return { ...request, body: fromBase64(bodyBase64) };
  return typeof body === 'string' ? { ...request, body } : request;
}

function linesOf(value: Json, at: string): readonly string[] {
  const lines = Array.isArray(value) ? (value as readonly Json[]) : [value];
  return lines.map((line) => {
    if (typeof line !== 'string') throw broken(at, 'a header is no text');
    return line;
  });
}

function fromMessage(bytes: Uint8Array, at: string, origin: string | undefined): HttpRequest {
  // One character a byte: places found in the text are places in the bytes.
  const text = latin1(bytes);
  const end = /\r?\n\r?\n/.exec(text);
  const [first = '', ...lines] = text.slice(0, end?.index ?? text.length).replace(/\r?\n$/, '').split(/\r?\n/);
  const [, method, target = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined) throw broken(at, 'the first line is no request line');
  const headers = combined(lines.map((line) => fieldOf(line, at)), at);
  const body = end ? bytes.subarray(end.index + end[0].length) : new Uint8Array();
  const length = headers['content-length'];
  if (headers['transfer-encoding'] !== undefined) throw broken(at, 'the body is still in its transfer encoding');
  if (length !== undefined && Number(length) !== body.length) throw broken(at, `Content-Length says ${length}, and the body has ${body.length} bytes`);
  const url = /^https?:\/\//.test(target) ? target : `${origin ?? `https://${headers['host'] ?? ''}`}${target}`;
  if (!URL.canParse(url) || (!target.startsWith('/') && url !== target)) throw broken(at, 'neither the request line nor Host says where it goes');
  return { method, url, headers, ...(body.length > 0 ? { body } : {}) };
}

function fieldOf(line: string, at: string): readonly [string, string] {
  const [, name, value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
  if (name === undefined) throw broken(at, `${JSON.stringify(line.slice(0, 60))} is no header`);
  return [name, value];
}

/** Lines of one field become one value (RFC 9421 §2.1); two hosts are no address. */
function combined(pairs: readonly (readonly [string, string])[], at: string): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const before = headers.get(key);
    if (before !== undefined && (key === 'host' || key === 'content-length')) throw broken(at, `header "${key}" is there twice`);
    headers.set(key, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  return Object.fromEntries(headers);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function utf8(bytes: Uint8Array, at: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `${at} is not UTF-8`, { at, hint: HINT, cause });
  }
}

function broken(at: string, why: string): Fault {
  return new Fault('INPUT_INVALID', `${at} is no request: ${why}`, { at, hint: HINT });
}
