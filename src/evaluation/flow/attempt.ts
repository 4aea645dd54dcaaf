/** One attempt at a run: asks through a bounded window, and asks what failed again on its own. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import type { RunningTarget, TargetReply } from '../../domain/ports.js';
import { askScorers, scoreReply, type ResultRow, type ScoredAs, type Trial } from '../score.js';
import { transcriptLine } from '../transcript.js';

/** Faults that are gathered before they are asked again; and how many cases in a row may get no answer before it is an outage. */
const PATIENCE = 16;

export type Question = Omit<Trial, 'alone'>;

export interface Answered {
  readonly row: ResultRow;
  /** Canonical text of the row. */
  readonly text: string;
  /** What was said, as a JSON line. */
  readonly transcript: string;
}

export interface AttemptPlan {
  readonly target: RunningTarget;
  readonly as: ScoredAs;
  readonly concurrency: number;
  readonly clock: { monotonic(): number };
  readonly signal?: AbortSignal;
}

interface Limits {
  /** Monotonic time after which nothing more is asked; what is open is still waited for. */
  readonly until: number;
  /** Told how many questions have their final answer. */
  answered(count: number): void;
}

interface Window {
  readonly next: number;
  readonly failed: readonly number[];
  /** Whether any question of it got an answer at once. */
  readonly heard: boolean;
  readonly interrupted: boolean;
}

export class Attempt {
  readonly #plan: AttemptPlan;
  /** Cases in a row without an answer, over windows and batches: a target that fails slowly fills no batch. */
  #silent = 0;
  retried = 0;

  constructor(plan: AttemptPlan) {
    this.#plan = plan;
  }

  /**
   * Asks in order. Answers come for the first so many questions: all of them, or up to where time ran out or the run was interrupted.
   * @throws {Fault} TARGET_FAILED when 16 questions in a row get no answer, neither together nor alone
   */
  async ask(questions: readonly Question[], limits: Limits): Promise<{ readonly answered: readonly Answered[]; readonly interrupted: boolean }> {
    const final: (Answered | undefined)[] = [];
    let count = 0;
    const keep = (position: number, one: Answered) => {
      final[position] = one;
      count += 1;
      limits.answered(count);
    };
    let interrupted = false;
    for (let position = 0; position < questions.length && !interrupted; ) {
      const window = await this.#window(questions, position, { ...limits, keep });
      interrupted = window.interrupted || !(await this.#secondChances(questions, window, keep));
      position = window.next;
      if (this.#plan.clock.monotonic() >= limits.until) break;
    }
    return { answered: prefixOf(final), interrupted };
  }

  /** Asks from `start` on, `concurrency` at a time, until the questions or the time end, or too many faults wait for their second chance. */
  async #window(questions: readonly Question[], start: number, { until, keep }: Limits & { keep(position: number, one: Answered): void }): Promise<Window> {
    const { clock, concurrency, target } = this.#plan;
    const failed: number[] = [];
    let [next, heard, stopped] = [start, false, false];
    const work = async () => {
      try {
        while (!stopped && failed.length < PATIENCE && next < questions.length && (next === start || clock.monotonic() < until)) {
          const position = next;
          next += 1;
          const question = questions[position];
          if (question === undefined) return;
          const reply = await target.ask(question.request);
          if (reply.outcome === 'fault') failed.push(position);
          else {
            heard = true;
            const one = this.#scored(question, reply, false);
            // Waiting for what is there already would take longer than scoring it did.
            const scored = one instanceof Promise ? await one : one;
            // Whoever interrupted the run has not waited for this one.
            if (!stopped) keep(position, scored);
          }
        }
      } catch (error) {
        stopped = true;
        throw error;
      }
    };
    const ended = await this.#unlessInterrupted(() => Promise.all(Array.from({ length: Math.max(1, concurrency) }, work)));
    if (ended === undefined) stopped = true;
    return { next, failed: failed.sort((a, b) => a - b), heard, interrupted: stopped };
  }

  /** Each failed question with nothing else in flight, so that a fault has one possible cause. False when interrupted. */
  async #secondChances(questions: readonly Question[], { failed, heard, interrupted }: Window, keep: (position: number, one: Answered) => void): Promise<boolean> {
    if (interrupted) return false;
    if (heard) this.#silent = 0;
    for (const position of failed) {
      const question = questions[position];
      const reply = question && (await this.#unlessInterrupted(() => this.#plan.target.ask(question.request)));
      if (question === undefined || reply === undefined) return false;
      this.retried += 1;
      const one = await this.#unlessInterrupted(async () => this.#scored(question, reply, true));
      if (one === undefined) return false;
      keep(position, one);
      if (heard) continue;
      this.#silent = one.row.outcome === 'infrastructure' ? this.#silent + 1 : 0;
      if (this.#silent >= PATIENCE) throw outage(one.row, reply);
    }
    return true;
  }

  #scored({ one, repeat, request }: Question, reply: TargetReply, alone: boolean): Answered | Promise<Answered> {
    const { as } = this.#plan;
    const trial: Trial = { one, repeat, request, alone };
    if (as.scorers === undefined || reply.outcome !== 'answer') return answeredBy(trial, reply, scoreReply(trial, reply, as));
    return askScorers(as.scorers, one, reply).then((scores) => answeredBy(trial, reply, scoreReply(trial, reply, as, scores)));
  }

  /** What the work comes to, or undefined as soon as the run is interrupted. One listener for a whole window: one for each question costs as much as asking it. */
  async #unlessInterrupted<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { signal } = this.#plan;
    if (signal === undefined) return work();
    if (signal.aborted) return undefined;
    return new Promise((resolve, reject) => {
      const abort = () => resolve(undefined);
      signal.addEventListener('abort', abort, { once: true });
      work().then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }
}

function answeredBy(trial: Trial, reply: TargetReply, row: ResultRow): Answered {
  return { row, text: inOnePiece(canonical(row)), transcript: transcriptLine(trial, reply) };
}

/** A text that was put together remembers its parts, which take more memory than it does, until somebody looks at all of it. */
function inOnePiece(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}

/** Up to the first gap. */
function prefixOf(final: readonly (Answered | undefined)[]): readonly Answered[] {
  const gap = Array.from(final).findIndex((one) => one === undefined);
  return (gap === -1 ? final : final.slice(0, gap)).filter((one) => one !== undefined);
}

function outage(row: ResultRow, reply: TargetReply): Fault {
  const last = reply.outcome === 'answer' ? '' : `: ${reply.message}`;
  return new Fault('TARGET_FAILED', `the agent left ${PATIENCE} cases in a row without an answer${last}`, {
    at: `${row.dataset} ${row.request}`,
    hint: 'mend the agent or its surroundings, then run the command again: recorded batches are kept',
  });
}
