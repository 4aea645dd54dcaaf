/** The few shapes that all human views are put together from: facts, tables, paragraphs, the next command. */
import type { Table } from '../../domain/report.js';
import type { Canvas } from '../canvas.js';
import { wrapAdvice } from './advice.js';
import { fill, fillLeft, hanging, width, wrap } from './text.js';

const LONGEST_LABEL = 24;

/** `label   value`, the values in one column. */
export function facts(items: readonly { readonly label: string; readonly value: string }[], { paint, width: columns }: Canvas, indent = ''): readonly string[] {
  const label = Math.min(Math.max(0, ...items.map((item) => width(item.label))), LONGEST_LABEL);
  return items.flatMap((item) => {
    const first = indent + paint.faint(fill(item.label, label)) + '  ';
    const [head = '', ...rest] = wrap(item.value, columns - indent.length - Math.max(label, width(item.label)) - 2);
    return [first + head, ...rest.map((line) => ' '.repeat(indent.length + label + 2) + line)];
  });
}

const NUMBER = /^[-+\u2265\u2264<>]?\s?[\d,.]+( ?[%a-z\u00b5$\u20ac]{1,4})?$|^\u2013?$/;
const GAP = '  ';
/** Columns that a cell may ask for whatever is beside it: a longer text is wrapped, and a longer word in the first column broken. */
const WORD = 28;
const PROSE = 16;
const UNDER = 4;

/**
 * A table without lines; numbers to the right, long cells wrapped rather than cut, so that an id can still be copied.
 * What finds no room beside the others stands under its row, `name: text`.
 */
export function table({ title, columns, rows }: Table, canvas: Canvas): readonly string[] {
  const { paint } = canvas;
  const cell = (row: readonly string[], index: number) => row[index] ?? '';
  const numeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => NUMBER.test(cell(row, index))));
  const natural = columns.map((name, index) => Math.max(width(name), ...rows.map((row) => widest(cell(row, index)))));
  const least = columns.map((name, index) => Math.max(width(name), Math.min(natural[index] ?? 0, PROSE), Math.min(Math.max(0, ...rows.map((row) => longestWord(cell(row, index)))), index === 0 ? WORD : Infinity)));
  const beside = placedBeside(natural, least, canvas.width);
  const widths = fit(natural, least, beside, canvas.width);
  const lay = (text: string, index: number) => (numeric[index] === true ? fillLeft : fill)(text, widths.get(index) ?? 0);
  const line = (texts: ReadonlyMap<number, string>) => beside.map((index) => lay(texts.get(index) ?? '', index)).join(GAP).trimEnd();
  const body = rows.flatMap((row) => {
    const cells = new Map(beside.map((index) => [index, wrap(cell(row, index), widths.get(index) ?? 0, true)]));
    const height = Math.max(...[...cells.values()].map((lines) => lines.length));
    const under = columns.flatMap((name, index) => (beside.includes(index) || cell(row, index) === '' ? [] : hanging(`${' '.repeat(UNDER)}${name}: `, cell(row, index), canvas.width)));
    return [...Array.from({ length: height }, (_, at) => line(new Map([...cells].map(([index, lines]) => [index, lines[at] ?? ''])))), ...under];
  });
  return [...(title === '' ? [] : [paint.strong(title)]), paint.faint(line(new Map(columns.entries()))), ...(body.length > 0 ? body : [paint.faint('none')])];
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map(width));
}

function longestWord(text: string): number {
  return Math.max(...text.split(/\s/).map(width));
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Columns that fit beside each other; the widest ones have to go, the first never. */
function placedBeside(natural: readonly number[], least: readonly number[], total: number): readonly number[] {
  const beside = [...natural.keys()];
  while (beside.length > 1 && sum(beside.map((index) => least[index] ?? 0)) + GAP.length * (beside.length - 1) > total) {
    const most = Math.max(...beside.slice(1).map((index) => natural[index] ?? 0));
    beside.splice(beside.findLastIndex((index) => natural[index] === most), 1);
  }
  return beside;
}

/** Takes columns from the widest that has some to spare, one by one, until the row fits. */
function fit(natural: readonly number[], least: readonly number[], beside: readonly number[], total: number): ReadonlyMap<number, number> {
  const fitted = new Map(beside.map((index) => [index, natural[index] ?? 0]));
  for (let over = sum([...fitted.values()]) + GAP.length * (beside.length - 1) - total; over > 0; over -= 1) {
    const spare = [...fitted].filter(([index, columns]) => columns > (least[index] ?? 0));
    const [index, columns] = spare.toSorted(([, one], [, other]) => other - one)[0] ?? [];
    if (index === undefined || columns === undefined) break;
    fitted.set(index, columns - 1);
  }
  return fitted;
}

export function paragraph(text: string, { width: columns }: Canvas, indent = ''): readonly string[] {
  return wrap(text, columns - indent.length).map((line) => (indent + line).trimEnd());
}

/** An indented line of a note is there to be copied, so it is never wrapped: YAML that is broken by hand is other YAML, or none. */
export function note(text: string, { width: columns, paint }: Canvas): readonly string[] {
  const lines = text.split('\n').flatMap((line) => (line.startsWith('  ') ? [line] : wrapAdvice(line, columns - 2)));
  return lines.map((line, index) => `${index === 0 ? paint.caution('!') : ' '} ${line}`.trimEnd());
}

/** Always last, and never wrapped: it is there to be copied. */
export function next(command: string | null, { paint }: Canvas): readonly string[] {
  return command === null ? [] : ['', `${paint.faint('next:')} ${paint.command(command)}`];
}

/** Lines as one text, with one line break at the end. */
export function page(...parts: readonly (readonly string[])[]): string {
  return `${parts.flat().join('\n').trimEnd()}\n`;
}
