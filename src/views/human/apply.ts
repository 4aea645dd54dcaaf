/** What `apply` did or would do, and the acts that are left to humans. */
import type { ApplyReport } from '../../domain/report.js';
import type { Canvas } from '../canvas.js';
import { PLAN_MARKS } from '../marks.js';
import { next, page } from './blocks.js';
import { fill, hanging } from './text.js';

const STEP = 10;
const INDENT = ' '.repeat(2 + STEP + 2);

export function apply(report: ApplyReport, canvas: Canvas): string {
  const { paint } = canvas;
  const title = `${report.dryRun ? 'plan for' : 'apply for'} ${report.agent.name} ${report.agent.version}`;
  const items = report.items.flatMap((item) => {
    const { glyph, word, tone } = PLAN_MARKS[item.outcome];
    return [
      `${paint[tone](glyph)} ${fill(item.step, STEP)}  ${item.command}  ${paint[tone](word)}`,
      ...under(item.why, canvas).map(paint.faint),
      ...(item.detail === undefined ? [] : under(item.detail, canvas)),
    ];
  });
  const human = report.human.flatMap((act) => [`… ${fill(act.step, STEP)}  ${paint.command(act.command)}`, ...under(act.why, canvas).map(paint.faint)]);
  return page(
    [paint.title(title), ''],
    items.length > 0 ? items : [paint.faint(report.dryRun ? 'nothing to do' : 'nothing was to do')],
    human.length > 0 ? ['', paint.strong(report.human.length === 1 ? 'left to a human' : 'left to humans'), ...human] : [],
    next(report.next, canvas),
  );
}

function under(text: string, { width }: Canvas): readonly string[] {
  return hanging(INDENT, text, width);
}
