/** The one canonical form: RFC 8785 (JCS). Whatever is hashed or signed passes through here. */
import { Fault } from './fault.js';
import { MAX_DEPTH, type Json } from './json.js';

/**
 * Writes a JSON value as RFC 8785 text: keys by UTF-16 code unit, numbers as ECMAScript writes them, no white space.
 * Stricter than the libraries: anything that is not plain JSON data (undefined, NaN, Date, class instances, lone
 * surrogates, unsafe integers) is refused instead of being dropped or rewritten.
 *
 * @throws {Fault} INTERNAL, since only a defect of ours can hand in such a value
 */
export function canonical(value: Json): string {
  // The engine writes what is in order already just so, and in one piece instead of many.
  return isInOrder(value, 0) ? JSON.stringify(value) : write(value, 0);
}

/** Whether `JSON.stringify` writes the canonical form: keys ascend at every level, and nothing in it is refused. What is doubtful is not in order. */
function isInOrder(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) if (!isInOrder(value[at], depth + 1)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && areInOrder(value as Readonly<Record<string, unknown>>, depth + 1);
}

function areInOrder(members: Readonly<Record<string, unknown>>, depth: number): boolean {
  let before: string | undefined;
  for (const key in members) {
    if ((before !== undefined && key <= before) || !key.isWellFormed() || !isInOrder(members[key], depth)) return false;
    before = key;
  }
  return true;
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw refuse(`nested deeper than ${MAX_DEPTH} levels`);
  if (typeof value === 'string') return text(value);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return number(value);
  if (Array.isArray(value)) return list(value, depth + 1);
  if (typeof value !== 'object') throw refuse(`a ${typeof value} is not JSON`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refuse('only plain objects are JSON');
  return members(value as Readonly<Record<string, unknown>>, depth + 1);
}

// Every append passes here: loops that build one text are quicker than arrays of parts.

function list(items: readonly unknown[], depth: number): string {
  let text = '[';
  for (let at = 0; at < items.length; at += 1) text += (at === 0 ? '' : ',') + write(items[at], depth);
  return `${text}]`;
}

function members(value: Readonly<Record<string, unknown>>, depth: number): string {
  let body = '';
  for (const key of sorted(Object.keys(value))) {
    body += body === '' ? '{' : ',';
    body += text(key);
    body += ':';
    body += write(value[key], depth);
  }
  return body === '' ? '{}' : `${body}}`;
}

/** Beyond so many keys the general way is quicker. */
const FEW = 32;

/** In place, by UTF-16 code unit: what is compared is always two texts, which the general way cannot know. */
function sorted(keys: string[]): readonly string[] {
  if (keys.length > FEW) return keys.sort();
  for (let at = 1; at < keys.length; at += 1) {
    const key = keys[at] ?? '';
    let place = at;
    for (; place > 0 && (keys[place - 1] ?? '') > key; place -= 1) keys[place] = keys[place - 1] ?? '';
    keys[place] = key;
  }
  return keys;
}

/** Printable ASCII without quote and backslash stands for itself; for texts of nothing else this test is several times quicker than escaping. */
const PLAIN = /^[ !#-[\]-~]*$/;

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (!value.isWellFormed()) throw refuse('a lone surrogate is not Unicode text');
  return JSON.stringify(value);
}

function number(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) throw refuse(`${value} is not JSON`);
  if (Number.isInteger(value) && Math.abs(value) < 1e21) throw refuse('unsafe integer');
  return JSON.stringify(value);
}

function refuse(reason: string): Fault {
  return new Fault('INTERNAL', `cannot canonicalise: ${reason}`);
}
