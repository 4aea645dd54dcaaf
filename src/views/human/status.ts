/** The twelve lines and what is next; `verify` adds what keeps the gate shut. */
import { short } from '../../domain/digest.js';
import { EXIT, EXIT_MEANING, type Exit } from '../../domain/fault.js';
import type { LedgerView, StatusReport, StepView } from '../../domain/report.js';
import { readable } from '../../domain/time.js';
import type { Canvas } from '../canvas.js';
import { STATE_MARKS, exitMark, findingMark, isOpen, tally } from '../marks.js';
import { next, note, page } from './blocks.js';
import { cut, fill, fillLeft, hanging, width } from './text.js';

export function status(report: StatusReport, canvas: Canvas): string {
  return page(head(report, canvas), [''], report.steps.map((step) => line(step, canvas)), [''], foot(report, canvas), next(report.next, canvas));
}

export function verify(report: StatusReport, canvas: Canvas, exit: Exit): string {
  const { paint } = canvas;
  const { glyph, tone } = exitMark(exit);
  const verdict = hanging(`${glyph} `, EXIT_MEANING[exit], canvas.width).map((text) => paint[tone](text));
  const shown = exit === EXIT.yes ? null : report.next;
  return page(head(report, canvas), [''], report.steps.map((step) => line(step, canvas)), open(report, canvas), [''], foot(report, canvas), ['', ...verdict], next(shown, canvas));
}

function head({ agent, stakes }: StatusReport, { paint, width: columns }: Canvas): readonly string[] {
  const name = `${agent.name} ${agent.version}`;
  const rest = cut(`${stakes} stakes · build ${short(agent.build)}`, Math.max(columns - width(name) - 3, 10));
  return [`${paint.title(name)}${paint.faint(` · ${rest}`)}`, paint.faint(cut(agent.did ?? `no DID yet · agent ${agent.id}`, columns))];
}

const NUMBER = 2;
const ID = 10;
const WORD = 14;

function line(step: StepView, { paint, width: columns }: Canvas): string {
  const { glyph, word, tone } = STATE_MARKS[step.state];
  const left = `${fillLeft(String(step.number), NUMBER)} ${fill(step.id, ID)} `;
  const state = `${glyph} ${fill(word, WORD)} `;
  const optional = step.required ? '' : 'optional · ';
  const because = cut(optional + step.because, Math.max(columns - width(left + state), 12));
  const quiet = step.state === 'passed' || step.state === 'not-applicable' || !step.required;
  return `${left}${paint[tone](state)}${quiet ? paint.faint(because) : because}`;
}

/** For a gate the open questions themselves, since nobody can ask again in a CI log. */
function open({ steps }: StatusReport, { paint, width: columns }: Canvas): readonly string[] {
  const lines = steps.filter((step) => step.required && step.state !== 'passed').flatMap((step) =>
    step.findings.filter((finding) => isOpen(finding) && finding.severity === 'must' && !finding.waived).flatMap((finding) => {
      const { glyph, tone } = findingMark(finding);
      const where = finding.at === undefined ? '' : ` (${finding.at})`;
      return hanging('', `${glyph} ${finding.id}: ${finding.because}${where}`, columns - 2).map((text, index) => (index === 0 ? paint[tone](text.slice(0, 1)) + text.slice(1) : `  ${text}`));
    }),
  );
  return lines.length > 0 ? ['', ...lines] : [];
}

function foot(report: StatusReport, canvas: Canvas): readonly string[] {
  const ledgers = [ledger('ledger', report.ledger), ...(report.organisation ? [ledger('organisation', report.organisation)] : [])];
  return [...counts(report, canvas), ...[...ledgers, ...kept(report)].map((text) => canvas.paint.faint(cut(text, canvas.width))), ...report.warnings.flatMap((text) => note(text, canvas))];
}

/** Says that nothing was judged for this answer, and since when that holds. */
function kept({ kept: since }: StatusReport): readonly string[] {
  return since === undefined ? [] : [`states: kept from ${readable(since)}, nothing they follow from has changed`];
}

/** `9 passed · 2 stale · 1 failed`, on as many lines as it needs. */
function counts({ steps }: StatusReport, { paint, width: columns }: Canvas): readonly string[] {
  const pieces = tally(steps.map((step) => step.state)).map(({ state, count }) => ({ text: `${count} ${STATE_MARKS[state].word}`, tone: STATE_MARKS[state].tone }));
  const lines: (typeof pieces)[] = [];
  for (const piece of pieces) {
    const line = lines.at(-1);
    if (line && width([...line, piece].map((one) => one.text).join(' · ')) <= columns) line.push(piece);
    else lines.push([piece]);
  }
  return lines.map((line) => line.map((one) => paint[one.tone](one.text)).join(paint.faint(' · ')));
}

function ledger(name: string, { size, verified, checkpoint }: LedgerView): string {
  const entries = size === 1 ? '1 entry' : `${size} entries`;
  const signed = checkpoint === null ? 'no checkpoint yet' : `checkpoint at ${checkpoint}`;
  return `${name}: ${entries}, ${verified === 'every byte' ? 'every byte verified' : 'verified since the last checkpoint'}, ${signed}`;
}
