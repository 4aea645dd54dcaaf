/** A batch of result rows under way, held as the bytes that go on record: a row that lived on as an object until its batch ends would be copied by every garbage collection in between. */

export interface Batch {
  /** From 0, over all attempts at this run. */
  readonly index: number;
  /** How many. */
  readonly rows: number;
  /** Merkle root over the canonical texts of the rows. */
  readonly root: string;
  /** Those texts, as JSON Lines. */
  readonly results: Uint8Array;
  /** What was said, as JSON Lines. */
  readonly transcripts: Uint8Array;
}

/** RFC 6962 Merkle tree over texts (leaf = SHA-256(0x00 ‖ text)) that come one after the other. */
export interface GrowingTree {
  add(text: string): void;
  /** In hex. */
  root(): string;
}

/** @param batch its bytes are overwritten as soon as this has ended */
export type KeepBatch = (batch: Batch) => Promise<void>;

export class BatchUnderWay {
  readonly #plant: () => GrowingTree;
  readonly #results = new Lines();
  readonly #transcripts = new Lines();
  #tree: GrowingTree;
  #rows = 0;

  constructor(plant: () => GrowingTree) {
    this.#plant = plant;
    this.#tree = plant();
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#results.length + this.#transcripts.length;
  }

  /** @param text canonical text of the row @param transcript what was said, as a JSON line; undefined where it was not kept */
  add(text: string, transcript: string | undefined): void {
    this.#rows += 1;
    this.#tree.add(text);
    this.#results.add(text);
    if (transcript !== undefined) this.#transcripts.add(transcript);
  }

  /** Hands it over and begins anew. */
  async end(index: number, keep: KeepBatch): Promise<void> {
    await keep({ index, rows: this.#rows, root: this.#tree.root(), results: this.#results.bytes, transcripts: this.#transcripts.bytes });
    this.#rows = 0;
    this.#tree = this.#plant();
    this.#results.clear();
    this.#transcripts.clear();
  }
}

const FIRST_CAPACITY = 256 * 1024;
/** Bytes of UTF-8 that one UTF-16 unit takes at most. */
const WIDEST = 3;

class Lines {
  #bytes = Buffer.alloc(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  add(line: string): void {
    const most = this.#length + line.length * WIDEST + 1;
    if (most > this.#bytes.length) this.#bytes = Buffer.concat([this.bytes], Math.max(most, 2 * this.#bytes.length));
    this.#length += this.#bytes.write(line, this.#length);
    this.#bytes[this.#length] = 0x0a;
    this.#length += 1;
  }

  clear(): void {
    this.#length = 0;
  }
}
