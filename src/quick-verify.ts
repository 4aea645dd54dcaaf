/** The quick way in: `agentctl verify --certificate` out of one small file (dist/quick-verify.cjs), with nothing loaded that a checkout as it was certified does not need. */
import { filesNow } from './adapters/files-now.js';
import { canvas } from './adapters/streams.js';
import { surroundings } from './adapters/surroundings.js';
import { systemClock } from './adapters/system.js';
import { quickVerify } from './cli/quick-verify.js';
import { give } from './quick-answer.js';

const NEVER = new AbortController().signal;

/** @returns exit status; undefined when the whole program has to answer */
export async function quick(argv: readonly string[], clock = systemClock()): Promise<number | undefined> {
  const world = { clock, files: filesNow(), surroundings: surroundings(NEVER, import.meta.url) };
  return give(await quickVerify(argv, world, ({ color }) => canvas('out', color)));
}
