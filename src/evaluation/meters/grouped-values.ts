/** Values gathered by the group that they came from, in 16 bytes each: most groups have one case, and a map of their names would grow to more than the run itself needs. */
import { sha256Hex } from '../../domain/digest.js';
import type { Cluster } from '../statistics/clustered.js';

const FIRST_CAPACITY = 1024;
/** Hex digits of the hash that stand for a group: 48 bits, an exact number. Two groups that share it would err together, which widens bounds and never narrows them by more than one group. */
const DIGITS = 12;

export class GroupedValues {
  #groups = new Float64Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(group: string, value: number): void {
    if (this.#size === this.#groups.length) this.#grow();
    this.#groups[this.#size] = Number.parseInt(sha256Hex(group).slice(0, DIGITS), 16);
    this.#values[this.#size] = value;
    this.#size += 1;
  }

  /** One for each group, in an order that depends on their names alone; each is made when it is asked for. */
  clusters(): Iterable<Cluster> {
    const order = Uint32Array.from({ length: this.#size }, (_, at) => at).sort((a, b) => (this.#groups[a] ?? 0) - (this.#groups[b] ?? 0) || a - b);
    return { [Symbol.iterator]: () => this.#clustersIn(order) };
  }

  *#clustersIn(order: Uint32Array): Generator<Cluster> {
    let [n, sum] = [0, 0];
    for (const [place, at] of order.entries()) {
      n += 1;
      sum += this.#values[at] ?? 0;
      if (this.#groups[order[place + 1] ?? -1] === this.#groups[at]) continue;
      yield { n, sum };
      [n, sum] = [0, 0];
    }
  }

  #grow(): void {
    const wider = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const array = new Float64Array(old.length * 2);
      array.set(old);
      return array;
    };
    [this.#groups, this.#values] = [wider(this.#groups), wider(this.#values)];
  }
}
