/** The program with another clock and other chance: only this test entry reads STILL_NOW and STILL_SEED, the product has no such switch. */
import { main } from '../../src/main.js';
import { quick } from '../../src/quick.js';
import { seededRandom, standingClock } from './still-world.js';

const { STILL_NOW, STILL_SEED } = process.env;
if (!STILL_NOW || !STILL_SEED) throw new Error('STILL_NOW and STILL_SEED have to be set');

const words = process.argv.slice(2);
const origin = { clock: standingClock(STILL_NOW), random: seededRandom(STILL_SEED) };
process.exitCode = (await quick(words, origin.clock, import.meta.url)) ?? (await main(words, origin));
