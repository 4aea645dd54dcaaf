/** Every port that reading needs, real. */
import type { Random, Clock, Keys, Surroundings, World } from '../domain/ports.js';
import { files } from './files.js';
import { keyPlacement, unwrapping } from './key-placement.js';
import { projections } from './projections.js';
import { sqliteStores } from './sqlite-store.js';

/** Where time and chance come from. */
export interface Origin {
  readonly clock: Clock;
  readonly random: Random;
}

export type RealReading = Origin & Pick<World, 'files' | 'stores' | 'surroundings'> & { keys(storeFolder: string): Pick<Keys, 'placement'> };

export function reading({ clock, random }: Origin, surroundings: Surroundings): RealReading {
  return {
    clock, random, surroundings,
    files: files(),
    stores: sqliteStores({ clock, random, projections, thread: new URL('./verify-thread.cjs', import.meta.url) }),
    keys: (storeFolder) => ({ placement: async () => keyPlacement(unwrapping(surroundings), storeFolder) }),
  };
}
