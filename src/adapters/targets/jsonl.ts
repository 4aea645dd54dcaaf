/** The agent as a long-lived child that speaks JSON Lines: questions in flight by id, every reply checked, every failure one clear fault. */
import { Fault } from '../../domain/fault.js';
import { isObject, type JsonObject } from '../../domain/json.js';
import type { RunningTarget, TargetReply, TargetRequest } from '../../domain/ports.js';
import { garbage, readAnswer, withTime, type Answered } from './answer.js';
import { readLine, type ReadLine } from './jsonl-line.js';
import { LineChild } from './line-child.js';
import { elapsed, memberOf, timeoutOf, type Setup } from './setup.js';

/** A child that died, hung or broke the protocol is replaced at the next question. @throws {Fault} TARGET_FAILED when it cannot be started */
export async function startJsonl(setup: Setup): Promise<RunningTarget> {
  const running = new JsonlTarget(setup);
  await running.start();
  return running;
}

/** What a question is waiting for: the body of the reply, or why there will be none. */
type Outcome = { readonly body: JsonObject } | { readonly fallen: Answered };

interface Waiting {
  readonly id: string;
  readonly settle: (outcome: Outcome) => void;
  /** Monotonic time of asking. */
  readonly since: number;
}

interface Exchange extends Waiting {
  readonly message: JsonObject;
  /** Told when no child can be started. */
  readonly reject: (error: unknown) => void;
}

interface Life {
  readonly started: Promise<LineChild>;
  /** As soon as it has started. */
  running?: LineChild;
}

class JsonlTarget implements RunningTarget {
  readonly #setup: Setup;
  readonly #timeout: number;
  /** In the order of asking: as all have the same time, the first is the first whose time is up. Few, and mostly answered in their order; see evaluation/flow/in-order.ts for why this is no map. */
  readonly #waiting: Waiting[] = [];
  /** One for all that wait: one for each would take as long as reading an answer. */
  #watch: NodeJS.Timeout | undefined;
  #child: Life | undefined;
  /** A stray line that came while nothing was asked: it spoils the next question. */
  #stray: string | undefined;
  /** Set for good when the agent answers what is not open: from then on no answer can be trusted to be the answer. */
  #confused: string | undefined;
  #controls = 0;
  #closed = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#timeout = timeoutOf(setup.target);
  }

  async start(): Promise<void> {
    await this.#alive();
  }

  ask({ id, input, context }: TargetRequest): Promise<TargetReply> {
    const { clock } = this.#setup;
    const started = clock.monotonic();
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome) => {
        // Why there is no answer may be told to several questions; an answer is this one's alone.
        resolve(withTime('body' in outcome ? readAnswer(outcome.body) : { ...outcome.fallen }, elapsed(clock, started)));
      };
      this.#exchange({ id, message: context === undefined ? { id, input } : { id, input, context }, since: started, settle, reject });
    });
  }

  /** The `build` object of the agent's own description. @throws {Fault} TARGET_FAILED when it gives none */
  async describe(): Promise<JsonObject> {
    this.#controls += 1;
    const id = `describe-${this.#controls}`;
    const outcome = await new Promise<Outcome>((settle, reject) => { this.#exchange({ id, message: { id, control: 'describe' }, since: this.#setup.clock.monotonic(), settle, reject }); });
    if ('body' in outcome && isObject(outcome.body['build'])) return outcome.body['build'];
    const why = 'fallen' in outcome && 'message' in outcome.fallen ? outcome.fallen.message : 'the reply to "describe" has no build';
    throw new Fault('TARGET_FAILED', `the agent does not say what it was built from: ${why}`, { hint: 'answer {"id","control":"describe"} with {"id","build":{"files":{…}}}' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#watch);
    const child = this.#child;
    this.#child = undefined;
    this.#fellAll({ outcome: 'fault', cause: 'crash', message: 'the agent was closed' });
    // A child that never started has nothing to close; its starter has been told.
    await child?.started.then((one) => one.close(), () => undefined);
  }

  #exchange({ id, message, since, settle, reject }: Exchange): void {
    if (this.#closed) return settle({ fallen: { outcome: 'fault', cause: 'crash', message: 'the agent was closed' } });
    if (this.#confused !== undefined) return settle({ fallen: garbage(this.#confused) });
    if (this.#isWaiting(id)) throw new Fault('INTERNAL', `the request id ${id} is in flight already`);
    if (this.#stray !== undefined) return settle({ fallen: this.#replace(this.#stray) });
    this.#waiting.push({ id, settle, since });
    this.#watch ??= setTimeout(() => this.#look(), this.#timeout);
    if (this.#child?.running === undefined) this.#sendLater(id, message).catch(reject);
    else this.#child.running.send(message);
  }

  /** @throws {Fault} TARGET_FAILED when no child can be started */
  async #sendLater(id: string, message: JsonObject): Promise<void> {
    try {
      const child = await this.#alive();
      // While the child was starting, the question may have been given up.
      if (this.#isWaiting(id)) child.send(message);
    } catch (error) {
      this.#take(id);
      throw error;
    }
  }

  /** Sees to the question that has waited longest, and comes back when the time of the next is up. */
  #look(): void {
    this.#watch = undefined;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    const { id, since } = oldest;
    const left = since + this.#timeout - this.#setup.clock.monotonic();
    if (left > 0) this.#watch = setTimeout(() => this.#look(), Math.ceil(left));
    else this.#timedOut(id);
  }

  #alive(): Promise<LineChild> {
    if (this.#child) return this.#child.started;
    const { target, folder, path } = this.#setup;
    // Events of a child that has been replaced must not touch the questions of its successor.
    const current = () => this.#child === life;
    const started = LineChild.start(memberOf(target, 'command'), folder, path, {
      onLine: (line) => current() && this.#line(readLine(line)),
      onEnd: (message) => current() && this.#died(message),
    });
    const life: Life = { started };
    this.#child = life;
    started.then(
      (child) => { life.running = child; },
      () => { if (current()) this.#child = undefined; },
    );
    return started;
  }

  #line(line: ReadLine): void {
    if (line.kind === 'stray') {
      if (this.#waiting.length === 0) this.#stray = line.problem;
      else this.#replace(line.problem);
      return;
    }
    if (this.#settle(line.id, { body: line.body })) return;
    this.#confused = `the agent answered ${JSON.stringify(line.id.slice(0, 60))}, which was never asked or has been answered`;
    this.#replace(this.#confused);
  }

  /** Nobody knows whose answer the line was, so every open question loses its own, and the child its place. */
  #replace(problem: string): Answered {
    const fallen = garbage(problem);
    this.#discard();
    this.#fellAll(fallen);
    return fallen;
  }

  #died(message: string): void {
    this.#child = undefined;
    this.#stray = undefined;
    this.#fellAll({ outcome: 'fault', cause: 'crash', message });
  }

  /** A child that hangs on one question may hang on all: it is replaced, and the other open questions are told so. */
  #timedOut(id: string): void {
    const message = `no answer within ${this.#timeout} ms`;
    this.#settle(id, { fallen: { outcome: 'fault', cause: 'timeout', message } });
    this.#discard();
    this.#fellAll({ outcome: 'fault', cause: 'crash', message: `the agent was replaced: ${message} to another question` });
  }

  #discard(): void {
    const child = this.#child;
    this.#child = undefined;
    this.#stray = undefined;
    void child?.started.then((one) => one.discard(), () => undefined);
  }

  #fellAll(fallen: Answered): void {
    for (const { settle } of this.#waiting.splice(0)) settle({ fallen });
  }

  #settle(id: string, outcome: Outcome): boolean {
    const waiting = this.#take(id);
    waiting?.settle(outcome);
    return waiting !== undefined;
  }

  #isWaiting(id: string): boolean {
    return this.#waiting.some((one) => one.id === id);
  }

  #take(id: string): Waiting | undefined {
    const at = this.#waiting.findIndex((one) => one.id === id);
    return at <= 0 ? (at === 0 ? this.#waiting.shift() : undefined) : this.#waiting.splice(at, 1)[0];
  }
}
