/** Holds answers back until all before them are there. */
import type { ResultRow } from '../score.js';

export interface Answered {
  readonly row: ResultRow;
  /** Canonical text of the row. */
  readonly text: string;
  /** What was said, as a JSON line. */
  readonly transcript: string;
}

/** Takes an answer. @returns a promise when the next has to wait */
export type Put = (answered: Answered) => Promise<void> | undefined;

export class InOrder {
  readonly #put: Put;
  /** From the first that is missing on. No map: its worn-out tables hold on to one another, and with them to every answer of a long run. */
  readonly #held: (Answered | undefined)[] = [];
  /** Questions that were opened, and answers that were passed on. */
  #opened = 0;
  #passed = 0;
  /** While whoever takes the answers asks to wait. */
  #waiting: Promise<void> | undefined;

  constructor(put: Put) {
    this.#put = put;
  }

  get ahead(): number {
    return this.#opened - this.#passed;
  }

  /** Position of the next question. */
  open(): number {
    this.#opened += 1;
    return this.#opened - 1;
  }

  /** @returns a promise when the next question has to wait */
  put(position: number, answered: Answered): Promise<void> | undefined {
    this.#held[position - this.#passed] = answered;
    return this.#waiting ?? this.#pass();
  }

  /** Waits for what was begun. */
  async settled(): Promise<void> {
    await this.#waiting;
  }

  #pass(): Promise<void> | undefined {
    for (let next = this.#held[0]; next !== undefined; next = this.#held[0]) {
      this.#held.shift();
      this.#passed += 1;
      const wait = this.#put(next);
      if (wait !== undefined) return (this.#waiting = this.#passLater(wait));
    }
    return undefined;
  }

  async #passLater(wait: Promise<void>): Promise<void> {
    await wait;
    this.#waiting = undefined;
    await this.#pass();
  }
}
