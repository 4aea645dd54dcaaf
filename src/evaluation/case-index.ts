/** Where each case of a data set stands in its file: enough to ask the cases in the order of a run without holding them. */
import { sha256Hex } from '../domain/digest.js';
import { placeInRun } from './dataset.js';

/** A line of the file. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Bytes before it. */
  readonly offset: number;
  readonly length: number;
}

/** Bytes kept for each case: three numbers. */
const FIRST_CAPACITY = 1024;

export class CaseIndex {
  #offsets = new Float64Array(FIRST_CAPACITY);
  #lengths = new Uint32Array(FIRST_CAPACITY);
  /** 48 bits of the hash of the case id: whether two may have the same. */
  #ids = new Float64Array(FIRST_CAPACITY);
  #places = new Float64Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param id case id. @param run run whose order counts */
  add(id: string, run: string, { offset, length }: Omit<Line, 'number'>): void {
    if (this.#size === this.#offsets.length) this.#grow();
    this.#offsets[this.#size] = offset;
    this.#lengths[this.#size] = length;
    this.#ids[this.#size] = Number.parseInt(sha256Hex(id).slice(0, 12), 16);
    this.#places[this.#size] = placeInRun(id, run);
    this.#size += 1;
  }

  /** Pairs of lines whose cases may have the same id: to be read again, since two ids can share a hash. */
  *suspects(): Generator<readonly [earlier: Line, later: Line]> {
    const order = this.#sorted(this.#ids);
    for (let at = 1; at < order.length; at += 1) {
      const [one, other] = [order[at - 1] ?? 0, order[at] ?? 0];
      if (this.#ids[one] === this.#ids[other]) yield [this.#line(one), this.#line(other)];
    }
  }

  /** Of an index that is whole: what a run needs of it, which is half of what it took to tell. */
  inOrder(): LinesInOrder {
    return new LinesInOrder(this.#offsets.slice(0, this.#size), this.#lengths.slice(0, this.#size), this.#sorted(this.#places));
  }

  /** Equal keys keep the order of the file. */
  #sorted(keys: Float64Array): Uint32Array {
    return Uint32Array.from({ length: this.#size }, (_, at) => at).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
  }

  #line(at: number): Line {
    return lineAt(this.#offsets, this.#lengths, at);
  }

  #grow(): void {
    const capacity = this.#offsets.length * 2;
    const wider = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const array = new Float64Array(capacity);
      array.set(old);
      return array;
    };
    this.#offsets = wider(this.#offsets);
    this.#ids = wider(this.#ids);
    this.#places = wider(this.#places);
    const lengths = new Uint32Array(capacity);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
  }
}

/** Lines of a file in the order of a run, in 16 bytes each. */
export class LinesInOrder implements Iterable<Line> {
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #order: Uint32Array;

  constructor(offsets: Float64Array, lengths: Uint32Array, order: Uint32Array) {
    this.#offsets = offsets;
    this.#lengths = lengths;
    this.#order = order;
  }

  get count(): number {
    return this.#order.length;
  }

  /** Bytes up to the end of the last line of the file. */
  get end(): number {
    return (this.#offsets.at(-1) ?? 0) + (this.#lengths.at(-1) ?? 0);
  }

  *[Symbol.iterator](): Generator<Line> {
    for (const at of this.#order) yield lineAt(this.#offsets, this.#lengths, at);
  }
}

function lineAt(offsets: Float64Array, lengths: Uint32Array, at: number): Line {
  return { number: at + 1, offset: offsets[at] ?? 0, length: lengths[at] ?? 0 };
}
