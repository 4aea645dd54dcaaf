/** One line from an agent that speaks JSON Lines: a reply with its id, or nobody's. */
import { isObject, parseJson, type JsonObject } from '../../domain/json.js';
import { quote } from './answer.js';
import { MAX_LINE, type Line } from './line-child.js';

/** `stray`: nobody can tell whose answer the line was. */
export type ReadLine = { readonly kind: 'reply'; readonly id: string; readonly body: JsonObject } | { readonly kind: 'stray'; readonly problem: string };

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function readLine(line: Line): ReadLine {
  if (line === null) return { kind: 'stray', problem: `the agent printed a line of more than ${MAX_LINE} bytes` };
  try {
    const value = parseJson(typeof line === 'string' ? line : UTF8.decode(line), 'reply');
    if (isObject(value) && typeof value['id'] === 'string') return { kind: 'reply', id: value['id'], body: value };
    return { kind: 'stray', problem: 'the agent printed a line without an id' };
  } catch {
    // Whatever the reader disliked, the line is no protocol line; its text is quoted, since a stray print is the usual cause.
    return { kind: 'stray', problem: `the agent printed a line that is not JSON: ${quote(typeof line === 'string' ? line : Buffer.from(line.subarray(0, 500)).toString('utf8'))}` };
  }
}
