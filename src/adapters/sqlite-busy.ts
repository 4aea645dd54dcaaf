/** Waiting for other writers: short random pauses, because SQLite's own growing ones let the slow starve. */
import { Fault } from '../domain/fault.js';
import type { Clock, Random } from '../domain/ports.js';
import { isBusy, storeFault } from './sqlite-fault.js';

/** Milliseconds after which waiting has no point. */
const PATIENCE = 30_000;
const SHORTEST = 0.2;
const SPREAD = 2;

export interface Waiting {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly random: Random;
}

/** Runs `work` again until it is not busy. @throws {Fault} STORE_LOCKED */
export async function patiently<T>(work: () => T, path: string, { clock, random }: Waiting): Promise<T> {
  let start: number | undefined;
  for (let waited = 0; ; ) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error)) throw storeFault(error, path);
      start ??= clock.monotonic();
      // Pauses count as well as time, so that a clock that stands still ends the wait too.
      if (Math.max(waited, clock.monotonic() - start) > PATIENCE) throw lockedOut(path, error);
    }
    const pause = jitter(random);
    waited += pause;
    await clock.sleep(pause);
  }
}

function jitter(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return SHORTEST + (SPREAD * (high * 256 + low)) / 65_535;
}

function lockedOut(path: string, cause: unknown): Fault {
  return new Fault('STORE_LOCKED', `${path} was busy for ${PATIENCE / 1000} seconds`, { at: path, cause, hint: 'end the process that holds it (fuser shows which), then run the command again' });
}
