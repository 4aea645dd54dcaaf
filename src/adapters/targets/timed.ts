/** Gives every question of a service a limit, and every answer its time. */
import { Fault } from '../../domain/fault.js';
import type { RunningTarget, TargetRequest } from '../../domain/ports.js';
import { fault, type Answered } from './answer.js';
import { elapsed, timeoutOf, type Attempt, type Setup } from './setup.js';

/** A service that is asked over a connection; `signal` ends a question whose time is up. */
export interface Service {
  ask(request: TargetRequest, signal: AbortSignal): Promise<Answered & { readonly retryAfter?: number }>;
  describe: RunningTarget['describe'];
  close: RunningTarget['close'];
}

export interface Attempting extends RunningTarget {
  ask(request: TargetRequest): Promise<Attempt>;
}

export function timed(service: Service, { target, clock }: Pick<Setup, 'target' | 'clock'>): Attempting {
  const timeout = timeoutOf(target);
  return {
    async ask(request) {
      const started = clock.monotonic();
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), timeout);
      try {
        const answered = await service.ask(request, limit.signal).catch((cause: unknown) => {
          // What ended a question of ours in the middle is the limit, whatever it was busy with.
          if (limit.signal.aborted && !(cause instanceof Fault)) return undefined;
          throw cause;
        });
        const late = answered === undefined || (limit.signal.aborted && answered.outcome === 'fault');
        const conversed = answered?.askedBack === undefined ? {} : { askedBack: answered.askedBack };
        return { ...(late ? { ...fault('timeout', `no answer within ${timeout} ms`), ...conversed } : answered), milliseconds: elapsed(clock, started) };
      } finally {
        clearTimeout(timer);
      }
    },
    describe: () => service.describe(),
    close: () => service.close(),
  };
}
