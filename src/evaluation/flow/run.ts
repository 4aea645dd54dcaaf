/** The runner: asks every case once through a bounded window, asks what failed again on its own, and hands over batches that commit to their rows. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import type { Clock, Progress, RunningTarget, TargetReply, TargetRequest } from '../../domain/ports.js';
import { requestOf, type Case } from '../dataset.js';
import { isAnswered, scoreReply, type ResultRow, type ScoredAs } from '../score.js';

export const BATCH_ROWS = 1000;
/** Faults that are gathered before they are asked again; and how many cases in a row may get no answer before it is an outage. */
const PATIENCE = 16;

export interface Batch {
  readonly index: number;
  readonly rows: readonly ResultRow[];
  /** Canonical text of each row: the leaves. */
  readonly texts: readonly string[];
  /** Merkle root over the texts. */
  readonly root: string;
}

export interface EvaluationPlan {
  readonly target: RunningTarget;
  /** Cases in an order that is the same for every attempt at this run; batch k holds cases 1000k to 1000k+999. */
  readonly cases: AsyncIterable<Case> | Iterable<Case>;
  /** How many there are, for progress. */
  readonly total: number;
  /** Id of the run: the opaque request ids follow from it. */
  readonly run: string;
  readonly as: ScoredAs;
  readonly concurrency: number;
  readonly progress: Progress;
  readonly clock: Clock;
  /** RFC 6962 Merkle root over leaf texts (leaf = SHA-256(0x00 ‖ text)). */
  readonly root: (texts: readonly string[]) => string;
  readonly onBatch: (batch: Batch) => Promise<void>;
  /** Indexes of batches that an earlier attempt has recorded: their cases are not asked again. */
  readonly resumeAfter?: readonly number[];
  readonly signal?: AbortSignal;
}

/** Counts of this attempt; recorded batches are counted as `resumed` cases only. */
export interface EvaluationSummary {
  readonly cases: number;
  readonly resumed: number;
  readonly answered: number;
  readonly abstained: number;
  readonly errors: number;
  readonly notEvaluable: number;
  /** Cases asked a second time. */
  readonly retried: number;
  readonly batches: number;
  readonly interrupted: boolean;
  readonly milliseconds: number;
}

/**
 * Runs the cases. Memory holds one batch, whatever the size of the data set. An interrupted run has handed over whole
 * batches only and says so.
 *
 * @throws {Fault} TARGET_FAILED when the agent cannot be started, or answers none of 16 cases in a row (an outage is no verdict)
 */
export async function runEvaluation(plan: EvaluationPlan): Promise<EvaluationSummary> {
  const recorded = new Set(plan.resumeAfter ?? []);
  const started = plan.clock.monotonic();
  const attempt = new Attempt(plan);
  const total = { cases: 0, resumed: 0, answered: 0, abstained: 0, errors: 0, notEvaluable: 0, batches: 0, interrupted: false };
  try {
    for await (const { index, cases } of batchesOf(plan.cases)) {
      if (recorded.has(index)) {
        total.resumed += cases.length;
        plan.progress.update(total.cases + total.resumed, plan.total);
        continue;
      }
      const rows = await attempt.rowsOf(cases, total.cases + total.resumed);
      if (rows === undefined) {
        total.interrupted = true;
        break;
      }
      const texts = rows.map((row) => canonical(row));
      await plan.onBatch({ index, rows, texts, root: plan.root(texts) });
      total.cases += rows.length;
      total.batches += 1;
      total.answered += rows.filter(isAnswered).length;
      total.abstained += rows.filter((row) => row.outcome === 'abstain').length;
      total.errors += rows.filter((row) => row.outcome === 'infrastructure').length;
      total.notEvaluable += rows.filter((row) => row.outcome === 'not-evaluable').length;
    }
  } finally {
    plan.progress.end();
  }
  return { ...total, retried: attempt.retried, milliseconds: Math.round(plan.clock.monotonic() - started) };
}

interface Window {
  readonly next: number;
  readonly failed: readonly number[];
  /** Whether any case of it got an answer at once. */
  readonly heard: boolean;
}

/** Asks cases on behalf of one run. */
class Attempt {
  readonly #plan: EvaluationPlan;
  retried = 0;

  constructor(plan: EvaluationPlan) {
    this.#plan = plan;
  }

  /** One row for each case, in order; undefined when interrupted. */
  async rowsOf(cases: readonly Case[], before: number): Promise<readonly ResultRow[] | undefined> {
    const { progress, total } = this.#plan;
    const rows: (ResultRow | undefined)[] = new Array<undefined>(cases.length);
    let done = before;
    const keep = (position: number, row: ResultRow) => {
      rows[position] = row;
      done += 1;
      progress.update(done, total);
    };
    for (let position = 0; position < cases.length; ) {
      const window = await this.#window(cases, position, keep);
      if (window === undefined || !(await this.#secondChances(cases, window, keep))) return undefined;
      position = window.next;
    }
    return rows.filter((row) => row !== undefined);
  }

  /** False when interrupted. @throws {Fault} TARGET_FAILED when neither the window nor its first repeats got a single answer */
  async #secondChances(cases: readonly Case[], { failed, heard }: Window, keep: (position: number, row: ResultRow) => void): Promise<boolean> {
    let silent = 0;
    for (const position of failed) {
      const one = cases[position];
      const again = one && (await this.#again(one));
      if (again === undefined) return false;
      keep(position, again.row);
      if (again.row.outcome !== 'infrastructure') silent = -Infinity;
      silent += 1;
      if (!heard && silent >= PATIENCE) throw outage(again.row, again.reply);
    }
    return true;
  }

  /** Asks from `start` on, `concurrency` at a time, until the batch ends or too many faults wait for their second chance. */
  async #window(cases: readonly Case[], start: number, keep: (position: number, row: ResultRow) => void): Promise<Window | undefined> {
    const { as, run, concurrency } = this.#plan;
    const failed: number[] = [];
    let next = start;
    let heard = false;
    let stopped = false;
    const askNext = async () => {
      const position = next;
      next += 1;
      const one = cases[position];
      if (one === undefined) return;
      const request = requestOf(one, run);
      const reply = await this.#ask(request);
      if (reply === undefined) stopped = true;
      else if (reply.outcome === 'fault') failed.push(position);
      else {
        heard = true;
        keep(position, scoreReply(one, request, reply, as));
      }
    };
    const work = async () => {
      try {
        while (!stopped && failed.length < PATIENCE && next < cases.length) await askNext();
      } catch (error) {
        stopped = true;
        throw error;
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work));
    return stopped ? undefined : { next, failed: failed.sort((a, b) => a - b), heard };
  }

  /** The second chance, with nothing else in flight, so that a fault has one possible cause. */
  async #again(one: Case): Promise<{ readonly row: ResultRow; readonly reply: TargetReply } | undefined> {
    const request = requestOf(one, this.#plan.run);
    const reply = await this.#ask(request);
    if (reply === undefined) return undefined;
    this.retried += 1;
    return { row: scoreReply(one, request, reply, this.#plan.as, true), reply };
  }

  /** A reply, or undefined as soon as the run is interrupted. */
  async #ask(request: TargetRequest): Promise<TargetReply | undefined> {
    const { signal, target } = this.#plan;
    if (signal === undefined) return target.ask(request);
    if (signal.aborted) return undefined;
    const { promise, resolve } = withResolvers<undefined>();
    const abort = () => resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([target.ask(request), promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

function outage(row: ResultRow, reply: TargetReply): Fault {
  const last = reply.outcome === 'fault' ? `: ${reply.message}` : '';
  return new Fault('TARGET_FAILED', `the agent left ${PATIENCE} cases in a row without an answer${last}`, {
    at: `${row.dataset} ${row.request}`,
    hint: 'mend the agent or its surroundings, then run the command again: recorded batches are kept',
  });
}

function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function* batchesOf(cases: AsyncIterable<Case> | Iterable<Case>): AsyncGenerator<{ readonly index: number; readonly cases: readonly Case[] }> {
  let batch: Case[] = [];
  let index = 0;
  for await (const one of cases) {
    batch.push(one);
    if (batch.length < BATCH_ROWS) continue;
    yield { index, cases: batch };
    index += 1;
    batch = [];
  }
  if (batch.length > 0) yield { index, cases: batch };
}
