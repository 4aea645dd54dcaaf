/** One look: what a finished run counted towards each condition, and what it shows at the strictness of an alarm. */
import { digestJson } from '../../domain/digest.js';
import type { Agreement, Condition, Pacts } from '../../evaluation/condition.js';
import { countOf, isLatency, looksOf, measureOf, withinLimit, type ConditionCount, type Look } from '../../evaluation/counts.js';
import { strictness, watch, type Noticed } from '../../evaluation/alerts.js';
import { judgeOf } from '../../evaluation/judge.js';
import { movedTo } from '../../evaluation/moved.js';
import { scoresOf } from '../../evaluation/composite.js';
import { SCORER, type ResultRow } from '../../evaluation/score.js';
import { falseAlarmRate } from '../../evaluation/monitoring.js';
import type { Stream } from '../../evaluation/statistics/confidence-sequence.js';
import type { Evaluation } from '../evaluate.js';
import { rowsOfRun } from '../evaluation/rows.js';
import { HARNESS } from '../inputs.js';
import type { Session } from '../session.js';
import type { Declared } from './declared.js';

export interface LookedAt {
  /** This run, the newest of {@link looks}. */
  readonly look: Look;
  readonly looks: readonly Look[];
  readonly noticed: Noticed;
  /** Chance of any false alarm, ever. */
  readonly alpha: number;
}

/** @param before earlier looks, oldest first. @param dataset data set that the conditions were moved to */
export async function lookAt(session: Session, declared: Declared, result: Evaluation, { before, dataset }: { before: readonly Look[]; dataset: string }): Promise<LookedAt> {
  const { spec: { thresholds } } = declared;
  const pacts = movedTo(declared.pacts, dataset);
  const alpha = falseAlarmRate(pacts);
  const measured = result.conditions.filter((one) => one.value !== null);
  const scores = scoresOf(measured);
  const counts = await countsOf(session, { ...declared, pacts }, result);
  const look: Look = { at: session.world.clock.now(), run: result.run, build: session.build.digest, counts, dimensions: scores.dimensions, composite: scores.composite };
  const looks = [...before, look];
  // A second judgement of the same rows: an alarm asks for more than a verdict, since it is asked again and again.
  const strict = judgeOf({ ...pacts, confidence: String(strictness(looks, alpha)) });
  for await (const row of rowsOfRun(session, result.run)) strict.add(row);
  return { look, looks, noticed: watch({ results: result.conditions, strict: strict.results(), looks, thresholds, alpha }), alpha };
}

/** Looks that the scheduled runs have left. */
export async function looksSoFar({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<readonly Look[]> {
  return looksOf(await store.readEvidence(chain, 'monitor.ran'));
}

/** @param declared its pact as the run measured it */
async function countsOf(session: Session, { spec, pacts }: Declared, { run, conditions }: Evaluation): Promise<readonly ConditionCount[]> {
  const declared = new Map(pacts.agreements.flatMap((agreement) => agreement.conditions.map((condition) => [condition.id, { agreement, condition }] as const)));
  const thresholdOf = (condition: Condition) => spec.thresholds.conditions?.[condition.id] ?? condition.threshold;
  const latencies = [...declared.values()].filter(({ condition }) => isLatency(condition.metric));
  const within = new Map<string, Stream>();
  if (latencies.length > 0) {
    for await (const row of rowsOfRun(session, run)) {
      for (const { agreement, condition } of latencies) if (row.capability === agreement.capability && row.dataset === condition.dataset) within.set(condition.id, withinLimit([row], Number(thresholdOf(condition)), within.get(condition.id)));
    }
  }
  const sha256Of = (condition: Condition) => pacts.datasets.find((one) => one.id === condition.dataset)?.sha256 ?? null;
  return conditions.filter((one) => one.value !== null).flatMap((one) => {
    const found = declared.get(one.id);
    if (!found) return [];
    const threshold = thresholdOf(found.condition);
    const stream = within.get(one.id);
    return [countOf(one, { threshold, measure: measureDigest(found, threshold, sha256Of(found.condition)), ...(stream ? { within: stream } : {}) })];
  });
}

/** Changes with the data set, the harness, the scorer or judge, and the wording of what is counted. */
function measureDigest({ agreement, condition }: { agreement: Agreement; condition: Condition }, threshold: string, sha256: string | null): string {
  const scorer = agreement.scorers?.find((one) => one.id === condition.scorer);
  return digestJson({
    dataset: sha256, harness: HARNESS, rules: SCORER, capability: agreement.capability, output: { ...agreement.output }, repeats: agreement.repeats ?? 1,
    scorer: scorer === undefined ? null : JSON.stringify(scorer), condition: measureOf(condition, threshold),
  });
}
