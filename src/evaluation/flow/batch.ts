/** A batch of result rows under way, held as the bytes that go on record: a row that lived on as an object until its batch ends would be copied by every garbage collection in between. */
import type { Answered } from './attempt.js';

export interface Batch {
  /** From 0, over all attempts at this run. */
  readonly index: number;
  /** How many. */
  readonly rows: number;
  /** Ids of the cases that they are about. */
  readonly cases: readonly string[];
  /** Merkle root over the canonical texts of the rows. */
  readonly root: string;
  /** Those texts, as JSON Lines. */
  readonly results: Uint8Array;
  /** What was said, as JSON Lines. */
  readonly transcripts: Uint8Array;
}

/** RFC 6962 Merkle tree over texts: leaf = SHA-256(0x00 ‖ text). */
export interface RowTree {
  /** In hex. */
  leaf(text: string): string;
  root(leaves: readonly string[]): string;
}

/** @param batch its bytes are overwritten as soon as this has ended */
export type KeepBatch = (batch: Batch) => Promise<void>;

export class BatchUnderWay {
  readonly #tree: RowTree;
  readonly #results = new Lines();
  readonly #transcripts = new Lines();
  #leaves: string[] = [];
  #cases: string[] = [];

  constructor(tree: RowTree) {
    this.#tree = tree;
  }

  get rows(): number {
    return this.#leaves.length;
  }

  /** @param answered without a transcript where none was kept */
  add({ row, text, transcript }: Pick<Answered, 'text'> & { readonly row: Pick<Answered['row'], 'case'>; readonly transcript: string | undefined }): void {
    this.#cases.push(row.case);
    this.#leaves.push(this.#tree.leaf(text));
    this.#results.add(text);
    if (transcript !== undefined) this.#transcripts.add(transcript);
  }

  /** Hands it over and begins anew. */
  async end(index: number, keep: KeepBatch): Promise<void> {
    await keep({ index, rows: this.rows, cases: this.#cases, root: this.#tree.root(this.#leaves), results: this.#results.bytes, transcripts: this.#transcripts.bytes });
    [this.#leaves, this.#cases] = [[], []];
    this.#results.clear();
    this.#transcripts.clear();
  }
}

const FIRST_CAPACITY = 64 * 1024;
/** Bytes of UTF-8 that one UTF-16 unit takes at most. */
const WIDEST = 3;

class Lines {
  #bytes = Buffer.alloc(FIRST_CAPACITY);
  #length = 0;

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
