/** One attempt at a run: asks through a bounded window, asks what failed again on its own, and tells the answers in the order of the questions. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import type { RunningTarget, TargetReply } from '../../domain/ports.js';
import { askScorers, scoreReply, type ResultRow, type ScoredAs, type Trial } from '../score.js';
import { transcriptLine } from '../transcript.js';
import { InOrder, type Answered, type Put } from './in-order.js';

/** Faults that are gathered before they are asked again; and how many cases in a row may get no answer before it is an outage. */
const PATIENCE = 16;
/** Nothing waits longer to go on record, so that an agent that takes minutes for an answer loses little to a crash of ours. */
export const BATCH_MILLISECONDS = 15_000;
/** How far answers may be ahead of one that is missing: each waits for it in memory. */
const MOST_AHEAD = 250;

/** To wait for it lets what was asked go out. */
const SENT = Promise.resolve();

export type Question = Omit<Trial, 'alone'>;

export interface AttemptPlan {
  readonly target: RunningTarget;
  readonly as: ScoredAs;
  readonly concurrency: number;
  readonly clock: { monotonic(): number };
  readonly signal?: AbortSignal;
}

interface Failed {
  readonly position: number;
  readonly question: Question;
}

interface Asked extends Failed {
  readonly reply: Promise<TargetReply>;
}

interface Round {
  /** Whether there was nothing more to ask. */
  readonly ended: boolean;
  /** Whether any question of it got an answer at once. */
  readonly heard: boolean;
  readonly interrupted: boolean;
}

export class Attempt {
  readonly #plan: AttemptPlan;
  /** Cases in a row without an answer, over rounds: a target that fails slowly fails few in each. */
  #silent = 0;
  retried = 0;

  constructor(plan: AttemptPlan) {
    this.#plan = plan;
  }

  /**
   * Asks in order. Answers are put for the first so many questions: all of them, or up to the first gap when the run was interrupted.
   * @throws {Fault} TARGET_FAILED when 16 questions in a row get no answer, neither together nor alone
   */
  async ask(questions: Iterator<Question>, put: Put): Promise<{ readonly interrupted: boolean }> {
    const order = new InOrder(put);
    for (;;) {
      const failed: Failed[] = [];
      const { ended, heard, interrupted } = await this.#round(questions, order, failed);
      if (interrupted || !(await this.#secondChances(failed.sort((a, b) => a.position - b.position), heard, order))) {
        await order.settled();
        return { interrupted: true };
      }
      if (ended) return { interrupted: false };
    }
  }

  /** Asks `concurrency` at a time, until the questions end, too many faults wait for their second chance or have waited too long, or the answers are too far ahead of a missing one. */
  async #round(questions: Iterator<Question>, order: InOrder, failed: Failed[]): Promise<Round> {
    const { clock, concurrency, target } = this.#plan;
    const until = clock.monotonic() + BATCH_MILLISECONDS;
    const isDue = () => failed.length >= PATIENCE || order.ahead >= MOST_AHEAD || (failed.length > 0 && clock.monotonic() >= until);
    let [ended, heard, stopped] = [false, false, false];
    const ask = (): Asked | undefined => {
      if (stopped || isDue()) return undefined;
      const { done, value: question } = questions.next();
      if (done === true) ended = true;
      return done === true ? undefined : { position: order.open(), question, reply: target.ask(question.request) };
    };
    const work = async () => {
      let asked: Asked | undefined;
      try {
        asked = ask();
        while (asked !== undefined) {
          const { position, question } = asked;
          const reply = await asked.reply;
          if (reply.outcome === 'fault') failed.push({ position, question });
          // The agent is at the next question while this answer is scored.
          asked = ask();
          if (reply.outcome === 'fault') continue;
          heard = true;
          await SENT;
          const one = this.#scored(question, reply, false);
          // Waiting for what is there already would take longer than scoring it did.
          const scored = one instanceof Promise ? await one : one;
          // Whoever interrupted the run has not waited for this one.
          const wait = stopped ? undefined : order.put(position, scored);
          if (wait !== undefined) await wait;
        }
      } catch (error) {
        stopped = true;
        // Nobody waits for it any more: what else goes wrong there is told by this error.
        asked?.reply.catch(() => undefined);
        throw error;
      }
    };
    const all = await this.#unlessInterrupted(() => Promise.all(Array.from({ length: Math.max(1, concurrency) }, work)));
    if (all === undefined) stopped = true;
    return { ended, heard, interrupted: stopped };
  }

  /** Each failed question with nothing else in flight, so that a fault has one possible cause. False when interrupted. */
  async #secondChances(failed: readonly Failed[], heard: boolean, order: InOrder): Promise<boolean> {
    if (heard) this.#silent = 0;
    for (const { position, question } of failed) {
      const reply = await this.#unlessInterrupted(() => this.#plan.target.ask(question.request));
      if (reply === undefined) return false;
      this.retried += 1;
      const one = await this.#unlessInterrupted(async () => this.#scored(question, reply, true));
      if (one === undefined) return false;
      await order.put(position, one);
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

  /** What the work comes to, or undefined as soon as the run is interrupted. One listener for a whole round: one for each question costs as much as asking it. */
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
  return { row, text: canonical(row), transcript: transcriptLine(trial, reply) };
}

function outage(row: ResultRow, reply: TargetReply): Fault {
  const last = reply.outcome === 'answer' ? '' : `: ${reply.message}`;
  return new Fault('TARGET_FAILED', `the agent left ${PATIENCE} cases in a row without an answer${last}`, {
    at: `${row.dataset} ${row.request}`,
    hint: 'mend the agent or its surroundings, then run the command again: recorded batches are kept',
  });
}
