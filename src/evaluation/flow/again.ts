/** Asks again what an earlier run lost to infrastructure errors, and nothing else: every other row is taken over as it is, and what is asked again stays marked as lost once. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import type { ResultRow } from '../score.js';
import { Attempt, type Question } from './attempt.js';
import { BatchUnderWay, type Batch } from './batch.js';
import type { Answered } from './in-order.js';
import { questionsOf, type EvaluationPlan } from './run.js';

/** A batch of the earlier run: rows, their canonical texts, and what was said, a JSON line for each row or none at all. */
export interface EarlierBatch {
  readonly rows: readonly ResultRow[];
  readonly texts: readonly string[];
  readonly transcripts: readonly string[];
}

export interface AgainPlan extends Omit<EvaluationPlan, 'recorded' | 'onBatch'> {
  /** Batches of the earlier run over the same cases in the same order, all of them. */
  readonly earlier: AsyncIterable<EarlierBatch>;
  /** Batches that an interrupted attempt has handed over already. */
  readonly recorded: number;
  /** @param asked how many rows of the batch were asked again */
  readonly onBatch: (batch: Batch, asked: number) => Promise<void>;
}

interface Lost {
  readonly place: number;
  readonly question: Question;
}

/**
 * Hands over a batch for each earlier one. An interrupted run has handed over the batches before the one it was at.
 * @throws {Fault} TARGET_FAILED as a run does; DIGEST_MISMATCH when the earlier rows are not of these cases
 */
export async function askAgain(plan: AgainPlan): Promise<{ readonly interrupted: boolean }> {
  const attempt = new Attempt(plan);
  const questions = questionsOf(plan);
  const under = new BatchUnderWay(plan.plant);
  let [index, done] = [0, 0];
  try {
    for await (const earlier of plan.earlier) {
      const lost = lostOf(earlier, questions, index);
      done += earlier.rows.length;
      if (index >= plan.recorded) {
        const answers: Answered[] = [];
        const { interrupted } = await attempt.ask(lost.map(({ question }) => question)[Symbol.iterator](), (one) => void answers.push(one));
        if (interrupted) return { interrupted };
        merge(plan, earlier, new Map(lost.map(({ place }, at) => [place, answers[at]])), under);
        plan.progress.update(done, plan.total * (plan.repeats ?? 1));
        await under.end(index, (batch) => plan.onBatch(batch, answers.length));
      }
      index += 1;
    }
  } finally {
    plan.progress.end();
  }
  return { interrupted: false };
}

function lostOf({ rows }: EarlierBatch, questions: Iterator<Question>, index: number): readonly Lost[] {
  const lost: Lost[] = [];
  for (const [place, row] of rows.entries()) {
    const { value: question } = questions.next() as IteratorResult<Question, undefined>;
    if (!question || question.one.id !== row.case || question.repeat !== row.repeat) throw new Fault('DIGEST_MISMATCH', `row ${place} of batch ${index} is not about the case at its place`, { at: row.case, hint: 'agentctl audit verify' });
    if (row.outcome === 'infrastructure') lost.push({ place, question });
  }
  return lost;
}

function merge({ onRow }: AgainPlan, { rows, texts, transcripts }: EarlierBatch, fresh: ReadonlyMap<number, Answered | undefined>, under: BatchUnderWay): void {
  // Where nothing was kept of the earlier answers, what is said now is kept all the same.
  const wereKept = transcripts.length === rows.length;
  for (const [place, earlier] of rows.entries()) {
    const again = fresh.get(place);
    const row = again ? { ...again.row, lost: true as const } : earlier;
    const text = again ? canonical(row) : (texts[place] ?? '');
    under.add(text, again?.transcript ?? (wereKept ? transcripts[place] : undefined));
    onRow(row);
  }
}
