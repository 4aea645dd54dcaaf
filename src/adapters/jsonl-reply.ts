/** One line from an agent child, believed in nothing until checked. */
import type { JsonObject } from '../domain/json.js';
import { isObject, parseJson } from '../domain/json.js';
import type { TargetReply, ToolCall } from '../domain/ports.js';
import { visible } from '../domain/visible.js';
import { confidenceText } from '../evaluation/decimal.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'milliseconds'> : never;

/** A reply before its time is known. */
export type Answered = WithoutTime<TargetReply>;

/** `stray`: nobody can tell whose answer the line was. */
export type ReadLine = { readonly kind: 'reply'; readonly id: string; readonly body: JsonObject } | { readonly kind: 'stray'; readonly problem: string };

/** Longest quote of an agent's own words in a message. */
const QUOTE = 120;

export function readLine(bytes: Uint8Array): ReadLine {
  try {
    const value = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes), 'reply');
    if (isObject(value) && typeof value['id'] === 'string') return { kind: 'reply', id: value['id'], body: value };
    return { kind: 'stray', problem: 'the agent printed a line without an id' };
  } catch {
    // Whatever the reader disliked, the line is no protocol line; its text is quoted, since a stray print is the usual cause.
    return { kind: 'stray', problem: `the agent printed a line that is not JSON: ${quote(Buffer.from(bytes.subarray(0, QUOTE)).toString('utf8'))}` };
  }
}

/** The answer of a case, or why it is none. */
export function readAnswer(body: JsonObject): Answered {
  const { error, output, confidence, doubt, reason, toolCalls } = body;
  if (typeof error === 'string') return { outcome: 'fault', cause: 'agent-error', message: `the agent reports: ${quote(error)}` };
  if (error !== undefined && error !== null) return garbage('"error" is no text');
  if (output === undefined) return garbage('the reply has neither output nor error');
  const stated = confidence === undefined || confidence === null ? null : confidenceText(confidence);
  if (stated === undefined) return garbage('the confidence is not a number in 0..1');
  if (doubt !== undefined && typeof doubt !== 'boolean') return garbage('"doubt" is neither true nor false');
  if (reason !== undefined && reason !== null && typeof reason !== 'string') return garbage('"reason" is no text');
  const calls = toolCallsOf(toolCalls);
  if (calls === undefined) return garbage('"toolCalls" is no list of { tool, arguments }');
  return { outcome: 'answer', output, confidence: stated, doubt: doubt ?? false, reason: reason ?? null, toolCalls: calls };
}

export function garbage(message: string): Answered {
  return { outcome: 'fault', cause: 'garbage', message };
}

function toolCallsOf(value: unknown): readonly ToolCall[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const calls = value.map((call: unknown) => (isObject(call) && typeof call['tool'] === 'string' && isObject(call['arguments']) ? { tool: call['tool'], arguments: call['arguments'] } : undefined));
  return calls.every((call) => call !== undefined) ? calls : undefined;
}

/** An agent's words, cut and made safe to look at: they end in messages that people read on a terminal. */
export function quote(text: string): string {
  return `"${visible(text.slice(0, QUOTE))}"`;
}
