/** The program with another clock and other chance: only this test entry reads STILL_NOW and STILL_SEED, the product has no such switch. */
import { main } from '../../src/main.js';
import { seededRandom, standingClock } from './still-world.js';

const { STILL_NOW, STILL_SEED } = process.env;
if (!STILL_NOW || !STILL_SEED) throw new Error('STILL_NOW and STILL_SEED have to be set');

process.exitCode = await main(process.argv.slice(2), { clock: standingClock(STILL_NOW), random: seededRandom(STILL_SEED) });
