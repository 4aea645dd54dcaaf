/** The only home of the clock and of randomness. */
import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../domain/ports.js';

export function systemClock(): Clock {
  return {
    now: () => new Date().toISOString(),
    // Not `performance`, which takes milliseconds to load.
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    sleep: (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); }),
  };
}

export function systemRandom(): Random {
  return { bytes: (count) => randomBytes(count) };
}
