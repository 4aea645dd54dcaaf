/** JSON as data, and the strict reader for every JSON text that comes from outside. */
import { Fault } from './fault.js';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Nesting past this depth is refused before any recursive walk could overflow. */
export const MAX_DEPTH = 64;

/**
 * Parses a JSON text (RFC 8259) without the three silent damages of `JSON.parse`: duplicate keys (last wins), integers
 * beyond 2^53-1 (rounded) and `1e400` (Infinity). Lone surrogates, the key `__proto__` and nesting over {@link MAX_DEPTH}
 * are refused too, so the value is safe to canonicalise.
 *
 * @param text the JSON text
 * @param name what to call the text in an error, usually its path
 * @param wide what becomes of an integer beyond 2^53-1: refused, or kept as the text of its digits; `any as text` keeps a bare
 * NaN, Infinity or -Infinity as its text as well, which Python writes and RFC 8259 does not know
 * @throws {Fault} INPUT_INVALID with `at` = `name:line:column`
 */
export function parseJson(text: string, name: string, wide: 'refused' | 'as text' | 'any as text' = 'refused'): Json {
  return new Reader(text, name, wide).document();
}

/** `value` as a plain object, or a fault that names the place. */
export function asObject(value: Json | undefined, name: string): JsonObject {
  if (isObject(value)) return value;
  throw new Fault('INPUT_INVALID', `${name} must be a JSON object`, { at: name });
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What makes a number more than an integer. */
const PARTS = /[.eE]/;
const NO_NUMBER = /NaN|-?Infinity/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class Reader {
  #at = 0;
  readonly #text: string;
  readonly #name: string;
  readonly #wide: boolean;
  readonly #lax: boolean;

  constructor(text: string, name: string, wide: 'refused' | 'as text' | 'any as text') {
    this.#text = text;
    this.#name = name;
    this.#wide = wide !== 'refused';
    this.#lax = wide === 'any as text';
  }

  document(): Json {
    const value = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('text after the JSON value');
    return value;
  }

  #value(depth: number): Json {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    if (first === 't' && this.#word('true')) return true;
    if (first === 'f' && this.#word('false')) return false;
    if (first === 'n' && this.#word('null')) return null;
    return this.#number();
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #object(depth: number): JsonObject {
    const members: Record<string, Json> = {};
    this.#at += 1;
    this.#space();
    if (this.#take('}')) return members;
    do {
      this.#space();
      const start = this.#at;
      const key = this.#string();
      if (key === '__proto__') this.#fail('the key "__proto__" is not allowed', start);
      if (Object.hasOwn(members, key)) this.#fail(`duplicate key ${JSON.stringify(key)}`, start);
      this.#space();
      if (!this.#take(':')) this.#fail('expected ":" after the key');
      members[key] = this.#value(depth + 1);
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}')) this.#fail('expected "," or "}"');
    return members;
  }

  #array(depth: number): readonly Json[] {
    const items: Json[] = [];
    this.#at += 1;
    this.#space();
    if (this.#take(']')) return items;
    do {
      items.push(this.#value(depth + 1));
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']')) this.#fail('expected "," or "]"');
    return items;
  }

  #string(): string {
    const start = this.#at;
    if (!this.#take('"')) this.#fail('expected a string');
    let out = '';
    for (;;) {
      // Every line of every data set passes here: testing makes no list of matches, which would be most of what reading allocates.
      PLAIN.lastIndex = this.#at;
      PLAIN.test(this.#text);
      out += this.#text.slice(this.#at, PLAIN.lastIndex);
      this.#at = PLAIN.lastIndex;
      if (this.#take('"')) break;
      if (!this.#take('\\')) this.#fail('unfinished string or raw control character');
      out += this.#escape();
    }
    if (!out.isWellFormed()) this.#fail('a lone surrogate is not Unicode text', start);
    return out;
  }

  #escape(): string {
    const letter = this.#text[this.#at++] ?? '';
    if (letter !== 'u') return ESCAPES[letter] ?? this.#fail('unknown escape', this.#at - 2);
    const hex = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.#fail('broken \\u escape');
    this.#at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #number(): number | string {
    if (this.#lax) {
      NO_NUMBER.lastIndex = this.#at;
      const [word] = NO_NUMBER.exec(this.#text) ?? [];
      this.#at += word?.length ?? 0;
      if (word !== undefined) return word;
    }
    NUMBER.lastIndex = this.#at;
    if (!NUMBER.test(this.#text)) return this.#fail('expected a JSON value');
    const digits = this.#text.slice(this.#at, NUMBER.lastIndex);
    const value = Number(digits);
    if (!Number.isFinite(value)) this.#fail('number out of range');
    const whole = !PARTS.test(digits);
    const unsafe = whole && !Number.isSafeInteger(value);
    // 1e20 is such an integer too; from 1e21 on the canonical form has a spelling of its own.
    const beyond = Number.isInteger(value) && !Number.isSafeInteger(value) && (whole || Math.abs(value) < 1e21);
    if (beyond && !this.#wide) this.#fail('integer beyond 2^53-1: write it as a string');
    this.#at = NUMBER.lastIndex;
    return unsafe ? digits : value;
  }

  #space(): void {
    for (let code = this.#text.charCodeAt(this.#at); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; code = this.#text.charCodeAt(this.#at)) this.#at += 1;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #fail(reason: string, at = this.#at): never {
    const before = this.#text.slice(0, at).split('\n');
    const place = `${this.#name}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
    throw new Fault('INPUT_INVALID', reason, { at: place });
  }
}
