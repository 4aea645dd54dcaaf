/**
 * Regular expressions in time linear in the text, whatever the pattern: Thompson's construction, run as a set of states (Thompson,
 * CACM 11(6), 1968). The dialect is that of ECMAScript with the flag u, without what no such automaton can do.
 */
import { Fault } from '../../domain/fault.js';
import { parseRegex, type Assertion, type Node } from './regex-syntax.js';

type Instruction =
  | { readonly is: 'one'; readonly fits: (character: string) => boolean; readonly next: number }
  | { readonly is: 'assert'; readonly what: Assertion; readonly next: number }
  | { is: 'split'; either: number; or: number }
  | { readonly is: 'match' };

/** Most steps of a compiled pattern: time is at most this times the length of the text. */
const MAX_PROGRAM = 1000;

export interface LinearRegex {
  /** Whether the pattern occurs anywhere in the text. */
  test(text: string): boolean;
  /** Pattern and flags: who keeps expressions by their text must not take one for another. */
  toString(): string;
}

/** @throws {Fault} INPUT_INVALID where the pattern is none, or asks for what cannot be decided in linear time */
export function linearRegex(pattern: string, ignoreCase = false): LinearRegex {
  const flags = ignoreCase ? 'iu' : 'u';
  const program = new Compiler(flags).compile(parseRegex(pattern));
  const isWord = memoised(new RegExp('^\\w$', flags));
  return { test: (text) => run(program, text, isWord), toString: () => `/${pattern}/${flags}` };
}

class Compiler {
  readonly #flags: string;
  readonly #program: Instruction[] = [];
  /** Counts nodes that emit nothing too: a thousand repeats of a thousand empty groups must end as well. */
  #work = 0;

  constructor(flags: string) {
    this.#flags = flags;
  }

  compile(node: Node): readonly Instruction[] {
    this.#emit(node);
    this.#push({ is: 'match' });
    return this.#program;
  }

  #emit(node: Node): void {
    this.#work += 1;
    if (this.#work > 10 * MAX_PROGRAM) throw tooLarge();
    if (node.is === 'one') this.#push({ is: 'one', fits: memoised(new RegExp(`^${node.source}$`, this.#flags)), next: this.#program.length + 1 });
    else if (node.is === 'assert') this.#push({ ...node, next: this.#program.length + 1 });
    else if (node.is === 'sequence') for (const part of node.parts) this.#emit(part);
    else if (node.is === 'choice') this.#choice(node.parts);
    else this.#repeat(node.part, node.least, node.most);
  }

  #choice(parts: readonly Node[]): void {
    const ends: { either: number; or: number }[] = [];
    parts.forEach((part, index) => {
      const split = index < parts.length - 1 ? this.#split() : undefined;
      this.#emit(part);
      if (!split) return;
      ends.push(this.#split());
      split.or = this.#program.length;
    });
    for (const end of ends) end.either = end.or = this.#program.length;
  }

  #repeat(part: Node, least: number, most: number): void {
    for (let count = 0; count < least; count += 1) this.#emit(part);
    if (most === Infinity) {
      const start = this.#program.length;
      const split = this.#split();
      this.#emit(part);
      const back = this.#split();
      back.either = back.or = start;
      split.or = this.#program.length;
      return;
    }
    const skips: { or: number }[] = [];
    for (let count = least; count < most; count += 1) {
      skips.push(this.#split());
      this.#emit(part);
    }
    for (const skip of skips) skip.or = this.#program.length;
  }

  /** A fork whose first way leads on; the second is set by the caller. */
  #split(): { either: number; or: number } {
    const split: Instruction & { is: 'split' } = { is: 'split', either: this.#program.length + 1, or: this.#program.length + 1 };
    this.#push(split);
    return split;
  }

  #push(instruction: Instruction): void {
    if (this.#program.length >= MAX_PROGRAM) throw tooLarge();
    this.#program.push(instruction);
  }
}

/** One character at a time is asked of the engine's own classes, where nothing can run away. */
function memoised(single: RegExp): (character: string) => boolean {
  const known = new Map<string, boolean>();
  return (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const fits = single.test(character);
    known.set(character, fits);
    return fits;
  };
}

function run(program: readonly Instruction[], text: string, isWord: (character: string) => boolean): boolean {
  const states = new States(program, isWord);
  let before = '';
  for (const character of text) {
    if (states.close(before, character)) return true;
    states.eat(character);
    before = character;
  }
  return states.close(before, '');
}

/** Where in the program a run may be, all at once. */
class States {
  readonly #program: readonly Instruction[];
  readonly #isWord: (character: string) => boolean;
  /** In which step each instruction was reached last: a set that costs nothing to empty. */
  readonly #reached: Uint32Array;
  #step = 0;
  /** Where to go on, and instructions that wait for a character. Kept from step to step, so that a step allocates nothing. */
  readonly #pending: number[] = [];
  readonly #waiting: number[] = [];

  constructor(program: readonly Instruction[], isWord: (character: string) => boolean) {
    this.#program = program;
    this.#isWord = isWord;
    this.#reached = new Uint32Array(program.length);
  }

  /** Follows everything that eats no character, from where the last one led and from the start; true on a match. */
  close(before: string, after: string): boolean {
    this.#step += 1;
    this.#waiting.length = 0;
    this.#pending.push(0);
    for (let at = this.#pending.pop(); at !== undefined; at = this.#pending.pop()) {
      const instruction = this.#program[at];
      if (instruction === undefined || this.#reached[at] === this.#step) continue;
      this.#reached[at] = this.#step;
      if (instruction.is === 'match') return true;
      if (instruction.is === 'one') this.#waiting.push(at);
      else if (instruction.is === 'split') this.#pending.push(instruction.or, instruction.either);
      else if (this.#holds(instruction.what, before, after)) this.#pending.push(instruction.next);
    }
    return false;
  }

  eat(character: string): void {
    for (const at of this.#waiting) {
      const instruction = this.#program[at];
      if (instruction?.is === 'one' && instruction.fits(character)) this.#pending.push(instruction.next);
    }
  }

  #holds(what: Assertion, before: string, after: string): boolean {
    if (what === '^') return before === '';
    if (what === '$') return after === '';
    return ((before !== '' && this.#isWord(before)) !== (after !== '' && this.#isWord(after))) === (what === '\\b');
  }
}

function tooLarge(): Fault {
  return new Fault('INPUT_INVALID', `the pattern has more than ${MAX_PROGRAM} steps once its repeats are written out`, { hint: 'ask for fewer repeats' });
}
