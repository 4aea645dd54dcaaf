/** Every kind of target behind one port: each kind knows how it is asked; limits and patience are the same for all. */
import type { Target, TargetKind } from '../../domain/target.js';
import type { Clock, Random, RunningTarget, Targets } from '../../domain/ports.js';
import { startA2a } from './a2a.js';
import { startExec } from './exec.js';
import { startHttp } from './http.js';
import { startJsonl } from './jsonl.js';
import { startMcp } from './mcp.js';
import { startModule } from './module.js';
import { startOpenAiChat } from './openai-chat.js';
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

/** Kinds that run here, and have limits of their own. */
const PROCESSES = { jsonl: startJsonl, exec: startExec, module: startModule } as const;
/** Kinds that are asked over a connection. */
const SERVICES = { http: startHttp, 'openai-chat': startOpenAiChat, a2a: startA2a, mcp: startMcp } as const satisfies Record<Exclude<TargetKind, keyof typeof PROCESSES>, (setup: Setup) => Promise<Service>>;

export function targets({ clock, random, path = process.env['PATH'] ?? '', variable = (name) => process.env[name], thread }: TargetOptions): Targets {
  return {
    // The heap is the whole process's: main.ts, which owns it, sees to that.
    expectMany: async () => undefined,
    start: (target, folder, help) => start({ target, folder, help, clock, random, path, variable, thread }),
  };
}

async function start(setup: Setup): Promise<RunningTarget> {
  const { target, clock } = setup;
  const limited = (running: Attempting) => (target.rate === undefined ? running : rateLimited(running, target.rate, clock));
  if (isProcess(target.kind)) return limited(await PROCESSES[target.kind](setup));
  const service = await SERVICES[target.kind](setup);
  return retrying(limited(timed(service, setup)), target.retries ?? DEFAULT_RETRIES, setup);
}

function isProcess(kind: Target['kind']): kind is keyof typeof PROCESSES {
  return kind in PROCESSES;
}
