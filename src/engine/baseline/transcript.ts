/** One case of a run: what it asked for, what the agent said, and what was made of it. */
import { Fault } from '../../domain/fault.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { Report } from '../../domain/report.js';
import type { Judgement } from '../../evaluation/flow/judge-scorer.js';
import type { ResultRow } from '../../evaluation/score.js';
import type { Transcript } from '../../evaluation/transcript.js';
import { heldOutCaution } from '../evaluation/held-out.js';
import { batchesOf, judgementsOf, rowsOf, transcriptsOf } from '../evaluation/rows.js';
import type { RunOnRecord } from '../evaluation/runs.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';

/** @throws {Fault} EVIDENCE_MISSING when the run does not have the case */
export async function showCase(session: Session, onRecord: RunOnRecord, id: string): Promise<Report> {
  const { run } = onRecord;
  const { trials: found, judgements } = await trialsOf(session, run, id);
  const [first] = found;
  if (!first) throw new Fault('EVIDENCE_MISSING', `${run} has no case "${id}"`, { hint: 'the ids are those of the data set; agentctl baseline compare names the cases that flipped' });
  return outcome({
    step: 'baseline', verb: 'show', headline: `case ${id} of ${run}: ${found.map(({ row }) => row.outcome).join(', ')}`,
    facts: [...found.flatMap(({ row, said }) => factsOf(row, said, found.length > 1)), ...judgements.map(judgementFact)],
    notes: heldOutCaution(onRecord, found.map(({ row }) => row.dataset)),
    next: null,
    data: { run, case: id, trials: found as unknown as Json, ...(judgements.length > 0 && { judgements }) },
  });
}

interface Found {
  readonly row: ResultRow;
  readonly said: Transcript | undefined;
}

async function trialsOf(session: Session, run: string, id: string): Promise<{ readonly trials: readonly Found[]; readonly judgements: readonly Judgement[] }> {
  const trials: Found[] = [];
  const judgements: Judgement[] = [];
  for (const batch of await batchesOf(session, run)) {
    const rows = (await rowsOf(session, batch)).filter((row) => row.case === id);
    const said = rows.length === 0 ? [] : await transcriptsOf(session, batch);
    trials.push(...rows.map((row) => ({ row, said: said.find((one) => one.request === row.request) })));
    if (rows.some(({ scores }) => Object.keys(scores).length > 0)) judgements.push(...(await judgementsOf(session, batch)).filter((one) => one.about === 'agent' && one.case === id));
  }
  return { trials, judgements };
}

function factsOf(row: ResultRow, said: Transcript | undefined, several: boolean): readonly { readonly label: string; readonly value: string }[] {
  const mark = several ? ` (repeat ${row.repeat})` : '';
  const facts: [string, string | null][] = [
    [`expected${mark}`, row.expected],
    ...(said?.turns ?? []).map((turn): [string, string] => (turn.said ? ['asked back', `${textOf(turn.asked) || 'without a word'}; told: ${textOf(turn.told)}`] : ['never asked for', textOf(turn.told)])),
    ['said', said === undefined ? 'not kept' : said.message ?? textOf(said.output)],
    ['reason', said?.reason ?? null],
    ['confidence', row.confidence],
    ['tool calls', said && said.toolCalls.length > 0 ? said.toolCalls.map((call) => `${call.tool} ${JSON.stringify(call.arguments)}`).join('; ') : null],
    ['because', row.cause],
    ...Object.entries(row.scores).map(([scorer, { is, because }]): [string, string] => [scorer, `${is}: ${because}`]),
    ['time', `${row.milliseconds} ms`],
  ];
  return facts.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

function judgementFact({ scorer, judge, model, order, label, problem, raw }: Judgement): { readonly label: string; readonly value: string } {
  const asked = order === null ? '' : `, shown the answer ${order}`;
  return { label: `${scorer}: judge ${judge}`, value: `${label ?? `no label: ${problem ?? 'none given'}`} (${model ?? 'its model is not named'}${asked}): ${raw}` };
}

function textOf(output: Json): string {
  return typeof output === 'string' ? output : JSON.stringify(output as JsonObject);
}
