/** What every kind of target is started with. */
import { Fault } from '../../domain/fault.js';
import type { Target } from '../../domain/manifest.js';
import type { Clock, Random, TargetHelp, TargetReply } from '../../domain/ports.js';
import { parseDuration } from '../../domain/time.js';

const DEFAULT_TIMEOUT = 'PT10S';
/** Milliseconds that an agent may take until it can be asked. */
export const STARTING = 30_000;

export interface Setup {
  readonly target: Target;
  /** Folder of the build. */
  readonly folder: string;
  readonly help: TargetHelp | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** PATH of a child: all of its environment. */
  readonly path: string;
  /** Variables that name files of keys. */
  readonly variable: (name: string) => string | undefined;
  /** Script of module-thread.ts. */
  readonly thread: URL | undefined;
}

/** A reply, and the milliseconds after which its sender wants to be asked again. */
export type Attempt = TargetReply & { readonly retryAfter?: number };

export function timeoutOf({ timeout = DEFAULT_TIMEOUT }: Target): number {
  return parseDuration(timeout);
}

/** A member without which the kind is nothing. @throws {Fault} TARGET_FAILED, though the manifest's own rules have asked for it before */
export function memberOf<M extends keyof Target>(target: Target, member: M): NonNullable<Target[M]> {
  const value = target[member];
  if (value === undefined || value === null) throw new Fault('TARGET_FAILED', `target lacks "${member}", which kind ${target.kind} needs`, { at: 'agent.yaml: target', hint: 'agentctl schema target' });
  return value;
}

export function elapsed(clock: Pick<Clock, 'monotonic'>, started: number): number {
  return Math.max(0, Math.round(clock.monotonic() - started));
}
