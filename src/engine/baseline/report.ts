/** `baseline report`: a run to look at. Intervals against thresholds, who is taken for whom, whether confidence means anything, what was slow and what went wrong. */
import { few } from '../../domain/few.js';
import type { Json } from '../../domain/json.js';
import type { Plot } from '../../domain/plot.js';
import type { Table, VerdictView } from '../../domain/report.js';
import { BreakdownOf, type Breakdown } from '../../evaluation/breakdown.js';
import type { Pacts } from '../../evaluation/condition.js';
import { judgeOf, type ConditionResult, type Judge } from '../../evaluation/judge.js';
import { scoresOf } from '../../evaluation/composite.js';
import type { ResultRow } from '../../evaluation/score.js';
import { unmetLine } from '../../evaluation/unmet.js';
import { exitOfConditions } from '../evaluate.js';
import { againFact } from '../evaluation/asked.js';
import { heldOutCaution, heldOutLooks } from '../evaluation/held-out.js';
import { rowsOfRun } from '../evaluation/rows.js';
import { pactsOfRun, runOnRecord, type RunOnRecord } from '../evaluation/runs.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import type { Verb } from '../verb.js';
import { profileView } from './profiles.js';
import { conditionTable, dimensionTable } from './table.js';

export const run: Verb = async (session, input) => {
  const found = await runOnRecord(session, input.args[0] ?? 'newest');
  const { conditions, parts, rows } = await readRun(session, found);
  const scores = scoresOf(conditions);
  const profiled = profileView(input, conditions);
  return outcome({
    step: 'baseline', verb: 'report', headline: headlineOf(found, conditions, rows),
    facts: [...factsOf(found, session, rows), ...profiled.facts, ...(await heldOutLooks(session, found))],
    plots: [intervals(conditions), ...parts.flatMap(plotsOf)],
    tables: [conditionTable(conditions), dimensionTable(scores), ...profiled.tables, ...parts.flatMap(tablesOf)],
    verdicts: conditions.map(verdictOf),
    notes: [...profiled.notes, ...heldOutCaution(found, parts.flatMap(({ breakdown: { slowest, worst } }) => [...slowest, ...worst].map(({ dataset }) => dataset)))],
    next: nextOf(found, conditions),
    data: { run: found.run, partial: found.finished === undefined, rows, conditions: conditions as unknown as Json, ...scores as unknown as { [key: string]: Json }, ...(profiled.scores.length > 0 && { profiles: profiled.scores as unknown as Json }), parts: parts.map(({ dataset, breakdown }) => ({ dataset, ...breakdown })) as unknown as Json },
  }, conditions.every((one) => one.verdict === 'observed') ? 0 : exitOfConditions(conditions));
};

/** What accepting would refuse is not proposed for it. */
function nextOf({ run: id, finished, accepted }: RunOnRecord, conditions: readonly ConditionResult[]): string | null {
  if (!finished || accepted) return null;
  if (conditions.every(({ verdict }) => verdict === 'observed')) return 'agentctl pact sign --as <operator>';
  return conditions.every(({ verdict }) => verdict === 'met') ? 'agentctl baseline accept --as <operator>' : `agentctl baseline show --run ${id}`;
}

interface PartView {
  readonly dataset: string;
  readonly breakdown: Breakdown;
}

/** Reads the rows once; memory does not grow with them. A run that was cut off is judged by what is there. */
async function readRun(session: Session, found: RunOnRecord): Promise<{ readonly conditions: readonly ConditionResult[]; readonly parts: readonly PartView[]; readonly rows: number }> {
  const pacts = await pactsOfRun(session, found);
  const judge: Judge = judgeOf(pacts, { observational: found.finished?.data['observational'] === true });
  const parts = new Map<string, BreakdownOf>();
  let rows = 0;
  for await (const row of rowsOfRun(session, found.run)) {
    rows += 1;
    judge.add(row);
    partOf(parts, pacts, row).add(row);
  }
  return { conditions: judge.results(), parts: [...parts].map(([dataset, part]) => ({ dataset, breakdown: part.breakdown() })), rows };
}

function partOf(parts: Map<string, BreakdownOf>, { agreements }: Pacts, { capability, dataset }: ResultRow): BreakdownOf {
  const name = agreements.length > 1 ? `${capability}: ${dataset}` : dataset;
  const part = parts.get(name) ?? new BreakdownOf(agreements.find((one) => one.capability === capability)?.repeats ?? 1);
  parts.set(name, part);
  return part;
}

function headlineOf({ run: id, finished }: RunOnRecord, conditions: readonly ConditionResult[], rows: number): string {
  const partial = finished ? '' : ', cut off: this is a part of it';
  if (conditions.every((one) => one.verdict === 'observed')) return `${id}: ${rows} answers measured, no verdicts${partial}`;
  const missed = conditions.filter((one) => one.verdict !== 'met');
  return `${id}: ${conditions.length - missed.length} of ${conditions.length} conditions met${partial}${missed.length > 0 ? `; ${few(missed.map(unmetLine), '; ')}` : ''}`;
}

function factsOf({ finished, started, accepted }: RunOnRecord, { world }: Session, rows: number): readonly { readonly label: string; readonly value: string }[] {
  const versions = finished?.data['versions'];
  const told = typeof versions === 'object' && versions !== null ? Object.entries(versions).map(([label, value]) => ({ label, value: String(value) })) : [{ label: 'harness', value: String(started[0]?.data['harness']) }];
  return [{ label: 'answers', value: String(rows) }, { label: 'purpose', value: `${String(started[0]?.data['purpose'])}${accepted ? ', accepted as the baseline' : ''}` }, ...againFact(started), ...told, { label: 'made by', value: `agentctl ${world.surroundings.version}` }];
}

function intervals(conditions: readonly ConditionResult[]): Plot {
  return { is: 'intervals', title: 'Conditions', rows: conditions.flatMap((one) => (one.value === null ? [] : [intervalRow(one)])) };
}

function intervalRow(one: ConditionResult): Extract<Plot, { is: 'intervals' }>['rows'][number] {
  const unit = one.metric.startsWith('latency') ? ' ms' : undefined;
  const [value, threshold] = [Number(one.value), Number(one.threshold)];
  const max = unit === undefined && Math.max(value, threshold) <= 1 ? undefined : Math.max(value, threshold, Number(one.upper ?? value)) * 1.1;
  return {
    label: one.id, value, low: Number(one.lower ?? 0), high: one.upper === null ? (max ?? 1) : Number(one.upper), threshold, operator: one.operator,
    verdict: one.verdict === 'met' ? 'met' : one.verdict === 'not-met' ? 'not met' : 'insufficient evidence',
    ...(max !== undefined && { max }), ...(unit !== undefined && { unit }),
  };
}

function plotsOf({ dataset, breakdown: { confusion, calibration } }: PartView): readonly Plot[] {
  return [
    ...(confusion ? [{ is: 'matrix' as const, title: `Who is taken for whom: ${dataset}`, rows: confusion.expected, columns: confusion.given.map((label) => label ?? 'other'), counts: confusion.counts }] : []),
    ...(calibration.length > 0 ? [{ is: 'calibration' as const, title: `Confidence: ${dataset}`, bins: calibration }] : []),
  ];
}

function tablesOf({ dataset, breakdown }: PartView): readonly Table[] {
  const { outcomes, reliability, slowest, worst, forHuman, divided } = breakdown;
  return [
    { title: `Outcomes: ${dataset}`, columns: ['outcome', 'answers'], rows: Object.entries(outcomes).filter(([, count]) => count > 0).map(([name, count]) => [name, String(count)]) },
    ...(reliability.length > 0 ? [{ title: `Repeats: ${dataset}`, columns: ['of k tries', 'all pass (pass^k)', 'any passes (pass@k)'], rows: reliability.map(({ k, all, any }) => [String(k), all.toFixed(4), any.toFixed(4)]) }] : []),
    ...(divided > 0 ? [{ title: `For a human: ${dataset}, ${divided} answers on which a jury was divided`, columns: ['case', 'scorer', 'votes'], rows: forHuman.map((one) => [one.case, one.scorer, one.because]) }] : []),
    ...(worst.length > 0 ? [caseTable(`Wrong, the surest first: ${dataset}`, worst)] : []),
    caseTable(`Slowest: ${dataset}`, slowest.slice(0, 5)),
  ];
}

function caseTable(title: string, rows: readonly ResultRow[]): Table {
  return { title, columns: ['case', 'expected', 'said', 'confidence', 'ms'], rows: rows.map((row) => [row.case, row.expected ?? '-', saidIn(row), row.confidence ?? '-', String(row.milliseconds)]) };
}

function verdictOf({ id, statement, verdict, because }: ConditionResult): VerdictView {
  return { id, name: statement, is: verdict === 'met' || verdict === 'observed' ? 'yes' : verdict === 'not-met' ? 'no' : 'unknown', because };
}

/** The label that was given, or what stands in its place: which scorers were not content, or why there was no answer. */
function saidIn({ output, cause, scores }: ResultRow): string {
  if (output !== null || cause !== 'scorer') return output ?? cause ?? '-';
  return `fails ${Object.entries(scores).filter(([, { is }]) => is === 'fail').map(([id]) => id).join(', ')}`;
}
