/** Results told line by line: for people, as JSON Lines, and as CSV that a spreadsheet does not run. */
import { csvRecord } from '../domain/csv.js';
import type { LineFormat, ResultColumns, ResultLine } from '../domain/ports.js';
import { visible } from '../domain/visible.js';
import type { Canvas } from './canvas.js';
import { cut, fill, fillLeft, hanging } from './human/text.js';
import { line as jsonLine } from './json.js';

/** How the parts of a result are written in one format. */
export interface LineView {
  readonly head: string;
  line(line: ResultLine): string;
}

export function lineView(format: LineFormat, columns: ResultColumns, canvas: Canvas): LineView {
  if (format === 'jsonl') return { head: '', line: ({ value }) => jsonLine(value) };
  if (format === 'csv') return { head: csvRecord(columns.cells), line: ({ cells }) => csvRecord(cells) };
  const [{ width: first = 0 } = {}] = columns.shown;
  return {
    head: `${canvas.paint.faint(beside(columns.shown.map(({ name }) => name), columns))}\n`,
    line: ({ shown, under }) => [beside(shown, columns), ...under.flatMap((text) => hanging(' '.repeat(first + 2), visible(text), canvas.width))].map((text) => `${text.trimEnd()}\n`).join(''),
  };
}

/** A line that is written now cannot know how wide a later one will be: widths are fixed, and the last cell may run over. */
function beside(cells: readonly string[], { shown }: ResultColumns): string {
  return shown.map(({ width }, index) => {
    const text = visible(cells[index] ?? '');
    if (index === 0) return fillLeft(text, width);
    return index === shown.length - 1 ? text : fill(cut(text, width), width);
  }).join('  ').trimEnd();
}
