/** Writes a run as OpenTelemetry logs in OTLP/JSON: one event for the outcome of each answer and one for each score, a request of up to 1000 answers on each line. */
import { EVALUATION_EVENT, OUTCOME_EVENT, OWN } from './otel.js';
import { attributeList } from './otel-attributes.js';
import { ownMarksOf } from './own-marks.js';
import type { ExportedRun, RunWriter } from './exported-run.js';
import type { ResultRow } from '../score.js';

const ANSWERS = 1000;

export const writeOtel: RunWriter = async function* (run, rows) {
  let records: object[] = [];
  let answers = 0;
  for await (const row of rows()) {
    records.push(...recordsOf(run, row));
    answers += 1;
    if (answers < ANSWERS) continue;
    yield requestOf(run, records);
    [records, answers] = [[], 0];
  }
  if (answers > 0) yield requestOf(run, records);
};

function requestOf({ agent, build, version, dataset, harness, scorer }: ExportedRun, logRecords: readonly object[]): string {
  const resource = { attributes: attributeList({ 'service.name': agent, [`${OWN}build`]: build, [`${OWN}dataset`]: dataset, [`${OWN}harness`]: harness, [`${OWN}scorer`]: scorer }) };
  return `${JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'agentctl', version }, logRecords }] }] })}\n`;
}

const VALUE = 'gen_ai.evaluation.score.value';
const LABEL = 'gen_ai.evaluation.score.label';

function recordsOf(run: ExportedRun, row: ResultRow): readonly object[] {
  const { part, case: name, repeat, outcome, cause } = ownMarksOf(row);
  const own = { [`${OWN}run`]: run.run, [`${OWN}part`]: part, [`${OWN}case`]: name, [`${OWN}repeat`]: repeat };
  const whole = {
    'gen_ai.evaluation.name': OUTCOME_EVENT, [LABEL]: outcome, [VALUE]: outcome === 'pass' ? 1 : outcome === 'fail' ? 0 : null, 'error.type': outcome === 'infrastructure' ? cause : null,
    ...own, [`${OWN}outcome`]: outcome, [`${OWN}cause`]: cause, [`${OWN}milliseconds`]: row.milliseconds, [`${OWN}tokens`]: row.usage?.tokens ?? null, [`${OWN}cost`]: row.usage?.cost ?? null,
  };
  const scores = Object.entries(row.scores).map(([scorer, { is, score, because }]) => ({ 'gen_ai.evaluation.name': scorer, [LABEL]: is, [VALUE]: score === null ? null : Number(score), 'gen_ai.evaluation.explanation': because, ...own }));
  return [whole, ...scores].map((attributes) => recordOf(run.created, attributes));
}

/** No case has a span of its own here, so that the case is named instead. */
function recordOf(created: string, attributes: { readonly [key: string]: string | number | null }): object {
  const timeUnixNano = `${Date.parse(created)}000000`;
  return { timeUnixNano, observedTimeUnixNano: timeUnixNano, severityNumber: 9, eventName: EVALUATION_EVENT, attributes: attributeList(attributes, [VALUE]) };
}
