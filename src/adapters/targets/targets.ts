/** Every kind of target behind one port: each kind knows how it is asked; limits and patience are the same for all. */
import { Fault } from '../../domain/fault.js';
import { takesTurns, type Target, type TargetKind } from '../../domain/target.js';
import type { Clock, Random, RunningTarget, Targets } from '../../domain/ports.js';
import { rateLimited } from './rate-limit.js';
import { DEFAULT_RETRIES, retrying } from './retrying.js';
import type { Setup } from './setup.js';
import { timed, type Attempting, type Service } from './timed.js';

export interface TargetOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** PATH of a child: all of its environment. */
  readonly path?: string;
  /** Environment variables that name files of keys. */
  readonly variable?: (name: string) => string | undefined;
  /** Script of module-thread.ts, for kind `module`. */
  readonly thread?: URL;
}

// A run needs one kind, and some take long to load.
/** Kinds that run here, and have limits of their own. */
const PROCESSES = {
  jsonl: async (setup: Setup) => (await import('./jsonl.js')).startJsonl(setup),
  exec: async (setup: Setup) => (await import('./exec.js')).startExec(setup),
  module: async (setup: Setup) => (await import('./module.js')).startModule(setup),
} as const;
/** Kinds that are asked over a connection. */
const SERVICES = {
  http: async (setup: Setup) => (await import('./http.js')).startHttp(setup),
  'openai-chat': async (setup: Setup) => (await import('./openai-chat.js')).startOpenAiChat(setup),
  a2a: async (setup: Setup) => (await import('./a2a.js')).startA2a(setup),
  mcp: async (setup: Setup) => (await import('./mcp.js')).startMcp(setup),
} as const satisfies Record<Exclude<TargetKind, keyof typeof PROCESSES>, (setup: Setup) => Promise<Service>>;

export function targets({ clock, random, path = process.env['PATH'] ?? '', variable = (name) => process.env[name], thread }: TargetOptions): Targets {
  return {
    // The heap is the whole process's: main.ts, which owns it, sees to that.
    expectMany: async () => undefined,
    start: (target, folder, help) => start({ target, folder, help, clock, random, path, variable, thread }),
  };
}

async function start(setup: Setup): Promise<RunningTarget> {
  const { target, clock } = setup;
  const limited = (running: Attempting) => oneTurn(target.kind, target.rate === undefined ? running : rateLimited(running, target.rate, clock));
  if (isProcess(target.kind)) return limited(await PROCESSES[target.kind](setup));
  const service = await SERVICES[target.kind](setup);
  return retrying(limited(timed(service, setup)), target.retries ?? DEFAULT_RETRIES, setup);
}

/** Whoever could say the first turn only would be judged by an answer to half of the case. */
function oneTurn(kind: TargetKind, running: Attempting): Attempting {
  if (takesTurns(kind)) return running;
  return {
    ask: (request) => (request.turns === undefined ? running.ask(request) : Promise.reject(new Fault('TARGET_FAILED', `an agent of kind ${kind} can be given no further turns`, { at: request.id, hint: 'leave out "turns" in the data set, or see which agents can: agentctl explain target' }))),
    describe: () => running.describe(),
    close: () => running.close(),
  };
}

function isProcess(kind: Target['kind']): kind is keyof typeof PROCESSES {
  return kind in PROCESSES;
}
