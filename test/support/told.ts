/** A standard output for tests: holds what is told line by line. */
import { results } from '../../src/cli/results.js';
import type { Results } from '../../src/domain/ports.js';

/** @param reads called with each text; false once nobody reads any more */
export function toldTo(reads: (text: string) => boolean | void, { format = 'human', files = [], width = 80 }: { format?: string; files?: readonly { format: string; file: string }[]; width?: number } = {}): Results {
  return results({ format, files }, (text) => Promise.resolve(reads(text) !== false), () => ({ width, colour: 0 }));
}
