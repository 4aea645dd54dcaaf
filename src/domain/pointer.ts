/** JSON Pointer (RFC 6901): one value inside a JSON document. */
import type { Json } from './json.js';

const INDEX = /^(0|[1-9]\d{0,8})$/;

/** The value at `pointer`, or undefined when nothing is there. Own members only: `/__proto__` and `/length` find nothing. */
export function atPointer(document: Json, pointer: string): Json | undefined {
  if (pointer === '') return document;
  if (!pointer.startsWith('/')) return undefined;
  // Most pointers name one member, and most of what is read is read by such a one.
  if (pointer.indexOf('/', 1) === -1) return member(document, unescaped(pointer.slice(1)));
  let here: Json | undefined = document;
  for (const part of pointer.slice(1).split('/')) {
    here = member(here, unescaped(part));
    if (here === undefined) return undefined;
  }
  return here;
}

function unescaped(part: string): string {
  return part.includes('~') ? part.replaceAll('~1', '/').replaceAll('~0', '~') : part;
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return INDEX.test(key) ? (value as readonly Json[])[Number(key)] : undefined;
  return Object.hasOwn(value, key) ? (value as { readonly [key: string]: Json })[key] : undefined;
}
