/** Asks again what an earlier run lost to infrastructure errors, and nothing else: every other row is taken over as it is, and what is asked again stays marked as lost once. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import { Attempt, type Question } from './attempt.js';
import { questionsOf, type Batch, type EvaluationPlan } from './run.js';

/** A batch of the earlier run: rows, their canonical texts, and what was said, a JSON line for each row or none at all. */
export type EarlierBatch = Pick<Batch, 'rows' | 'texts' | 'transcripts'>;

export interface AgainPlan extends Omit<EvaluationPlan, 'recorded' | 'onBatch'> {
  /** Batches of the earlier run over the same cases in the same order, all of them. */
  readonly earlier: AsyncIterable<EarlierBatch>;
  /** Batches that an interrupted attempt has handed over already. */
  readonly recorded: number;
}

/** A batch that takes the place of an earlier one. */
export interface AgainBatch extends Batch {
  /** How many of its rows were asked again. */
  readonly asked: number;
}

/**
 * Hands over a batch for each earlier one. An interrupted run has handed over the batches before the one it was at.
 * @throws {Fault} TARGET_FAILED as a run does; DIGEST_MISMATCH when the earlier rows are not of these cases
 */
export async function askAgain(plan: AgainPlan, onBatch: (batch: AgainBatch) => Promise<void>): Promise<{ readonly interrupted: boolean }> {
  const attempt = new Attempt(plan);
  const questions = questionsOf(plan);
  let [index, done] = [0, 0];
  try {
    for await (const { rows, texts, transcripts } of plan.earlier) {
      const lost: { readonly place: number; readonly question: Question }[] = [];
      for (const [place, row] of rows.entries()) {
        const { value: question } = questions.next();
        if (!question || question.one.id !== row.case || question.repeat !== row.repeat) throw new Fault('DIGEST_MISMATCH', `row ${place} of batch ${index} is not about the case at its place`, { at: row.case, hint: 'agentctl audit verify' });
        if (row.outcome === 'infrastructure') lost.push({ place, question });
      }
      done += rows.length;
      if (index >= plan.recorded) {
        const { answered, interrupted } = await attempt.ask(lost.map(({ question }) => question), { until: Infinity, answered: () => plan.progress.update(done, plan.total * (plan.repeats ?? 1)) });
        if (interrupted) return { interrupted };
        const fresh = new Map(answered.map(({ row }, at) => [lost[at]?.place, { ...row, lost: true as const }]));
        const said = new Map(answered.map(({ transcript }, at) => [lost[at]?.place, transcript]));
        const merged = rows.map((row, place) => fresh.get(place) ?? row);
        const lines = texts.map((text, place) => (fresh.has(place) ? canonical(merged[place] ?? null) : text));
        await onBatch({
          index, rows: merged, texts: lines, root: plan.root(lines), asked: answered.length,
          // Where nothing was kept of the earlier answers, what is said now is kept all the same.
          transcripts: transcripts.length === rows.length ? transcripts.map((line, place) => said.get(place) ?? line) : [...said.values()],
        });
      }
      index += 1;
    }
  } finally {
    plan.progress.end();
  }
  return { interrupted: false };
}
