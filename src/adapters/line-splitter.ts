/** Cuts a byte stream into lines without ever holding more than one of them, and refuses lines that do not end. */

export class LineSplitter {
  readonly #limit: number;
  #parts: Uint8Array[] = [];
  #held = 0;

  /** `limit`: longest line in bytes, without its line feed. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that `chunk` completes, in order; null in the place of one that broke the limit, after which the stream is of no use. */
  *push(chunk: Uint8Array): Generator<Uint8Array | null> {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      this.#hold(chunk.subarray(start, end));
      if (this.#held > this.#limit) return yield null;
      yield this.#take();
      start = end + 1;
    }
    this.#hold(chunk.subarray(start));
    if (this.#held > this.#limit) yield null;
  }

  /** The same for a chunk of ASCII, as texts: a part of a buffer takes longer to make than the text of a line. What an earlier chunk began comes as bytes. */
  *texts(chunk: Buffer): Generator<Uint8Array | string | null> {
    const first = this.#held === 0 ? 0 : chunk.indexOf(0x0a) + 1;
    if (first === 0 && this.#held > 0) return yield* this.push(chunk);
    if (first > 0) yield* this.push(chunk.subarray(0, first));
    let start = first;
    for (let end = chunk.indexOf(0x0a, start); end !== -1; end = chunk.indexOf(0x0a, start)) {
      if (end - start > this.#limit) return yield null;
      yield chunk.toString('latin1', start, end);
      start = end + 1;
    }
    if (start < chunk.length) yield* this.push(chunk.subarray(start));
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
