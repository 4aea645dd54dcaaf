/** A pause that ends early when the target is closed, so that an interrupted run does not wait for it. */
import type { Clock } from '../../domain/ports.js';

const SLICE = 250;

/** @param milliseconds none or less is no pause */
export async function pause(milliseconds: number, clock: Pick<Clock, 'sleep'>, ended: () => boolean): Promise<void> {
  for (let left = milliseconds; left > 0 && !ended(); left -= SLICE) await clock.sleep(Math.min(SLICE, left));
}
