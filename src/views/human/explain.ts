/** Whatever can be named, explained. */
import type { ExplainReport } from '../../domain/report.js';
import type { Canvas } from '../canvas.js';
import { facts, next, page, paragraph, table } from './blocks.js';

export function explain(report: ExplainReport, canvas: Canvas): string {
  return page(
    [`${canvas.paint.title(report.title)}${report.title.includes(report.topic) ? '' : canvas.paint.faint(`  ${report.kind} ${report.topic}`)}`],
    report.paragraphs.flatMap((text) => ['', ...paragraph(text, canvas, '  ')]),
    report.facts.length > 0 ? ['', ...facts(report.facts, canvas, '  ')] : [],
    (report.tables ?? []).flatMap((one) => ['', ...table(one, canvas)]),
    report.example === undefined ? [] : ['', canvas.paint.strong(report.example.title), ...report.example.lines],
    next(report.next, canvas),
  );
}
