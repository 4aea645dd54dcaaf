/** `pact draft`: conditions and thresholds from data, for a human to accept. Prints them as YAML; never edits agent.yaml. */
import { EXIT, Fault } from '../../domain/fault.js';
import type { Json } from '../../domain/json.js';
import type { Report } from '../../domain/report.js';
import { yamlText } from '../../domain/yaml-text.js';
import { atBest, draftConditions, DraftMeters, shownBy, type Draft } from '../../evaluation/draft.js';
import { candidatesOf, leftOut, type Candidate } from '../../evaluation/draft-candidates.js';
import { judgeOf } from '../../evaluation/judge.js';
import { recordDraft } from './draft-record.js';
import { draftSource, type DraftSource } from './draft-source.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { absolute } from '../trust-roots.js';
import { textOption, type Verb, type VerbInput } from '../verb.js';

export const run: Verb = async (session, input) => {
  const source = await draftSource(session, askedFor(input));
  const draft = await drafted(source);
  if (draft.drafted.length === 0) throw new Fault('EVIDENCE_MISSING', `nothing can be drafted from ${source.name}: ${draft.skipped[0]?.why ?? 'it has no labels'}`, { at: source.name, hint: 'add cases, or measure first: agentctl baseline run' });
  if (input.options['record'] === true) await recordDraft(session, source, draft);
  return told(session, textOption(input, 'out'), { source, draft });
};

function askedFor(input: VerbInput) {
  const [data] = input.args;
  const options = { data, run: textOption(input, 'run'), capability: textOption(input, 'capability'), pointer: textOption(input, 'pointer') };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

async function drafted(source: DraftSource): Promise<Draft> {
  const { facts, output, confidence, condition: { dataset, datasets }, rows, scorers } = source;
  const place = { output, dataset, measured: rows !== undefined, scorers };
  const candidates = candidatesOf(facts, place);
  const missing = leftOut(candidates, place);
  const draft = await withThresholds(source, candidates);
  return { ...draft, skipped: [...draft.skipped, ...missing] };
}

async function withThresholds(source: DraftSource, candidates: readonly Candidate[]): Promise<Draft> {
  const { output, confidence, condition: { datasets }, rows } = source;
  const context = { source: source.name, capability: source.capability, output, confidence, datasets };
  if (rows === undefined) return draftConditions(candidates.map((one) => atBest(one, source.countFor(one), confidence)), context);
  const meters = new DraftMeters(candidates, source.repeats);
  for await (const row of rows()) meters.add(row);
  const draft = draftConditions(meters.measured(confidence), context);
  const conditions = draft.drafted.map(({ condition }) => ({ ...condition, dataset: source.measured.id }));
  const judge = judgeOf({ confidence, agreements: [{ capability: source.capability, output, repeats: source.repeats, conditions }] });
  for await (const row of rows()) judge.add(row);
  return shownBy(draft, judge.results());
}

interface Result {
  readonly source: DraftSource;
  readonly draft: Draft;
}

async function told({ world }: Pick<Session, 'world'>, out: string | undefined, { source, draft }: Result): Promise<Report> {
  const { confidence, condition: { datasets }, capability, output, repeats } = source;
  const conditions = draft.drafted.map(({ condition }) => condition);
  const scorers = source.scorers.filter(({ id }) => conditions.some(({ scorer }) => scorer === id));
  const agreement = { capability, output, ...(scorers.length > 0 && { scorers }), ...(repeats > 1 && { repeats }), conditions };
  const pacts = { confidence, datasets: [...datasets], agreements: [agreement] } as unknown as Json;
  const text = `${header({ source, draft })}${yamlText({ pacts })}`;
  if (out === undefined) return { kind: 'text', exit: EXIT.yes, data: { text, value: { pacts, skipped: skippedOf(draft) } } };
  await refuseExisting(world, absolute(world, out));
  await world.files.write(absolute(world, out), text);
  return outcome({
    step: 'pact', verb: 'draft', headline: `${conditions.length} conditions drafted from ${source.name}`,
    facts: [{ label: 'file', value: out }, { label: 'basis', value: source.rows === undefined ? 'counts alone: the thresholds are the most that so many cases can show' : 'one-sided bounds of what was measured' }],
    tables: [
      { title: 'Drafted', columns: ['id', 'kind', 'must be', 'statement'], rows: conditions.map((one) => [one.id, one.kind, `${one.metric} ${one.operator} ${one.threshold}`, one.statement]) },
      ...(draft.skipped.length === 0 ? [] : [{ title: 'Not drafted', columns: ['id', 'why'], rows: draft.skipped.map(({ id, why }) => [id, why]) }]),
    ],
    notes: [...source.cautions, 'Each cost argument is still to be written: pact lint refuses TBD.'],
    next: 'move what you accept into agent.yaml, then agentctl pact lint',
    data: { conditions: conditions.map(({ id }) => id), skipped: skippedOf(draft), file: out },
  });
}

function skippedOf({ skipped }: Draft) {
  return skipped.map(({ id, why }) => ({ id, why }));
}

function header({ source, draft }: Result): string {
  const lines = [
    `Drafted from ${source.name}, for a human to accept: agent.yaml is not touched.`,
    ...source.cautions,
    'Each threshold is what the data show at this confidence, not what a breach would cost: write the cost where it says TBD.',
    ...draft.skipped.map(({ id, why }) => `Not drafted: ${id}: ${why}`),
  ];
  return lines.map((line) => `# ${line.replace(/[\r\n]+/g, ' ')}\n`).join('');
}
