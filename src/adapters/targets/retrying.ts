/** Asks again where the way to the agent failed, never where the agent did: with growing, jittered pauses, or when it says itself. */
import type { Clock, Random, RunningTarget, TargetReply } from '../../domain/ports.js';
import { pause } from './pause.js';
import type { Attempt } from './setup.js';
import type { Attempting } from './timed.js';

export const DEFAULT_RETRIES = 3;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
/** Whoever asks to be left alone for longer gets no further question in this run. */
const PATIENCE = 60_000;

/** @param retries questions beyond the first */
export function retrying(attempting: Attempting, retries: number, { clock, random }: { readonly clock: Clock; readonly random: Random }): RunningTarget {
  let closed = false;
  return {
    async ask(request) {
      for (let attempt = 0; ; attempt += 1) {
        const { retryAfter, ...reply } = await attempting.ask(request);
        const wait = retryAfter ?? backOff(attempt, random);
        if (attempt >= retries || closed || !isOfTheWay(reply as Attempt) || wait > PATIENCE) return reply as TargetReply;
        await pause(wait, clock, () => closed);
      }
    },
    describe: () => attempting.describe(),
    close() {
      closed = true;
      return attempting.close();
    },
  };
}

/** A time-out may cost its length again and a crash has its second chance alone, from the runner; neither is asked again here. */
function isOfTheWay(reply: Attempt): boolean {
  return reply.outcome === 'fault' && (reply.cause === 'unreachable' || reply.cause === 'overloaded');
}

/** Doubles each time; the random half keeps clients that failed together from coming back together. */
function backOff(attempt: number, random: Random): number {
  const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
  const [high = 0, low = 0] = random.bytes(2);
  return most / 2 + (most / 2) * ((high * 256 + low) / 65_536);
}
