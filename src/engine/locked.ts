/** Work that no `apply` and no other such command of the same store may cross. */
import type { Session } from './session.js';

/** @param purpose told to whoever is turned away @throws {Fault} STORE_LOCKED naming the holder, and what the work throws */
export async function underLock<T>({ world, storeFolder }: Pick<Session, 'world' | 'storeFolder'>, purpose: string, work: () => Promise<T>): Promise<T> {
  const unlock = await world.stores.lock(storeFolder, purpose);
  try {
    return await work();
  } finally {
    await unlock();
  }
}
