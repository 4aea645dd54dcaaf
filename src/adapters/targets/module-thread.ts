/** What runs on a thread of module.ts: the agent's own module, asked by message, answering with JSON texts. */
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread is told at its start. */
export interface ModuleErrand {
  /** `file:` URL of the module. */
  readonly module: string;
}
export type ToThread = { readonly number: number; readonly input: unknown; readonly id: string; readonly context: unknown } | { readonly number: number; readonly describe: true };
/** `text`: the JSON of what came back. `threw`: what was thrown instead. `unfit`: why the module cannot be asked at all. */
export type FromThread = { readonly ready: true } | { readonly unfit: string } | { readonly number: number; readonly text: string } | { readonly number: number; readonly threw: string };

type Agent = { readonly default?: unknown; readonly describe?: unknown };

void serve(workerData as ModuleErrand);

async function serve({ module }: ModuleErrand): Promise<void> {
  const say = (message: FromThread) => parentPort?.postMessage(message);
  let agent: Agent;
  try {
    agent = (await import(module)) as Agent;
  } catch (error) {
    return say({ unfit: textOf(error) });
  }
  if (typeof agent.default !== 'function') return say({ unfit: 'it has no default export that is a function' });
  parentPort?.on('message', (message: ToThread) => {
    void answer(agent, message).then(say);
  });
  say({ ready: true });
}

async function answer(agent: Agent, message: ToThread): Promise<FromThread> {
  const { number } = message;
  try {
    const result: unknown = 'describe' in message ? await call(agent.describe) : await call(agent.default, message.input, { id: message.id, context: message.context });
    return { number, text: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { number, threw: textOf(error) };
  }
}

function call(what: unknown, ...words: readonly unknown[]): unknown {
  return typeof what === 'function' ? (what as (...all: readonly unknown[]) => unknown)(...words) : null;
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 2000);
}
