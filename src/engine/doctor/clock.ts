/** Doctor's look at the clock: an entry from the future says that one of two clocks is wrong. */
import { Fault } from '../../domain/fault.js';
import { millisecondsOf, readable, type Instant } from '../../domain/time.js';
import type { World } from '../../domain/ports.js';
import { fail, ok, type Finding } from './machine.js';

/** As far as the ledger tolerates before it records a jump. */
const TOLERANCE = 5 * 60_000;

export async function checkClock({ stores, clock }: Pick<World, 'stores' | 'clock'>, folder: string): Promise<Finding> {
  try {
    const newest = await newestEntry(stores, folder);
    const now = clock.now();
    if (newest === undefined) return ok('clock', readable(now));
    const ahead = millisecondsOf(newest) - millisecondsOf(now);
    if (ahead <= TOLERANCE) return ok('clock', `${readable(now)}, after the newest entry`);
    return fail('clock', `it is ${readable(now)}, but the newest entry is from ${readable(newest)}`, 'set the clock of this machine, for example: timedatectl set-ntp true');
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return fail('store', cause.message, cause.hint ?? 'agentctl audit verify');
  }
}

async function newestEntry(stores: World['stores'], folder: string): Promise<Instant | undefined> {
  const store = await stores.open(folder, { readonly: true });
  try {
    let newest: Instant | undefined;
    for (const chain of await store.chains()) {
      const head = await store.head(chain);
      const entry = head && head.size > 0 ? (await store.read(chain, head.size - 1))?.entry : undefined;
      if (entry && (newest === undefined || entry.ts > newest)) newest = entry.ts;
    }
    return newest;
  } finally {
    await store.close();
  }
}
