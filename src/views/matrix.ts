/** Who is taken for whom: references in rows, answers in columns, darker where there are more of a row. */
import type { Plot } from '../domain/plot.js';
import { clip, figure, round, WIDTH } from './figure.js';
import { html, type Html } from './markup.js';

/** Most room for the names of the rows. */
const WIDEST = 150;
const TOP = 70;
const LARGEST = 56;
/** Cells narrower than this have smaller names and numbers, and below READABLE no numbers: the table has them. */
const ROOMY = 22;
const READABLE = 14;

type Matrix = Extract<Plot, { readonly is: 'matrix' }>;

export function matrixPlot({ title, rows, columns, counts }: Omit<Matrix, 'is'>): Html {
  const left = Math.min(WIDEST, 16 + 8 * Math.max(0, ...rows.map((name) => name.length)));
  const size = round(Math.min(LARGEST, (WIDTH - left - 40) / Math.max(1, columns.length)));
  const small = size < ROOMY ? 'small' : '';
  const names = columns.map((name, at) => html`<text class="soft ${small}" transform="translate(${round(left + (at + 0.6) * size)} ${TOP - 8}) rotate(-45)">${clip(name, 10)}</text>`);
  const lines = rows.map((name, at) => {
    const total = (counts[at] ?? []).reduce((sum, count) => sum + count, 0);
    const cells = columns.map((column, place) => cell({ count: counts[at]?.[place] ?? 0, total, right: name === column }, { x: left + place * size, y: TOP + at * size, size }));
    return html`<text class="${small}" x="${left - 8}" y="${round(TOP + (at + 0.5) * size + (small ? 3 : 4))}" text-anchor="end">${clip(name, 18)}</text>${cells}`;
  });
  const wrong = rows.flatMap((name, at) => columns.flatMap((column, place) => (name === column || (counts[at]?.[place] ?? 0) === 0 ? [] : [`${name} taken for ${column}: ${counts[at]?.[place] ?? 0}`])));
  const desc = `References in rows, answers in columns. ${wrong.length === 0 ? 'Nothing is taken for anything else.' : wrong.slice(0, 12).join('; ')}`;
  return figure(title, desc, round(TOP + rows.length * size + 10), html`${names}${lines}`, ['expected', ...columns], rows.map((name, at) => [name, ...columns.map((_, place) => String(counts[at]?.[place] ?? 0))]));
}

function cell({ count, total, right }: { readonly count: number; readonly total: number; readonly right: boolean }, { x, y, size }: { readonly x: number; readonly y: number; readonly size: number }): Html {
  const share = total === 0 ? 0 : count / total;
  const box = html`<rect class="cell ${classOf(count, right)}" x="${round(x)}" y="${round(y)}" width="${round(size - 1)}" height="${round(size - 1)}" fill-opacity="${count === 0 ? 1 : round(15 + share * 45) / 100}"/>`;
  return html`${box}${count > 0 && size >= READABLE && html`<text class="${size < ROOMY ? 'small' : ''}" x="${round(x + (size - 1) / 2)}" y="${round(y + size / 2 + (size < ROOMY ? 3 : 4))}" text-anchor="middle">${count}</text>`}`;
}

function classOf(count: number, right: boolean): string {
  if (count === 0) return 'none';
  return right ? 'met' : 'unmet';
}
