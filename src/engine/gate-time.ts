/** The time that counts for one agent: no clock that is turned back revives anything. */
import type { Store, World } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';

/** The later of the wall clock and the newest entry. */
export async function gateTime({ world, store, chain }: { readonly world: Pick<World, 'clock'>; readonly store: Pick<Store, 'head' | 'read'>; readonly chain: string }): Promise<Instant> {
  const head = await store.head(chain);
  const newest = head && head.size > 0 ? await store.read(chain, head.size - 1) : undefined;
  const now = world.clock.now();
  return newest && newest.entry.ts > now ? newest.entry.ts : now;
}
