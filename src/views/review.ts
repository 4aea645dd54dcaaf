/** A review as Markdown and as one self-contained page: the same parts, drawn where a picture says more. */
import { counted } from '../domain/counted.js';
import { short } from '../domain/digest.js';
import { readable } from '../domain/time.js';
import type { ActionRow, ConditionRow, ReviewData, Series } from '../domain/review.js';
import { block, page } from './html.js';
import { markdownOf } from './markdown.js';
import { html, type Html } from './markup.js';
import type { Block } from './outline.js';
import type { IntervalRow } from '../domain/plot.js';
import { barList, intervalPlot, scorePlot } from './plot.js';
import { visibleData } from './visible-data.js';

/** A drawing for the page, and what stands for it in Markdown. */
interface Drawing {
  readonly is: 'drawing';
  readonly drawn: Html;
  readonly instead: readonly Block[];
}
type Part = Block | Drawing;

export function reviewPages(given: ReviewData): { readonly markdown: string; readonly html: string } {
  const data = visibleData(given);
  const parts = partsOf(data);
  return {
    markdown: markdownOf(parts.flatMap((part) => (part.is === 'drawing' ? part.instead : [part]))),
    html: page({ title: titleOf(data), body: html`${parts.map((part) => (part.is === 'drawing' ? part.drawn : block(part)))}` }),
  };
}

const heading = (text: string): Block => ({ is: 'heading', level: 2, text });
const text = (words: string): Block => ({ is: 'text', text: words });
const table = (columns: readonly string[], rows: readonly (readonly string[])[]): Block => ({ is: 'table', title: '', columns, rows });
const facts = (...items: readonly (readonly [label: string, value: string])[]): Block => ({ is: 'facts', items: items.map(([label, value]) => ({ label, value })) });

function partsOf(data: ReviewData): readonly Part[] {
  return [
    { is: 'heading', level: 1, text: titleOf(data) },
    ...summary(data),
    ...scores(data),
    ...escalations(data),
    heading('Near-misses'), ...nearMisses(data),
    heading('Least sure, and no human looked'), ...lowConfidence(data),
    heading('Alerts'), ...alerts(data),
    heading('Incidents'), ...incidents(data),
    heading('Waivers'), ...waivers(data),
    heading('What counterparties say'),
    text(data.ratings === null ? 'Unknown: no ratings were imported. That is not the same as no complaints.' : `${data.ratings} ratings.`),
    heading('Decision'),
    text('This review decides nothing. It ends with a signed decision:'),
    { is: 'next', command: 'agentctl review decide --decision promote|hold|demote|retire --action "…" --as <operator>' },
  ];
}

function titleOf({ kind, agent }: ReviewData): string {
  return `${kind === 'launch-readiness' ? 'Launch-readiness review' : 'Review'} of ${agent.name} ${agent.version}`;
}

function summary({ agent, organisation, stakes, window, participants, next, kind, actions, nearMisses: near, alerts: raised, incidents: met, waivers: granted }: ReviewData): readonly Block[] {
  const span = `${readable(window.from)} to ${readable(window.to)}, ${window.entries} entries of the ledger`;
  return [
    facts(
      ['Window', kind === 'launch-readiness' ? `${span}; the first review, so everything on record` : `${span}; since the review before`],
      ['Build', short(agent.build)],
      ['Answers for it', organisation],
      ['Stakes', stakes],
      ['Takes part', participants.length > 0 ? participants.join(', ') : 'not declared'],
      ['Next review', `due by ${readable(next)}`],
    ),
    heading('In short'),
    facts(
      ['Actions', `${actions.total}${actions.pilot > 0 ? `, ${actions.pilot} of them from a replayed pilot stream` : ''}: ${actions.permitted} permitted, ${actions.escalated} put before a human, ${actions.denied} denied; ${actions.executed} executed`],
      ['Near-misses', String(near.total)],
      ['Alerts', String(raised.total)],
      ['Incidents', `${met.rows.length}, and ${counted(met.drills, 'drill')}`],
      ['Waivers', String(granted.length)],
    ),
  ];
}

function scores({ scores: series, evaluation }: ReviewData): readonly Part[] {
  const parts: Part[] = [heading('Scores')];
  if (evaluation === null) return [...parts, text('Nothing was evaluated.')];
  parts.push(
    text(`${evaluation.conditions.length} conditions: ${evaluation.purpose} on ${evaluation.dataset}, ${readable(evaluation.at)}. What decides is the bound of the interval that faces the threshold.`),
    {
      is: 'drawing',
      drawn: intervalPlot({ title: `Conditions on ${evaluation.dataset}`, rows: evaluation.conditions.filter((one) => one.value !== null).map(intervalRow) }),
      instead: [table(['condition', 'value', 'interval', 'threshold', 'cases', 'verdict'], evaluation.conditions.map(conditionCells))],
    },
  );
  return [...parts, ...series.flatMap(course)];
}

/** One series: the composite over time, and what each dimension did. */
function course({ dataset, points, trends }: Series): readonly Part[] {
  const shown = points.flatMap((point) => (point.composite === null ? [] : [{ at: point.at, value: Number(point.composite), note: point.purpose }]));
  const few = points.length < 3 ? `${counted(points.length, 'point')}: no trend line under three.` : `${points.length} points.`;
  const composites = table(['time', 'for', 'composite'], points.map((point) => [readable(point.at), point.purpose, rate(point.composite)]));
  return [
    heading(`Course on ${dataset}`),
    text(`${few} Only runs on the same data are compared.`),
    shown.length > 1 ? { is: 'drawing', drawn: scorePlot({ title: `Composite on ${dataset}`, points: shown }), instead: [composites] } : composites,
    table(['dimension', 'points', 'first', 'last', 'lowest', 'change'], trends.map((one) => [one.dimension, String(one.points), rate(one.first), rate(one.last), rate(one.lowest), one.change === null ? 'no trend yet' : rate(one.change)])),
  ];
}

function escalations({ actions, escalations: { rules }, approvals }: ReviewData): readonly Part[] {
  const parts: Part[] = [heading('Escalations')];
  if (actions.total === 0) return [...parts, text('No action is on record.')];
  if (rules.length > 0) {
    parts.push({
      is: 'drawing',
      drawn: barList({ title: 'What put an action before a human', bars: rules.map((one) => ({ label: one.name, value: one.count })) }),
      instead: [table(['rule', 'escalations'], rules.map((one) => [one.name, String(one.count)]))],
    });
  }
  parts.push(
    table(['task type', 'actions', 'escalated', 'denied', 'share escalated'], actions.capabilities.map((one) => [one.capability, String(one.actions), String(one.escalated), String(one.denied), `${Math.round((one.escalated / one.actions) * 1000) / 10} %`])),
    facts(
      ['Answered', `${approvals.granted} granted, ${approvals.denied} denied${approvals.scripted > 0 ? `; ${approvals.scripted} by a scripted stand-in, not a human` : ''}`],
      ['Not answered', `${approvals.expired} ran out of time, ${approvals.pending} still wait`],
      ['Waited', approvals.median === null ? 'nothing was decided' : `${duration(approvals.median)} (median), ${duration(approvals.p95 ?? approvals.median)} (95 %)`],
    ),
  );
  return parts;
}

function nearMisses({ nearMisses: { total, shown } }: ReviewData): readonly Part[] {
  if (total === 0) return [text('None: nothing was denied, refused by a human, or failed.')];
  return [text(`${total}${total > shown.length ? `, the newest ${shown.length} of them` : ''}. What each was about: agentctl audit log.`), actionTable(shown, true)];
}

function lowConfidence({ lowConfidence: rows }: ReviewData): readonly Part[] {
  return rows.length === 0 ? [text('No action was carried out on the agent\'s word alone.')] : [actionTable(rows, false)];
}

function actionTable(rows: readonly ActionRow[], why: boolean): Block {
  const cells = (one: ActionRow) => [`#${one.seq}`, readable(one.at), one.capability, one.tool, one.confidence ?? 'none stated', `${one.decision} (${one.rule}), ${one.outcome}`, ...(why ? [one.why] : [])];
  return table(['entry', 'time', 'task type', 'tool', 'confidence', 'decision', ...(why ? ['why'] : [])], rows.map(cells));
}

function alerts({ alerts: { total, test, rows } }: ReviewData): readonly Part[] {
  const tests = test > 0 ? ` ${test} more were raised by the alert test.` : '';
  if (total === 0) return [text(`None.${tests}`)];
  return [text(`${total}.${tests}`), table(['time', 'kind', 'what', 'measured', 'threshold'], rows.map((one) => [readable(one.at), one.kind, one.condition ?? '', rate(one.value), rate(one.threshold)]))];
}

function incidents({ incidents: { rows, drills } }: ReviewData): readonly Part[] {
  if (rows.length === 0) return [text(`None; ${counted(drills, 'drill')}.`)];
  return [table(['incident', 'severity', 'action', 'opened', 'closed', 'actions touched'], rows.map((one) => [one.incident, one.severity, one.action, readable(one.opened), one.closed === null ? 'open' : readable(one.closed), one.affected === null ? 'not counted' : String(one.affected)]))];
}

function waivers({ waivers: rows }: ReviewData): readonly Part[] {
  return rows.length === 0 ? [text('None.')] : [table(['question waived', 'until', 'by'], rows.map((one) => [one.probe, readable(one.until), one.by]))];
}

const VERDICTS: Readonly<Record<string, IntervalRow['verdict']>> = { met: 'met', 'not-met': 'not met' };

function intervalRow(one: ConditionRow): IntervalRow {
  const [value, threshold] = [Number(one.value), Number(one.threshold)];
  const [low, high] = [Number(one.lower ?? one.value), Number(one.upper ?? one.value)];
  // Rates run from 0 to 1; what is measured in milliseconds gets a scale of its own.
  const largest = Math.max(value, high, threshold);
  return { label: one.id, value, low, high, threshold, operator: one.operator, verdict: VERDICTS[one.verdict] ?? 'insufficient evidence', ...(largest > 1 ? { max: largest * 1.25, unit: ' ms' } : {}) };
}

function conditionCells(one: ConditionRow): readonly string[] {
  return [one.id, rate(one.value), `${rate(one.lower)} to ${rate(one.upper)}`, `${one.operator} ${rate(one.threshold)}`, String(one.n), one.verdict];
}

/** Four digits are enough for people; the data keeps all. */
function rate(value: string | null): string {
  if (value === null) return 'none';
  const number = Number(value);
  if (number === 0) return '0';
  return `${value.startsWith('+') ? '+' : ''}${Number.isInteger(number) ? number : Number(number.toFixed(4))}`;
}

function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const minutes = milliseconds / 60_000;
  if (minutes < 1) return `${Math.round(milliseconds / 1000)} s`;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${Math.round(minutes / 6) / 10} h`;
}
