/** The runner: asks every case through a bounded window, as often as it is to be repeated, and hands over batches that commit to their rows. */
import type { Clock, Progress, RunningTarget } from '../../domain/ports.js';
import { requestOf, type Case } from '../dataset.js';
import { isAnswered, type ResultRow, type ScoredAs } from '../score.js';
import { Attempt, type Question } from './attempt.js';

/** So few that what a batch holds is gone again before the garbage collector would take it for lasting. */
export const BATCH_ROWS = 250;
/** A batch ends after this time as well, so that an agent that takes minutes for an answer loses little to a crash of ours. */
const BATCH_MILLISECONDS = 15_000;

export interface Batch {
  /** From 0, over all attempts at this run. */
  readonly index: number;
  readonly rows: readonly ResultRow[];
  /** Canonical text of each row: the leaves. */
  readonly texts: readonly string[];
  /** Merkle root over the texts. */
  readonly root: string;
  /** What was said, a JSON line for each row. */
  readonly transcripts: readonly string[];
}

/** What earlier attempts at the run have recorded: the first so many trials, in so many batches. */
export interface Recorded {
  readonly rows: number;
  readonly batches: number;
}

export interface EvaluationPlan {
  readonly target: RunningTarget;
  /** Cases in an order that is the same for every attempt at this run. */
  readonly cases: Iterable<Case>;
  /** How many there are, for progress. */
  readonly total: number;
  /** How often each is asked; 1 when absent. */
  readonly repeats?: number;
  /** Told to the agent with each trial, plus the number of the repeat; nothing is told when absent. */
  readonly seed?: number;
  /** Id of the run: the opaque request ids follow from it. */
  readonly run: string;
  readonly as: ScoredAs;
  readonly concurrency: number;
  readonly progress: Progress;
  readonly clock: Clock;
  /** RFC 6962 Merkle root over leaf texts (leaf = SHA-256(0x00 ‖ text)). */
  readonly root: (texts: readonly string[]) => string;
  readonly onBatch: (batch: Batch) => Promise<void>;
  /** Their trials are not asked again. */
  readonly recorded?: Recorded;
  readonly signal?: AbortSignal;
}

/** Counts of trials of this attempt; those of earlier attempts are counted as `resumed` only. */
export interface EvaluationSummary {
  readonly cases: number;
  readonly resumed: number;
  readonly answered: number;
  readonly abstained: number;
  readonly errors: number;
  readonly notEvaluable: number;
  /** Asked a second time. */
  readonly retried: number;
  readonly batches: number;
  readonly interrupted: boolean;
  readonly milliseconds: number;
}

/**
 * Runs the cases. Memory holds one batch, whatever the size of the data set. An interrupted run has handed over what was
 * answered up to the first gap, and says so.
 *
 * @throws {Fault} TARGET_FAILED when the agent cannot be started, or answers none of 16 cases in a row (an outage is no verdict)
 */
export async function runEvaluation(plan: EvaluationPlan): Promise<EvaluationSummary> {
  const { clock, progress, recorded = { rows: 0, batches: 0 }, root } = plan;
  const started = clock.monotonic();
  const attempt = new Attempt(plan);
  const questions = new Lookahead(questionsOf(plan, recorded.rows));
  const total = { cases: 0, resumed: recorded.rows, answered: 0, abstained: 0, errors: 0, notEvaluable: 0, batches: 0, interrupted: false };
  try {
    for (let batch = questions.next(BATCH_ROWS); batch.length > 0 && !total.interrupted; batch = questions.next(BATCH_ROWS)) {
      const done = total.cases + total.resumed;
      const { answered, interrupted } = await attempt.ask(batch, { until: clock.monotonic() + BATCH_MILLISECONDS, answered: (count) => progress.update(done + count, plan.total * (plan.repeats ?? 1)) });
      total.interrupted = interrupted;
      if (answered.length === 0) break;
      questions.keep(batch.slice(answered.length));
      const rows = answered.map(({ row }) => row);
      const texts = answered.map(({ text }) => text);
      await plan.onBatch({ index: recorded.batches + total.batches, rows, texts, root: root(texts), transcripts: answered.map(({ transcript }) => transcript) });
      count(total, rows);
    }
  } finally {
    progress.end();
  }
  return { ...total, retried: attempt.retried, milliseconds: Math.round(clock.monotonic() - started) };
}

function count(total: { cases: number; batches: number; answered: number; abstained: number; errors: number; notEvaluable: number }, rows: readonly ResultRow[]): void {
  total.cases += rows.length;
  total.batches += 1;
  for (const row of rows) {
    if (isAnswered(row)) total.answered += 1;
    if (row.outcome === 'abstain') total.abstained += 1;
    if (row.outcome === 'infrastructure') total.errors += 1;
    if (row.outcome === 'not-evaluable') total.notEvaluable += 1;
  }
}

/** Every asking of every case: the repeats of a case follow each other. @param recorded how many of the first to leave out */
export function* questionsOf({ cases, run, repeats = 1, seed }: Pick<EvaluationPlan, 'cases' | 'run' | 'repeats' | 'seed'>, recorded = 0): Generator<Question> {
  let number = 0;
  for (const one of cases) {
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      number += 1;
      if (number <= recorded) continue;
      const request = requestOf(one, run, repeat);
      yield { one, repeat, request: seed === undefined ? request : { ...request, context: { repeat, seed: seed + repeat } } };
    }
  }
}

/** Takes questions off a stream, and takes back those that a batch had no time for. */
class Lookahead {
  readonly #stream: Iterator<Question>;
  #kept: readonly Question[] = [];

  constructor(stream: Iterable<Question>) {
    this.#stream = stream[Symbol.iterator]();
  }

  /** Up to `most`; none at the end. */
  next(most: number): readonly Question[] {
    const taken = [...this.#kept];
    this.#kept = [];
    while (taken.length < most) {
      const { done, value } = this.#stream.next();
      if (done === true) break;
      taken.push(value);
    }
    return taken;
  }

  keep(questions: readonly Question[]): void {
    this.#kept = questions;
  }
}
