/** The frame of every plot: an SVG with title and description, its numbers as a table, and the arithmetic of coordinates. */
import { html, type Html } from './markup.js';

export const WIDTH = 720;

export function figure(title: string, desc: string, height: number, body: Html, columns: readonly string[], rows: readonly (readonly string[])[]): Html {
  // Ids are made from the title: no counter, so that the same report is the same bytes.
  const id = `plot-${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return html`<figure><figcaption>${title}</figcaption>
<div class="plot"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" xmlns="http://www.w3.org/2000/svg"><title id="${id}-title">${title}</title><desc id="${id}-desc">${desc}</desc>${body}</svg></div>
<details><summary>The numbers</summary><div class="scroll"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map((text) => html`<td>${text}</td>`)}</tr>`)}</tbody></table></div></details></figure>
`;
}

/** Values outside the range stand at its edge: a plot never draws beside itself. */
export function scale(from: number, to: number, start: number, end: number): (value: number) => number {
  return (value) => {
    const share = Number.isFinite(value) ? Math.min(Math.max((value - from) / (to - from), 0), 1) : 0;
    return round(start + share * (end - start));
  };
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function number(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  return Number.isInteger(value) || Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

export function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
