/** Comma-separated values (RFC 4180) as records by column name, read line by line: a quoted cell may hold line breaks. */
import { Fault } from '../../domain/fault.js';

export interface CsvRecord {
  readonly cells: ReadonlyMap<string, string>;
  readonly at: string;
  /** Line on which it begins. */
  readonly line: number;
}

/** Longest record, and most columns. */
const LONGEST_RECORD = 1024 * 1024;
const MOST_COLUMNS = 1000;

/** @throws {Fault} INPUT_INVALID at `file:line`: a quote astray or left open, another number of cells than names, a name twice */
export async function* csvRecords(lines: AsyncIterable<{ readonly text: string; readonly number: number }>, file: string): AsyncGenerator<CsvRecord> {
  let names: readonly string[] | undefined;
  for await (const { text, number } of wholeRecords(lines, file)) {
    const at = `${file}:${number}`;
    const cells = cellsOf(text, at);
    if (names === undefined) {
      names = checked(cells, at);
      continue;
    }
    if (cells.length !== names.length) throw new Fault('INPUT_INVALID', `it has ${cells.length} cells, the first line names ${names.length}`, { at });
    yield { cells: new Map(names.map((name, index) => [name, unguarded(cells[index] ?? '')])), at, line: number };
  }
}

/** Lines put together until every quote is closed; empty ones between records are skipped. */
async function* wholeRecords(lines: AsyncIterable<{ readonly text: string; readonly number: number }>, file: string): AsyncGenerator<{ readonly text: string; readonly number: number }> {
  let held: { text: string; readonly number: number } | undefined;
  let open = false;
  for await (const { text, number } of lines) {
    const line = text.replace(/\r$/, '');
    if (held === undefined && line === '') continue;
    if (held) held.text += `\n${line}`;
    else held = { text: number === 1 ? line.replace(/^\ufeff/, '') : line, number };
    if (held.text.length > LONGEST_RECORD) throw new Fault('INPUT_INVALID', `the record is longer than ${LONGEST_RECORD} characters: is a quote left open?`, { at: `${file}:${held.number}` });
    // An odd number of quotes leaves one open.
    if ((line.match(/"/g)?.length ?? 0) % 2 === 1) open = !open;
    if (open) continue;
    yield held;
    held = undefined;
  }
  if (held) throw new Fault('INPUT_INVALID', 'a quote is left open until the end of the file', { at: `${file}:${held.number}` });
}

// Unrolled, so that a cell without an end is given up in linear time.
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;

function cellsOf(text: string, at: string): readonly string[] {
  const cells: string[] = [];
  for (CELL.lastIndex = 0; ; ) {
    const match = CELL.exec(text);
    if (!match) throw new Fault('INPUT_INVALID', `cell ${cells.length + 1} has a quote in its middle`, { at });
    cells.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') return cells;
  }
}

function checked(names: readonly string[], at: string): readonly string[] {
  if (names.length > MOST_COLUMNS) throw new Fault('INPUT_INVALID', `${names.length} columns, more than ${MOST_COLUMNS}`, { at });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Fault('INPUT_INVALID', `the column ${JSON.stringify(twice.slice(0, 100))} is there twice`, { at });
  return names;
}

/** The apostrophe that keeps a spreadsheet from running a cell as a formula is no part of what it says. */
function unguarded(cell: string): string {
  return /^'[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell) ? cell.slice(1) : cell;
}
