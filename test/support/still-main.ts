/** The program with another clock and other chance: only this test entry reads STILL_NOW and STILL_SEED, the product has no such switch. Started by `agentctl.cjs`, which still-bundle.ts puts beside it. */
import { main as whole } from '../../src/main.js';
import { quick } from '../../src/quick.js';
import { seededRandom, standingClock } from './still-world.js';

/** @param words arguments after the program's name @param entry what stands for the program. @returns exit status */
export async function main(words: readonly string[], entry = import.meta.url): Promise<number> {
  const { STILL_NOW, STILL_SEED } = process.env;
  if (!STILL_NOW || !STILL_SEED) throw new Error('STILL_NOW and STILL_SEED have to be set');
  const origin = { clock: standingClock(STILL_NOW), random: seededRandom(STILL_SEED) };
  return (await quick(words, origin.clock, entry)) ?? (await whole(words, origin));
}
