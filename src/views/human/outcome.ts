/** The answer of a verb: headline, facts, tables, notes, next. */
import type { Exit } from '../../domain/fault.js';
import type { OutcomeReport } from '../../domain/report.js';
import type { Canvas } from '../canvas.js';
import { exitMark } from '../marks.js';
import { facts, next, note, page, table } from './blocks.js';
import { hanging } from './text.js';

export function outcome(report: OutcomeReport, canvas: Canvas, exit: Exit): string {
  const { glyph, tone } = exitMark(exit);
  const [first = '', ...more] = hanging('', report.headline, canvas.width - 2);
  const tables = (report.tables ?? []).flatMap((one) => ['', ...table(one, canvas)]);
  const notes = (report.notes ?? []).flatMap((text) => note(text, canvas));
  return page(
    [`${canvas.paint[tone](glyph)} ${canvas.paint.title(first)}`, ...more.map((text) => `  ${canvas.paint.title(text)}`)],
    facts(report.facts, canvas, '  '),
    tables,
    notes.length > 0 ? ['', ...notes] : [],
    next(report.next, canvas),
  );
}
