/** Keeps the memory of a long run near that of a short one: V8 widens its heap by how long a program runs, not only by what it holds. */
import { setFlagsFromString } from 'node:v8';

/**
 * From here on the space for new objects keeps its size, and the one for old objects is swept when it has grown by a tenth.
 * A run asks hundreds of thousands of questions and holds a few of them at a time: larger spaces would only hold what nobody needs any more.
 */
export function steadyHeap(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=10');
}
