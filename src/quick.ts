/** The quick way in: `agentctl status` out of one small file (dist/quick.cjs), from what the last command that wrote has kept. */
import { reading, type Origin } from './adapters/reading.js';
import { canvas, ignoreClosedPipes, out } from './adapters/streams.js';
import { surroundings } from './adapters/surroundings.js';
import { systemClock, systemRandom } from './adapters/system.js';
import { quickAnswer } from './cli/quick-program.js';

const NEVER = new AbortController().signal;
/** The whole program, whose answers are kept: its bundle names every other file by the digest of its content. */
const PROGRAM = new URL('./main.js', import.meta.url).href;

/** @returns exit status; undefined when the whole program has to answer */
export async function quick(argv: readonly string[], origin: Origin = { clock: systemClock(), random: systemRandom() }, program = PROGRAM): Promise<number | undefined> {
  const answer = await quickAnswer(argv, reading(origin, surroundings(NEVER, program)), ({ color }) => canvas('out', color));
  if (!answer) return undefined;
  ignoreClosedPipes();
  await out(answer.text);
  return answer.exit;
}
