/** The quick way in: `agentctl status` out of one small file (dist/quick.cjs), from what the last command that wrote has kept. */
import { filesNow } from './adapters/files-now.js';
import { keyPlacement, unwrapping } from './adapters/key-placement.js';
import { storePlaces } from './adapters/sqlite-place.js';
import { canvas } from './adapters/streams.js';
import { surroundings } from './adapters/surroundings.js';
import { systemClock } from './adapters/system.js';
import { quickAnswer } from './cli/quick-program.js';
import { give } from './quick-answer.js';

const NEVER = new AbortController().signal;
/** The whole program, whose answers are kept. */
const PROGRAM = new URL('./main.cjs', import.meta.url).href;

/** @returns exit status; undefined when the whole program has to answer */
export async function quick(argv: readonly string[], clock = systemClock(), program = PROGRAM): Promise<number | undefined> {
  const around = surroundings(NEVER, program);
  const world = { clock, files: filesNow(), stores: storePlaces(), surroundings: around, keys: (storeFolder: string) => ({ placement: async () => keyPlacement(unwrapping(around), storeFolder) }) };
  return give(await quickAnswer(argv, world, ({ color }) => canvas('out', color)));
}
