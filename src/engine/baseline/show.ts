/** `baseline show`: the newest run that counts, another one, or one case of it. */
import { FIRST_PROFILE, type Scores } from '../../evaluation/composite.js';
import { asObject, isObject, type JsonObject } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import type { ConditionResult } from '../../evaluation/judge.js';
import type { Report } from '../../domain/report.js';
import { againFact, askedLine } from '../evaluation/asked.js';
import { heldOutUseOf } from '../evaluation/held-out.js';
import { runOnRecord } from '../evaluation/runs.js';
import { outcome } from '../outcome.js';
import { importedTables } from './imported-table.js';
import type { Session } from '../session.js';
import { textOption, type Verb } from '../verb.js';
import { run as report } from './report.js';
import { conditionTable, dimensionTable } from './table.js';
import { showCase } from './transcript.js';

export const run: Verb = async (session, input) => {
  const [word, id] = [textOption(input, 'run'), textOption(input, 'case')];
  if (id !== undefined) return showCase(session, await runOnRecord(session, word ?? 'newest'), id);
  return word === undefined ? showMeasured(session) : report(session, { args: [word], options: {} });
};

async function showMeasured({ store, chain }: Session): Promise<Report> {
  const measured = await store.latest(chain, 'baseline.measured');
  const accepted = await store.latest(chain, 'baseline.accepted');
  const finished = (await store.readEvidence(chain, 'evaluation.finished')).find((entry) => entry.data['run'] === measured?.data['run']);
  const imported = (await store.readEvidence(chain, 'baseline.imported')).map((entry) => entry.data);
  if (!finished && imported.length > 0) return outcome({ step: 'baseline', verb: 'show', headline: 'no run yet; what other harnesses measured decides no condition', tables: importedTables(imported), next: 'agentctl baseline run', data: { imported } });
  if (!finished) return outcome({ step: 'baseline', verb: 'show', headline: 'no run yet', next: 'agentctl baseline run', data: {} });
  const { data } = finished;
  const started = (await store.readEvidence(chain, 'evaluation.started')).filter((entry) => entry.data['run'] === data['run']);
  const use = heldOutUseOf({ started });
  const versions = asObject(data['versions'], 'versions');
  const conditions = data['conditions'] as unknown as readonly ConditionResult[];
  const decided = conditions.every((one) => one.verdict === 'met' || one.verdict === 'observed');
  const isAccepted = accepted?.data['run'] === data['run'];
  return outcome({
    step: 'baseline', verb: 'show', headline: `${String(data['run'])} of ${readable(finished.ts)}, ${isAccepted ? 'accepted' : 'not accepted'}`,
    facts: [
      { label: 'cases', value: askedLine(started, { cases: Number(data['cases']), answered: Number(data['answered']), ...(isObject(data['failures']) && { failures: data['failures'] as Readonly<Record<string, number>> }), abstained: Number(data['abstained']), errors: Number(data['errors']) }) },
      ...againFact(started),
      ...(use === 0 ? [] : [{ label: 'held-out use', value: `number ${use}` }]),
      ...Object.entries(versions).map(([label, value]) => ({ label, value: String(value) })),
    ],
    tables: [conditionTable(conditions), dimensionTable(scoresOnRecord(data)), ...importedTables(imported)],
    next: isAccepted ? null : decided ? 'agentctl baseline accept --as <operator>' : 'change the agent, its data or the pact, then agentctl apply',
    ...(await cutOff(store, chain, String(data['run']))),
    data: { ...data, accepted: isAccepted, ...(imported.length === 0 ? {} : { imported }) },
  });
}

/** Entries from before there was a choice name no profile. */
function scoresOnRecord({ composite, dimensions, versions }: JsonObject): Scores {
  const { profile } = asObject(versions ?? {}, 'versions');
  return { profile: typeof profile === 'string' ? profile : FIRST_PROFILE, composite: typeof composite === 'string' ? composite : null, dimensions: asObject(dimensions ?? {}, 'dimensions') as Scores['dimensions'] };
}

/** A later run that was cut off is no measurement, but nobody should think that it never was. */
async function cutOff(store: Session['store'], chain: string, measured: string): Promise<{ readonly notes?: readonly string[] }> {
  const newest = await store.latest(chain, 'evaluation.stopped');
  const began = (await store.readEvidence(chain, 'evaluation.started')).findLast((entry) => entry.data['purpose'] === 'baseline');
  const { run: id, rows, of } = newest?.data ?? {};
  if (id === undefined || id === measured || began?.data['run'] !== id) return {};
  return { notes: [`a later run, ${String(id)}, was cut off after ${String(rows)} of ${String(of)} answers. That part: agentctl baseline report. To go on from there: agentctl baseline run${began.data['again'] === undefined ? '' : ` --again ${String(began.data['again'])}`}`] };
}
