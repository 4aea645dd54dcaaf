/** Ctrl-C in the middle of work that is told to stop at a clean place. */
import { Fault } from '../domain/fault.js';
import type { World } from '../domain/ports.js';

/** At a place where nothing is half done. @throws {Fault} INTERRUPTED */
export function stopIfInterrupted({ surroundings }: Pick<World, 'surroundings'>, hint: string): void {
  if (surroundings.interrupted.aborted) throw new Fault('INTERRUPTED', 'interrupted', { hint });
}

/** Work whose tools and prompts hear the same Ctrl-C: what they end in then is an interruption, not a failure of theirs. */
export async function orInterrupted<T>(world: Pick<World, 'surroundings'>, hint: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.code === 'INTERNAL' || !world.surroundings.interrupted.aborted) throw cause;
    throw new Fault('INTERRUPTED', 'interrupted', { hint, cause });
  }
}
