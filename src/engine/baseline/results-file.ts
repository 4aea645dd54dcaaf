/** A file of results as it is read: whole up to a limit, else line by line; its digest is of exactly the bytes that were read. */
import { digestBytes, RunningDigest, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';
import { linesOf } from '../../evaluation/dataset.js';

const MIB = 1024 * 1024;
/** Largest file that is held in memory: an archive, which is unpacked from there. Longer ones are read by lines. */
export const LARGEST_HELD = 256 * MIB;
/** Largest JSON or XML text that is one document. */
export const LARGEST_DOCUMENT = 64 * MIB;
/** Longest line of JSON Lines or CSV, where the file is too large for a document. */
export const LONGEST_LINE = 16 * MIB;

export interface Line {
  readonly text: string;
  readonly number: number;
}

export class ResultsFile {
  /** As it was typed. */
  readonly name: string;
  /** All bytes; undefined where there are too many to be held. */
  readonly bytes: Uint8Array | undefined;
  readonly #path: string;
  readonly #files: World['files'];
  #streamed: { readonly digest: Digest; readonly size: number } | undefined;

  private constructor(files: World['files'], name: string, path: string, bytes: Uint8Array | undefined) {
    this.#files = files;
    this.name = name;
    this.#path = path;
    this.bytes = bytes;
  }

  /** @throws {Fault} INPUT_INVALID for an empty one, IO */
  static async open({ files, surroundings }: Pick<World, 'files' | 'surroundings'>, name: string): Promise<ResultsFile> {
    const path = name.startsWith('/') ? name : `${surroundings.cwd}/${name}`;
    const info = await files.info(path);
    const held = info === undefined || info.kind !== 'file' || info.size <= LARGEST_HELD;
    const bytes = held ? await files.read(path) : undefined;
    if (bytes?.length === 0) throw new Fault('INPUT_INVALID', `${name} is empty`, { at: name });
    return new ResultsFile(files, name, path, bytes);
  }

  /** The whole of it as one text, without a byte order mark. @throws {Fault} INPUT_INVALID */
  text(): string {
    const { bytes, name } = this;
    if (bytes === undefined || bytes.length > LARGEST_DOCUMENT) throw new Fault('INPUT_INVALID', `a document of more than ${LARGEST_DOCUMENT / MIB} MiB is not read in one piece`, { at: name, hint: 'let the other harness write JSON Lines' });
    return decoded(bytes, name).replace(/^\ufeff/, '');
  }

  /** @throws {Fault} INPUT_INVALID at `file:line` */
  async *lines(): AsyncGenerator<Line> {
    let number = 0;
    if (this.bytes) {
      for (const line of linesOf(this.bytes)) {
        number += 1;
        const at = `${this.name}:${number}`;
        // A line of what could be one document may be all of it.
        if (line.length > LONGEST_LINE && this.bytes.length > LARGEST_DOCUMENT) throw new Fault('INPUT_INVALID', `line ${number} is longer than ${LONGEST_LINE} bytes`, { at });
        yield { text: decoded(line, at), number };
      }
    } else yield* this.#stream();
  }

  /** How many bytes, and what they are. Of a file that is read by lines only once all of them were. */
  identity(): { readonly digest: Digest; readonly size: number } {
    if (this.bytes) return { digest: digestBytes(this.bytes), size: this.bytes.length };
    if (this.#streamed === undefined) throw new Fault('INTERNAL', 'the file was not read to its end');
    return this.#streamed;
  }

  async *#stream(): AsyncGenerator<Line> {
    const running = new RunningDigest();
    let [number, size] = [0, 0];
    for await (const text of this.#files.lines(this.#path, LONGEST_LINE)) {
      number += 1;
      running.add(number === 1 ? text : `\n${text}`);
      size += Buffer.byteLength(text) + (number === 1 ? 0 : 1);
      yield { text, number };
    }
    // The reader does not say whether the last line had its end; the size of the file does.
    const whole = (await this.#files.info(this.#path))?.size;
    if (whole === size + 1) running.add('\n');
    else if (whole !== size) throw new Fault('IO', `${this.name} changed while it was read`, { at: this.name, hint: 'import it again once it is finished' });
    this.#streamed = { digest: running.end(), size: whole };
  }
}

function decoded(bytes: Uint8Array, at: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', 'it is not UTF-8 text', { at, cause });
  }
}
