/** `baseline compare`: the same cases before and after a change. Which conditions got worse beyond chance, and which cases flipped. */
import { few } from '../../domain/few.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { Json, JsonObject } from '../../domain/json.js';
import type { Table } from '../../domain/report.js';
import { Comparer, type Comparison, type ConditionChange, type Flip, type Side } from '../../evaluation/compare.js';
import { datasetsOfRun, pactsOfRun, runOnRecord, type RunOnRecord } from '../evaluation/runs.js';
import { heldOutCaution, heldOutLooks } from '../evaluation/held-out.js';
import { rowsOfRun } from '../evaluation/rows.js';
import { outcome } from '../outcome.js';
import type { Session } from '../session.js';
import { textOption, type Verb } from '../verb.js';

/** Flips that a person looks at; all of them are in the data. */
const SHOWN = 20;

export const run: Verb = async (session, input) => {
  const drop = shareOption(textOption(input, 'drop') ?? '0');
  const before = await runOnRecord(session, input.args[0] ?? 'accepted');
  const after = await runOnRecord(session, input.args[1] ?? 'newest');
  if (before.run === after.run) throw new Fault('EVIDENCE_MISSING', `both are ${before.run}: there is nothing to compare`, { hint: 'agentctl baseline run, after the change' });
  const { comparison, left } = await compared(session, before, after, drop);
  if (comparison.pairs === 0) throw new Fault('EVIDENCE_MISSING', `${before.run} and ${after.run} have no case in common`, { hint: 'both must be measured on the same data sets, with the same bytes' });
  const of = (change: ConditionChange['change']) => comparison.conditions.filter((one) => one.change === change);
  const lost = comparison.flips.filter((one) => one.before === 'pass');
  return outcome({
    step: 'baseline', verb: 'compare',
    headline: headlineOf(of('regressed'), of('improved')),
    facts: [
      { label: 'before', value: labelOf(before) },
      { label: 'after', value: labelOf(after) },
      { label: 'cases', value: `${comparison.pairs} in both; ${lost.length} lost, ${comparison.flips.length - lost.length} won` },
      ...(await heldOutLooks(session, after)),
      ...(left.length > 0 ? [{ label: 'left out', value: `${left.join(', ')}: other data, so nothing to pair` }] : []),
    ],
    tables: [changeTable(comparison.conditions), ...(comparison.flips.length > 0 ? [flipTable(comparison.flips)] : [])],
    notes: heldOutCaution(after, comparison.flips.map(({ dataset }) => dataset)),
    next: lost[0] ? `agentctl baseline show --run ${after.run} --case ${lost[0].case}` : of('regressed').length === 0 && !after.accepted ? nextOf(after) : null,
    data: { before: before.run, after: after.run, alpha: ALPHA, drop, pairs: comparison.pairs, conditions: comparison.conditions as unknown as Json, flips: comparison.flips as unknown as Json },
  }, of('regressed').length > 0 ? EXIT.no : EXIT.yes);
};

const ALPHA = 0.05;

async function compared(session: Session, before: RunOnRecord, after: RunOnRecord, drop: number): Promise<{ readonly comparison: Comparison; readonly left: readonly string[] }> {
  const comparer = new Comparer(await pactsOfRun(session, after));
  const [was, is] = [datasetsOfRun(before), datasetsOfRun(after)];
  const shared = (dataset: string) => was.get(dataset) === is.get(dataset);
  for (const [side, { run: id }] of [['before', before], ['after', after]] as const satisfies readonly (readonly [Side, RunOnRecord])[]) {
    for await (const row of rowsOfRun(session, id)) if (shared(row.dataset)) comparer.add(side, row);
  }
  return { comparison: comparer.comparison({ alpha: ALPHA, drop }), left: [...new Set([...was.keys(), ...is.keys()])].filter((dataset) => !shared(dataset)) };
}

/** No worse than before is not yet good enough: what the pact promises decides, on a run that came to its end. */
function nextOf({ run: id, finished }: RunOnRecord): string {
  const results = (finished?.data['conditions'] ?? []) as readonly JsonObject[];
  return results.length > 0 && results.every((one) => one['verdict'] === 'met') ? 'agentctl baseline accept --as <operator>' : `agentctl baseline show --run ${id}`;
}

/** @throws {Fault} USAGE */
function shareOption(text: string): number {
  if (/^0(\.\d{1,6})?$|^1$/.test(text)) return Number(text);
  throw new Fault('USAGE', `--drop "${text}" is not a share from 0 to 1`, { hint: '--drop 0.01' });
}

function headlineOf(regressed: readonly ConditionChange[], improved: readonly ConditionChange[]): string {
  const names = (list: readonly ConditionChange[]) => few(list.map(({ id, before, after }) => `${id} ${short(before)} -> ${short(after)}`), ', ');
  const better = improved.length > 0 ? `${improved.length} better beyond chance: ${names(improved)}` : '';
  if (regressed.length === 0) return better === '' ? 'no condition is worse or better beyond chance' : `no condition is worse beyond chance; ${better}`;
  return `${regressed.length} worse beyond chance: ${names(regressed)}${better === '' ? '' : `; ${better}`}`;
}

function labelOf({ run: id, finished, accepted, started }: RunOnRecord): string {
  const build = String(started[0]?.agent.build ?? '').replace('sha256:', '').slice(0, 12);
  return `${id}, build ${build}${accepted ? ', accepted' : ''}${finished ? '' : ', cut off: a part of it'}`;
}

function changeTable(conditions: readonly ConditionChange[]): Table {
  return {
    title: 'Conditions',
    columns: ['condition', 'before', 'after', 'difference', 'p', 'change'],
    rows: conditions.map((one) => [one.id, short(one.before), short(one.after), signed(one.difference), chanceOf(one), one.change === 'not-compared' ? one.because : `${one.change.replace('-', ' ')}${one.change === 'unchanged' ? `: ${one.because}` : ''}`]),
  };
}

/** Four decimals; no chance is none at all. */
function chanceOf({ adjusted }: ConditionChange): string {
  return adjusted !== null && Number(adjusted) < 0.0001 ? '< 0.0001' : short(adjusted);
}

function flipTable(flips: readonly Flip[]): Table {
  const shown = flips.toSorted((a, b) => Number(b.before === 'pass') - Number(a.before === 'pass')).slice(0, SHOWN);
  return {
    title: shown.length < flips.length ? `Cases that flipped, ${shown.length} of ${flips.length}` : 'Cases that flipped',
    columns: ['case', 'data set', 'before', 'after'],
    rows: shown.map((one) => [one.case, one.dataset, said(one.before, one.outputBefore), said(one.after, one.outputAfter)]),
  };
}

const said = (result: string, output: string | null) => (output === null ? result : `${result}: ${output}`);
const short = (text: string | null) => (text === null ? '-' : String(Number(Number(text).toFixed(4))));
const signed = (text: string | null) => (text === null ? '-' : `${Number(text) > 0 ? '+' : ''}${short(text)}`);
