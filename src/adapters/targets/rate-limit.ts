/** Spaces questions evenly, so that neither the limit a second nor the one a minute is ever passed. */
import type { Target } from '../../domain/manifest.js';
import type { Clock } from '../../domain/ports.js';
import { pause } from './pause.js';
import type { Attempting } from './timed.js';

export function rateLimited(running: Attempting, { perSecond, perMinute }: NonNullable<Target['rate']>, clock: Clock): Attempting {
  const spacing = Math.max(perSecond === undefined ? 0 : 1000 / perSecond, perMinute === undefined ? 0 : 60_000 / perMinute);
  let free = -Infinity;
  let closed = false;
  const turn = async () => {
    const now = clock.monotonic();
    const mine = Math.max(now, free);
    free = mine + spacing;
    await pause(mine - now, clock, () => closed);
  };
  return {
    async ask(request) {
      await turn();
      return running.ask(request);
    },
    describe: () => running.describe(),
    close() {
      closed = true;
      return running.close();
    },
  };
}
