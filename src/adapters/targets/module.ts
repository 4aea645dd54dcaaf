/** The agent as an ES module in a thread of its own: a question that takes too long ends the thread, not the runner. */
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../domain/fault.js';
import { asObject, isObject, parseJson, type JsonObject } from '../../domain/json.js';
import type { RunningTarget, TargetReply, TargetRequest } from '../../domain/ports.js';
import { fault, garbage, quote, readAnswer, type Answered } from './answer.js';
import type { FromThread, ModuleErrand, ToThread } from './module-thread.js';
import { elapsed, memberOf, STARTING, timeoutOf, type Setup } from './setup.js';

type Question = ToThread extends infer One ? (One extends unknown ? Omit<One, 'number'> : never) : never;
/** The JSON text that came back, or why there is none. */
type Outcome = { readonly text: string } | { readonly fallen: Answered };
/** A longer answer is a runaway. */
const MAX_TEXT = 4 * 1024 * 1024;

/** @throws {Fault} TARGET_FAILED when the module cannot be loaded or answers nothing by its kind */
export async function startModule(setup: Setup): Promise<RunningTarget> {
  const running = new ModuleTarget(setup);
  await running.start();
  return running;
}

class ModuleTarget implements RunningTarget {
  readonly #setup: Setup;
  readonly #timeout: number;
  readonly #module: string;
  readonly #waiting = new Map<number, { readonly settle: (outcome: Outcome) => void; readonly timer: NodeJS.Timeout }>();
  #thread: Promise<Worker> | undefined;
  #asked = 0;
  #closed = false;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#timeout = timeoutOf(setup.target);
    this.#module = pathToFileURL(`${setup.folder}/${memberOf(setup.target, 'file')}`).href;
  }

  async start(): Promise<void> {
    await this.#alive();
  }

  async ask({ id, input, context }: TargetRequest): Promise<TargetReply> {
    const { clock } = this.#setup;
    const started = clock.monotonic();
    const outcome = await this.#exchange({ id, input, context });
    return { ...('text' in outcome ? answerOf(outcome.text) : outcome.fallen), milliseconds: elapsed(clock, started) };
  }

  /** The `build` of what the module's own export `describe` gives. @throws {Fault} TARGET_FAILED when it gives none */
  async describe(): Promise<JsonObject> {
    const outcome = await this.#exchange({ describe: true });
    const said = 'text' in outcome ? readObject(outcome.text) : undefined;
    if (said !== undefined && isObject(said['build'])) return said['build'];
    const why = 'fallen' in outcome && 'message' in outcome.fallen ? outcome.fallen.message : 'the module has no export "describe" that gives a build';
    throw new Fault('TARGET_FAILED', `the agent does not say what it was built from: ${why}`, { hint: 'export function describe() { return { build: { files: {…} } }; }' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fellAll(fault('crash', 'the agent was closed'));
    await this.#discard();
  }

  async #exchange(question: Question): Promise<Outcome> {
    if (this.#closed) return { fallen: fault('crash', 'the agent was closed') };
    this.#asked += 1;
    const number = this.#asked;
    const outcome = new Promise<Outcome>((settle) => {
      this.#waiting.set(number, { settle, timer: setTimeout(() => this.#timedOut(number), this.#timeout) });
    });
    try {
      const thread = await this.#alive();
      // While the thread was starting, the question may have been given up.
      if (this.#waiting.has(number)) thread.postMessage({ ...question, number });
    } catch (error) {
      this.#settle(number, { fallen: fault('crash', 'the agent could not be started') });
      throw error;
    }
    return outcome;
  }

  #alive(): Promise<Worker> {
    if (this.#thread) return this.#thread;
    const life: Promise<Worker> = this.#load(() => this.#thread === life);
    this.#thread = life;
    life.catch(() => {
      if (this.#thread === life) this.#thread = undefined;
    });
    return life;
  }

  #load(current: () => boolean): Promise<Worker> {
    const { thread, folder, path, target } = this.#setup;
    if (thread === undefined) throw new Fault('INTERNAL', 'a target of kind module needs the script of its thread');
    // Its own environment and streams: nothing of ours, and nothing of it on our standard output.
    const worker = new Worker(thread, { workerData: { module: this.#module } satisfies ModuleErrand, env: { PATH: path }, stdout: true, stderr: true });
    worker.stdout.resume();
    worker.stderr.resume();
    return new Promise((resolve, reject) => {
      const refuse = (why: string) => {
        void worker.terminate();
        reject(new Fault('TARGET_FAILED', `cannot load the agent: ${why}`, { at: `${folder}/${String(target.file)}`, hint: 'see target.file in agent.yaml: an ES module with a default export (input, { id, context }) => ({ output })' }));
      };
      const timer = setTimeout(() => refuse(`it did not load within ${STARTING} ms`), STARTING);
      worker.on('message', (message: FromThread) => {
        clearTimeout(timer);
        if ('ready' in message) resolve(worker);
        else if ('unfit' in message) refuse(quote(message.unfit));
        else if (current()) this.#settle(message.number, 'text' in message ? { text: message.text } : { fallen: fault('crash', `the module threw ${quote(message.threw)}`) });
      });
      const ended = (why: string) => {
        clearTimeout(timer);
        refuse(why);
        if (!current()) return;
        this.#thread = undefined;
        this.#fellAll(fault('crash', `the thread of the agent ended: ${why}`));
      };
      worker.on('error', (error: unknown) => ended(quote(error instanceof Error ? error.message : String(error))));
      worker.on('exit', (code) => ended(`exit ${code}`));
    });
  }

  /** Code that does not come back can only be ended with its thread; the other open questions are told so. */
  #timedOut(number: number): void {
    const message = `no answer within ${this.#timeout} ms`;
    this.#settle(number, { fallen: fault('timeout', message) });
    void this.#discard();
    this.#fellAll(fault('crash', `the agent was replaced: ${message} to another question`));
  }

  async #discard(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    // A thread that never started has nothing to end; its starter has been told.
    await thread?.then((one) => one.terminate(), () => undefined);
  }

  #fellAll(fallen: Answered): void {
    for (const number of [...this.#waiting.keys()]) this.#settle(number, { fallen });
  }

  #settle(number: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(number);
    if (!waiting) return;
    this.#waiting.delete(number);
    clearTimeout(waiting.timer);
    waiting.settle(outcome);
  }
}

function answerOf(text: string): Answered {
  if (text.length > MAX_TEXT) return garbage(`the module gave more than ${MAX_TEXT} characters`);
  const said = readObject(text);
  return said === undefined ? garbage(`the module gave no { output }: ${quote(text)}`) : readAnswer(said);
}

function readObject(text: string): JsonObject | undefined {
  try {
    return asObject(parseJson(text, 'module'), 'module');
  } catch {
    // Whatever the reader disliked, it is no answer.
    return undefined;
  }
}
