/** The runner: asks every case through a bounded window, as often as it is to be repeated, and hands over batches that commit to their rows. */
import type { Clock, Progress, RunningTarget } from '../../domain/ports.js';
import { requestOf, type Case } from '../dataset.js';
import { isRightOrWrong, ownFailure, type ResultRow, type ScoredAs } from '../score.js';
import { Attempt, BATCH_MILLISECONDS, type Question } from './attempt.js';
import { BatchUnderWay, type GrowingTree, type KeepBatch } from './batch.js';
import type { Answered } from './in-order.js';

/** A batch ends with so many rows, */
export const BATCH_ROWS = 1000;
/** or with so many bytes of them. */
const BATCH_BYTES = 1 << 20;

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
  /** An empty tree, for each batch. */
  readonly plant: () => GrowingTree;
  /** Told of each row, in order, before its batch is handed over. */
  readonly onRow: (row: ResultRow) => void;
  readonly onBatch: KeepBatch;
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
 * Runs the cases. Memory holds the window and the bytes of one batch, whatever the size of the data set. An interrupted run
 * has handed over what was answered up to the first gap; one that ends in an outage only whole batches, so that no failure of the outage is on record.
 *
 * @throws {Fault} TARGET_FAILED when the agent cannot be started, or answers none of 16 cases in a row (an outage is no verdict)
 */
export async function runEvaluation(plan: EvaluationPlan): Promise<EvaluationSummary> {
  const { clock, recorded = { rows: 0, batches: 0 } } = plan;
  const started = clock.monotonic();
  const attempt = new Attempt(plan);
  const book = new Book(plan, recorded);
  try {
    const { interrupted } = await attempt.ask(questionsOf(plan, recorded.rows), (answered) => book.put(answered));
    await book.close();
    return { ...book.counts, resumed: recorded.rows, retried: attempt.retried, interrupted, milliseconds: Math.round(clock.monotonic() - started) };
  } finally {
    plan.progress.end();
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

/** Takes the answers in their order, and hands them over in batches. */
class Book {
  readonly counts = { cases: 0, answered: 0, abstained: 0, errors: 0, notEvaluable: 0, batches: 0 };
  readonly #plan: EvaluationPlan;
  readonly #recorded: Recorded;
  readonly #batch: BatchUnderWay;
  readonly #total: number;
  #since: number;

  constructor(plan: EvaluationPlan, recorded: Recorded) {
    this.#plan = plan;
    this.#recorded = recorded;
    this.#batch = new BatchUnderWay(plan.plant);
    this.#total = plan.total * (plan.repeats ?? 1);
    this.#since = plan.clock.monotonic();
  }

  /** @returns a promise when a batch is handed over */
  put({ row, text, transcript }: Answered): Promise<void> | undefined {
    const { clock, onRow, progress } = this.#plan;
    this.#count(row);
    onRow(row);
    this.#batch.add(text, transcript);
    progress.update(this.counts.cases + this.#recorded.rows, this.#total);
    return this.#batch.rows >= BATCH_ROWS || this.#batch.bytes >= BATCH_BYTES || clock.monotonic() >= this.#since + BATCH_MILLISECONDS ? this.#handOver() : undefined;
  }

  /** Hands over what is left. */
  async close(): Promise<void> {
    if (this.#batch.rows > 0) await this.#handOver();
  }

  async #handOver(): Promise<void> {
    await this.#batch.end(this.#recorded.batches + this.counts.batches, this.#plan.onBatch);
    this.counts.batches += 1;
    this.#since = this.#plan.clock.monotonic();
  }

  #count(row: ResultRow): void {
    this.counts.cases += 1;
    if (isRightOrWrong(row) && ownFailure(row) === undefined) this.counts.answered += 1;
    if (row.outcome === 'abstain') this.counts.abstained += 1;
    if (row.outcome === 'infrastructure') this.counts.errors += 1;
    if (row.outcome === 'not-evaluable') this.counts.notEvaluable += 1;
  }
}
