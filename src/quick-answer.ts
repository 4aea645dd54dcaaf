/** What both quick ways in end with: the answer goes out whole, or why it could not is said. */
import { canvas, err, leaveErrorsToWrites, out } from './adapters/streams.js';
import { tellUnwritten } from './cli/unwritten.js';
import type { Exit } from './domain/fault.js';

/** @returns exit status; undefined where there is no answer, and the whole program has to give one */
export async function give(answer: { readonly exit: Exit; readonly text: string } | undefined): Promise<number | undefined> {
  if (!answer) return undefined;
  leaveErrorsToWrites(['stdout']);
  try {
    await out(answer.text);
    return answer.exit;
  } catch (cause) {
    leaveErrorsToWrites(['stderr']);
    return tellUnwritten(cause, err, canvas('err', undefined));
  }
}
