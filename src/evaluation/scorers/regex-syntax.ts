/** The tree of a regular expression, in the dialect of ECMAScript with the flag u, without what no finite automaton can do. */
import { Fault } from '../../domain/fault.js';

export type Assertion = '^' | '$' | '\\b' | '\\B';
export type Node =
  | { readonly is: 'one'; readonly source: string }
  | { readonly is: 'assert'; readonly what: Assertion }
  | { readonly is: 'sequence'; readonly parts: readonly Node[] }
  | { readonly is: 'choice'; readonly parts: readonly Node[] }
  | { readonly is: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

const ATOM = /\[(?:\\.|[^\]\\])*\]|\\(?:u\{[0-9a-fA-F]+\}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[a-zA-Z]|[pP]\{[^}]*\}|.)|./suy;
const COUNT = /\{(\d+)(?:(,)(\d*))?\}/y;

/** @throws {Fault} INPUT_INVALID where the pattern is none, or asks for what cannot be decided in linear time */
export function parseRegex(pattern: string): Node {
  try {
    new RegExp(pattern, 'u');
  } catch (cause) {
    throw new Fault('INPUT_INVALID', `not a regular expression: ${cause instanceof Error ? cause.message : String(cause)}`, { hint: 'write it as ECMAScript with the flag u', cause });
  }
  return new Parser(pattern).pattern();
}

/** Recursive descent over a pattern that the engine has accepted already. */
class Parser {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  pattern(): Node {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] ? parts[0] : { is: 'choice', parts };
  }

  #sequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#pattern.length && !'|)'.includes(this.#pattern[this.#at] ?? '')) parts.push(this.#repeated(this.#single()));
    return { is: 'sequence', parts };
  }

  #single(): Node {
    if (this.#take('(')) return this.#group();
    for (const what of ['^', '$', '\\b', '\\B'] as const) if (this.#take(what)) return { is: 'assert', what };
    if (/^\\(?:[1-9]|k)/.test(this.#pattern.slice(this.#at, this.#at + 2))) throw refused('a back reference', 'name what may stand there');
    ATOM.lastIndex = this.#at;
    const source = ATOM.exec(this.#pattern)?.[0] ?? '';
    this.#at += source.length;
    return { is: 'one', source };
  }

  #group(): Node {
    if (this.#take('?') && !this.#take(':')) throw refused(/^<(?![=!])/.test(this.#pattern.slice(this.#at)) ? 'a named group' : 'look-around or a modifier', 'use (?: ) alone, and a second scorer for what must not be there');
    const inside = this.pattern();
    this.#take(')');
    return inside;
  }

  #repeated(part: Node): Node {
    const [least, most] = this.#count() ?? [];
    if (least === undefined || most === undefined) return part;
    this.#take('?');
    return { is: 'repeat', part, least, most };
  }

  #count(): readonly [least: number, most: number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    COUNT.lastIndex = this.#at;
    const [whole, least, comma, most] = COUNT.exec(this.#pattern) ?? [];
    if (whole === undefined) return undefined;
    this.#at += whole.length;
    return [Number(least), comma === undefined ? Number(least) : most === '' ? Infinity : Number(most)];
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

function refused(what: string, hint: string): Fault {
  return new Fault('INPUT_INVALID', `${what} cannot be decided in linear time`, { hint });
}
