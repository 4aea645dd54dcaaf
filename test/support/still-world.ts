/** A world that stands still: a clock that is told the time, and chance that follows from a seed. */
import { createHash } from 'node:crypto';
import type { Clock, Random } from '../../src/domain/ports.js';

/** Shows one time; what is measured with it took no time at all, so that recorded durations are the same on every machine. */
export function standingClock(now: string): Clock {
  return {
    now: () => now,
    monotonic: () => 0,
    sleep: (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); }),
  };
}

/** SHA-256 in counter mode over the seed: the same bytes in the same order, every time. */
export function seededRandom(seed: string): Random {
  let drawn = 0;
  return {
    bytes(count) {
      const blocks: Buffer[] = [];
      for (let length = 0; length < count; length += 32) blocks.push(createHash('sha256').update(`${seed}\n${drawn++}`).digest());
      return new Uint8Array(Buffer.concat(blocks).subarray(0, count));
    },
  };
}
