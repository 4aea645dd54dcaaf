/** The few shapes that all human views are put together from: facts, tables, paragraphs, the next command. */
import type { Table } from '../../domain/report.js';
import type { Canvas } from '../canvas.js';
import { fill, fillLeft, width, wrap } from './text.js';

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

const NUMBER = /^[-+≥≤<>]?\s?[\d,.]+( ?[%a-zµ$€]{1,4})?$|^–?$/;
const GAP = '  ';
const NARROWEST = 8;

/** A table without lines; numbers to the right, long cells wrapped rather than cut, so that an id can still be copied. */
export function table({ title, columns, rows }: Table, canvas: Canvas): readonly string[] {
  const { paint } = canvas;
  const numeric = columns.map((_, index) => rows.length > 0 && rows.every((row) => NUMBER.test(row[index] ?? '')));
  const widths = fit(columns.map((name, index) => Math.max(width(name), ...rows.map((row) => width(row[index] ?? '')))), canvas.width);
  const lay = (cell: string, index: number) => (numeric[index] === true ? fillLeft : fill)(cell, widths[index] ?? 0);
  const head = columns.map(lay).join(GAP).trimEnd();
  const body = rows.flatMap((row) => {
    const cells = columns.map((_, index) => wrap(row[index] ?? '', widths[index] ?? 0, true));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) => cells.map((cell, index) => lay(cell[line] ?? '', index)).join(GAP).trimEnd());
  });
  return [...(title === '' ? [] : [paint.strong(title)]), paint.faint(head), ...(body.length > 0 ? body : [paint.faint('none')])];
}

/** Takes columns from the widest, one by one, until the row fits. */
function fit(widths: readonly number[], total: number): readonly number[] {
  const fitted = [...widths];
  for (let over = fitted.reduce((sum, one) => sum + one + GAP.length, -GAP.length) - total; over > 0; over -= 1) {
    const most = Math.max(...fitted);
    if (most <= NARROWEST) break;
    fitted[fitted.indexOf(most)] = most - 1;
  }
  return fitted;
}

export function paragraph(text: string, { width: columns }: Canvas, indent = ''): readonly string[] {
  return wrap(text, columns - indent.length).map((line) => (indent + line).trimEnd());
}

export function note(text: string, { width: columns, paint }: Canvas): readonly string[] {
  return wrap(text, columns - 2).map((line, index) => `${index === 0 ? paint.caution('!') : ' '} ${line}`.trimEnd());
}

/** Always last, and never wrapped: it is there to be copied. */
export function next(command: string | null, { paint }: Canvas): readonly string[] {
  return command === null ? [] : ['', `${paint.faint('next:')} ${paint.command(command)}`];
}

/** Lines as one text, with one line break at the end. */
export function page(...parts: readonly (readonly string[])[]): string {
  return `${parts.flat().join('\n').trimEnd()}\n`;
}
