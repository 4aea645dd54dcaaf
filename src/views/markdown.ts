/** Reports as GitHub-flavoured Markdown, for step summaries and pull requests. */
import type { Exit } from '../domain/fault.js';
import { visibleLines } from '../domain/visible.js';
import type { FaultView, Report } from '../domain/report.js';
import { outline, outlineFault, type Block, type Cell } from './outline.js';

export function markdownReport(report: Report): string {
  return markdownOf(outline(report));
}

export function markdownFault(fault: FaultView, exit: Exit): string {
  return markdownOf(outlineFault(fault, exit));
}

export function markdownOf(blocks: readonly Block[]): string {
  return `${blocks.map(block).filter((text) => text !== '').join('\n\n')}\n`;
}

function block(one: Block): string {
  switch (one.is) {
    case 'heading':
      return `${'#'.repeat(one.level)} ${escape(one.text)}${one.mark ? ` ${cell(one.mark)}` : ''}`;
    case 'text':
      return one.mark ? `**${escape(one.mark.glyph)}** ${lines(one.text)}` : lines(one.text);
    case 'facts':
      return one.items.map(({ label, value }) => `- **${escape(label)}**: ${lines(value)}`).join('\n');
    case 'table':
      return `${one.title === '' ? '' : `## ${escape(one.title)}\n\n`}${table(one.columns, one.rows)}`;
    // What is drawn elsewhere also stands in a table.
    case 'plot':
      return '';
    case 'raw':
      return fence(visibleLines(one.text));
    case 'next':
      return `Next:\n\n${fence(one.command)}`;
  }
}

function table(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const row = (cells: readonly Cell[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [row(columns), `|${' --- |'.repeat(columns.length)}`, ...rows.map(row)].join('\n');
}

function cell(value: Cell): string {
  return lines(typeof value === 'string' ? value : `${value.glyph} ${value.word}`);
}

function lines(text: string): string {
  return text.split('\n').map(escape).join('<br>');
}

/** Markup, HTML, table bars and mentions in a text from outside stay text. */
function escape(text: string): string {
  return text
    .replace(/[\\`*{}[\]|~#]|(?<!\w)_|_(?!\w)/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    // An empty comment breaks the mention: without it GitHub would notify whoever has that name.
    .replace(/@(?=\w)/g, '@<!-- -->');
}

/** A fence longer than any run of backticks inside, so that nothing can close it early. */
function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const marks = '`'.repeat(longest + 1);
  return `${marks}\n${text.replace(/\n$/, '')}\n${marks}`;
}
