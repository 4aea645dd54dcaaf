/** Cuts a byte stream into lines without ever holding more than one of them, and refuses lines that do not end. */

export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #held = 0;

  /** `limit`: longest line in bytes, without its line feed. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that `chunk` completes, in order; `over-long` in the place of one that broke the limit, after which the stream is of no use. */
  *push(chunk: Uint8Array): Generator<Uint8Array | 'over-long'> {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      this.#hold(chunk.subarray(start, end));
      if (this.#held > this.#limit) return yield 'over-long';
      yield this.#take();
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
    if (this.#held > this.#limit) yield 'over-long';
  }

  #hold(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#held += part.length;
  }

  #take(): Uint8Array {
    const line = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#held = 0;
    return line;
  }
}
