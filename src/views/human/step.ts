/** One step in full: its card, what was asked and answered, the evidence, and what to do. */
import { short } from '../../domain/digest.js';
import { readable } from '../../domain/time.js';
import type { EvidenceView, StepReport, StepView } from '../../domain/report.js';
import type { Finding } from '../../domain/step.js';
import { age } from '../age.js';
import type { Canvas } from '../canvas.js';
import { STATE_MARKS, findingMark, isOpen } from '../marks.js';
import { wrapAdvice } from './advice.js';
import { facts, next, page, paragraph } from './blocks.js';
import { fill, hanging, width } from './text.js';

export function step({ step: view, agent }: StepReport, canvas: Canvas): string {
  const { paint } = canvas;
  return page(
    head(view, canvas),
    paragraph(view.question, canvas).map(paint.faint),
    [''],
    facts(card(view, `${agent.name} ${agent.version}`), canvas),
    section('findings', view.findings.flatMap((finding) => findingLines(finding, canvas)), canvas),
    section('evidence', evidenceLines(view.evidence, canvas), canvas),
    next(view.next, canvas),
  );
}

function head(view: StepView, { paint, width: columns }: Canvas): readonly string[] {
  const { glyph, word, tone } = STATE_MARKS[view.state];
  const left = `${view.number} ${view.title}`;
  const right = `${glyph} ${word}`;
  const gap = ' '.repeat(Math.max(columns - width(left) - width(right), 2));
  return [`${paint.title(left)}${gap}${paint[tone](right)}`];
}

function card(view: StepView, agent: string): readonly { label: string; value: string }[] {
  const { deliverable } = view;
  // Some deliverables grow with the ledger and have no digest of their own, such as the checkpoint.
  const made = deliverable.digest === undefined ? (view.evidence.length > 0 ? '' : ' (not made yet)') : ` (${short(deliverable.digest)})`;
  return [
    { label: 'because', value: view.because },
    { label: 'agent', value: agent },
    { label: 'required', value: view.required ? 'yes' : 'no, at these stakes' },
    { label: 'owner', value: view.owner.join(', ') },
    { label: 'if skipped', value: view.harm },
    { label: 'deliverable', value: `${deliverable.name}: ${deliverable.file}${made}` },
  ];
}

function section(title: string, lines: readonly string[], { paint }: Canvas): readonly string[] {
  return ['', paint.strong(title), ...(lines.length > 0 ? lines : [paint.faint('  none')])];
}

const ROW = 4;
const INDENT = ' '.repeat(2 + ROW + 2);

function findingLines(finding: Finding, canvas: Canvas): readonly string[] {
  const { paint, width: columns } = canvas;
  const { glyph, tone } = findingMark(finding);
  const [first = '', ...more] = hanging('', finding.question, columns - INDENT.length);
  const severity = finding.severity === 'should' ? 'should, ' : '';
  const where = finding.at === undefined ? '' : ` (${finding.at})`;
  const because = hanging('', `${severity}${finding.proof}: ${finding.because}${where}`, columns - INDENT.length);
  const waived = finding.waived && hanging('', `waived by ${finding.waived.by} until ${readable(finding.waived.until)}: ${finding.waived.reason}`, columns - INDENT.length);
  const painted = isOpen(finding) ? (text: string) => text : paint.faint;
  return [
    `${paint[tone](glyph)} ${fill(finding.row, ROW)}  ${first}`,
    ...more.map((text) => INDENT + text),
    ...because.map((text) => INDENT + painted(text)),
    ...(waived ?? []).map((text) => INDENT + paint.caution(text)),
    ...(isOpen(finding) && !finding.waived ? advice(finding.remedy, canvas) : []),
  ];
}

function advice(remedy: string, { paint, width: columns }: Canvas): readonly string[] {
  return wrapAdvice(remedy, columns - INDENT.length - 2).map((text, index) => `${INDENT}${index === 0 ? paint.faint('→') : ' '} ${paint.command(text)}`);
}

function evidenceLines(evidence: readonly EvidenceView[], canvas: Canvas): readonly string[] {
  const { paint, now } = canvas;
  const longest = Math.max(0, ...evidence.map((one) => width(one.type)));
  return evidence.flatMap((one) => {
    const { glyph, tone } = one.stale ? STATE_MARKS.stale : STATE_MARKS.passed;
    const when = now === undefined ? readable(one.ts) : `${readable(one.ts)}, ${age(one.ts, now)}`;
    const until = one.validUntil === undefined ? '' : `, until ${one.validUntil.slice(0, 10)}`;
    const stale = (one.stale ?? []).flatMap((reason) => hanging('    stale: ', reason, canvas.width));
    const [first = '', ...more] = hanging(`#${one.seq}  `, when + until, canvas.width - longest - 4);
    return [`${paint[tone](glyph)} ${fill(one.type, longest)}  ${paint.faint(first)}`, ...more.map((text) => ' '.repeat(longest + 4) + paint.faint(text)), ...stale.map((text) => paint.caution(text))];
  });
}
