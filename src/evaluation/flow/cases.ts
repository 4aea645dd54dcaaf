/** The cases of a data set file in the order of a run, read when they are asked: a data set of any size takes the memory of its index. */
import { Fault } from '../../domain/fault.js';
import type { Files, OpenFile } from '../../domain/ports.js';
import { CaseIndex, type Line, type LinesInOrder } from '../case-index.js';
import { MAX_LINE, readCase, type Case, type CaseSource } from '../dataset.js';

export interface CaseFile extends CaseSource {
  readonly path: string;
}

export interface CasesOfRun {
  readonly count: number;
  open(): Promise<OpenCases>;
}

export interface OpenCases {
  /** In the order of the run; to be read once, and not after closing. Each is there at once, since waiting for one takes as long as reading it. @throws {Fault} DATASET_INVALID */
  readonly cases: Iterable<Case>;
  close(): Promise<void>;
}

/** Bytes read at once while the lines are found. */
const CHUNK = 256 * 1024;
/** Bytes up to which a file is small. */
const HELD = 2 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Reads the whole file once: every line is checked before the first case is asked.
 * @throws {Fault} DATASET_INVALID at `file:line`: broken JSON, invalid UTF-8, over-long line, unknown key, turns that the agent cannot be given, duplicate id, missing reference, no case
 */
export async function casesOfRun(files: Pick<Files, 'open'>, source: CaseFile, run: string): Promise<CasesOfRun> {
  const open = await files.open(source.path);
  const index = new CaseIndex();
  try {
    for (const { line, bytes } of linesIn(open, source.file)) index.add(readCase(bytes, placeOf(source, line), source).id, run, line);
    if (index.size === 0) throw new Fault('DATASET_INVALID', 'the data set has no case', { at: source.file });
    for (const [earlier, later] of index.suspects()) refuseSame(caseAt(open, source, earlier), earlier, caseAt(open, source, later), placeOf(source, later));
  } finally {
    await open.close();
  }
  const lines = index.inOrder();
  return { count: lines.count, open: () => opened(files, source, lines) };
}

/** Lines of a data set file, one at a time. @throws {Fault} DATASET_INVALID at `file:line` for one that is too long */
export async function* linesOfFile(files: Pick<Files, 'open'>, { path, file }: Pick<CaseFile, 'path' | 'file'>): AsyncGenerator<Uint8Array> {
  const open = await files.open(path);
  try {
    for (const { bytes } of linesIn(open, file)) yield bytes;
  } finally {
    await open.close();
  }
}

async function opened(files: Pick<Files, 'open'>, source: CaseFile, lines: LinesInOrder): Promise<OpenCases> {
  const open = await files.open(source.path);
  const { end } = lines;
  return { cases: casesIn(end > HELD ? open : held(open, end), source, lines), close: () => open.close() };
}

/** The bytes of a small file, read once: each read on its own takes longer than reading the case in it. */
function held(open: OpenFile, end: number): Pick<OpenFile, 'read'> {
  const bytes = open.read(0, end);
  return { read: (offset, length) => bytes.subarray(offset, offset + length) };
}

function* casesIn(open: Pick<OpenFile, 'read'>, source: CaseFile, lines: LinesInOrder): Generator<Case> {
  for (const line of lines) yield caseAt(open, source, line);
}

function caseAt(open: Pick<OpenFile, 'read'>, source: CaseFile, line: Line): Case {
  return readCase(open.read(line.offset, line.length), placeOf(source, line), source);
}

function placeOf({ file }: CaseFile, { number }: Line): string {
  return `${file}:${number}`;
}

function refuseSame(one: Case, { number }: Line, other: Case, at: string): void {
  if (one.id === other.id) throw new Fault('DATASET_INVALID', `the case id ${JSON.stringify(one.id)} stands on line ${number} already`, { at });
}

/** Lines without their line feeds; the line feed at the end of the file opens no further line. */
function* linesIn(open: OpenFile, file: string): Generator<{ readonly line: Line; readonly bytes: Uint8Array }> {
  let [number, offset] = [1, 0];
  let rest: Uint8Array = new Uint8Array(0);
  for (let at = 0; ; ) {
    const chunk = open.read(at, CHUNK);
    at += chunk.length;
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      yield { line: { number, offset, length: end - start }, bytes: bytes.subarray(start, end) };
      [number, offset, start] = [number + 1, offset + end + 1 - start, end + 1];
    }
    rest = bytes.subarray(start);
    // Its end is not in sight, and nobody should have to hold it to learn that it is too long.
    if (rest.length > MAX_LINE) throw new Fault('DATASET_INVALID', `the line has more than ${MAX_LINE} bytes`, { at: `${file}:${number}` });
    if (chunk.length === 0) break;
  }
  if (rest.length > 0) yield { line: { number, offset, length: rest.length }, bytes: rest };
}
