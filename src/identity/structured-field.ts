/** Structured HTTP fields (RFC 9651): the dictionaries, items and inner lists that message signatures are made of. */
import { Fault } from '../domain/fault.js';
import { fromBase64, toBase64 } from './base-encoding.js';

export interface Token {
  readonly token: string;
}
export type Bare = string | number | boolean | Uint8Array | Token;
export type Parameters = ReadonlyMap<string, Bare>;
export interface Item {
  readonly value: Bare;
  readonly params: Parameters;
  /** The item as RFC 9651 writes it, parameters included: white space between them is gone. */
  readonly text: string;
}
/** A member of a dictionary: an item, or an inner list of items. */
export interface Member {
  readonly value: Bare | readonly Item[];
  readonly params: Parameters;
  /** The member's value as RFC 9651 writes it, parameters included. */
  readonly text: string;
}

/** @throws {Fault} INPUT_INVALID; unlike RFC 9651, a key that occurs twice is refused, because two readers could choose differently */
export function parseDictionary(text: string): ReadonlyMap<string, Member> {
  return new Reader(text).dictionary();
}

/** @throws {Fault} INPUT_INVALID */
export function parseItem(text: string): Item {
  return new Reader(text).only();
}

/** A string item. @throws {Fault} INPUT_INVALID outside printable ASCII */
export function quoted(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Fault('INPUT_INVALID', `${JSON.stringify(text)} does not fit into an HTTP field`);
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

export function byteSequence(bytes: Uint8Array): string {
  return `:${toBase64(bytes)}:`;
}

const KEY = /[a-z*][a-z0-9_.*-]*/y;
/** Visa TAP sends `keyId`, which RFC 9651 does not allow; it is read, and never written. */
const PARAMETER = /keyId|[a-z*][a-z0-9_.*-]*/y;
const NUMBER = /-?\d{1,15}(\.\d{1,3})?/y;
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const BYTES = /:([A-Za-z0-9+/=]*):/y;
const TOKEN = /[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]*/y;
const BOOLEAN = /\?([01])/y;

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text.trim();
  }

  dictionary(): ReadonlyMap<string, Member> {
    const members = new Map<string, Member>();
    while (this.#at < this.#text.length) {
      const key = this.#match(KEY, 'a key')[0];
      if (members.has(key)) throw this.#broken(`key "${key}" twice`);
      members.set(key, this.#member());
      this.#space();
      if (this.#at === this.#text.length) break;
      this.#expect(',');
      this.#space();
      if (this.#at === this.#text.length) throw this.#broken('a trailing comma');
    }
    return members;
  }

  only(): Item {
    const item = this.#item();
    if (this.#at < this.#text.length) throw this.#broken('text after the item');
    return item;
  }

  #member(): Member {
    const { value, text } = !this.#take('=') ? { value: true, text: '?1' } : this.#take('(') ? this.#innerList() : this.#bare();
    const params = this.#params();
    return { value, params: params.map, text: text + params.text };
  }

  #innerList(): { readonly value: readonly Item[]; readonly text: string } {
    const items: Item[] = [];
    for (this.#spaces(); !this.#take(')'); this.#spaces()) {
      items.push(this.#item());
      if (!' )'.includes(this.#text[this.#at] ?? 'x')) throw this.#broken('no space between items');
    }
    return { value: items, text: `(${items.map((item) => item.text).join(' ')})` };
  }

  #item(): Item {
    const { value, text } = this.#bare();
    const params = this.#params();
    return { value, params: params.map, text: text + params.text };
  }

  #params(): { readonly map: Parameters; readonly text: string } {
    const map = new Map<string, Bare>();
    let text = '';
    while (this.#take(';')) {
      this.#spaces();
      const key = this.#match(PARAMETER, 'a parameter')[0];
      if (map.has(key)) throw this.#broken(`parameter "${key}" twice`);
      const bare = this.#take('=') ? this.#bare() : { value: true, text: '?1' };
      map.set(key, bare.value);
      text += bare.value === true ? `;${key}` : `;${key}=${bare.text}`;
    }
    return { map, text };
  }

  #bare(): { readonly value: Bare; readonly text: string } {
    const first = this.#text[this.#at] ?? '';
    if (first === '"') {
      const [text, inner = ''] = this.#match(STRING, 'a string');
      return { value: inner.replace(/\\(["\\])/g, '$1'), text };
    }
    if (first === ':') {
      const value = fromBase64(this.#match(BYTES, 'bytes')[1] ?? '');
      return { value, text: byteSequence(value) };
    }
    if (first === '?') {
      const [text, digit] = this.#match(BOOLEAN, 'a boolean');
      return { value: digit === '1', text };
    }
    if (/[-\d]/.test(first)) return numberOf(this.#match(NUMBER, 'a number')[0]);
    const token = this.#match(TOKEN, 'a value')[0];
    return { value: { token }, text: token };
  }

  #match(pattern: RegExp, what: string): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) throw this.#broken(`no ${what}`);
    this.#at = pattern.lastIndex;
    return match;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#broken(`no "${character}"`);
  }

  #spaces(): void {
    while (this.#take(' '));
  }

  #space(): void {
    while (this.#take(' ') || this.#take('\t'));
  }

  #broken(what: string): Fault {
    return new Fault('INPUT_INVALID', `malformed HTTP field: ${what} at character ${this.#at + 1}`);
  }
}

/** A decimal keeps one digit behind its point, so that it stays one. */
function numberOf(sent: string): { readonly value: number; readonly text: string } {
  const value = Number(sent);
  const text = String(value === 0 ? 0 : value);
  return { value, text: sent.includes('.') && !text.includes('.') ? `${text}.0` : text };
}
