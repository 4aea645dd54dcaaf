/** What the agent said to one case, kept beside the row, so that a person can look at what a verdict rests on. */
import type { Json } from '../domain/json.js';
import type { TargetReply, ToolCall } from '../domain/ports.js';
import { turnsOf, type Turn } from './conversation.js';
import type { Trial } from './score.js';

export type Transcript = {
  readonly case: string;
  readonly repeat: number;
  readonly request: string;
  /** Null when there was none; text that ends in … when it was cut. */
  readonly output: Json;
  readonly reason: string | null;
  readonly toolCalls: readonly ToolCall[];
  /** Further turns of a case that has some, also those that the agent never asked for. */
  readonly turns?: readonly Turn[];
  /** What went wrong instead of an answer. */
  readonly message: string | null;
};

/** Characters of one output or reason that are kept: enough to judge, and a run of any size stays small. */
const LONGEST = 4096;
/** Of one turn, since there may be many. */
const LONGEST_TURN = 512;

/** One JSON line. */
export function transcriptLine({ one, repeat, request }: Trial, reply: TargetReply): string {
  const answer = reply.outcome === 'answer' ? reply : undefined;
  const line: Transcript = {
    case: one.id, repeat, request: request.id,
    output: answer?.output ?? null, reason: answer?.reason || null, toolCalls: answer?.toolCalls ?? [], ...(one.turns === undefined ? {} : { turns: turnsOf(one, reply) }),
    message: reply.outcome === 'answer' ? null : reply.message,
  };
  const text = JSON.stringify(line);
  // Where all of it is that short, no part of it is longer.
  return text.length <= LONGEST ? text : JSON.stringify(shortenedLine(line));
}

function shortenedLine({ output, reason, toolCalls, turns, message, ...names }: Transcript): Transcript {
  return {
    ...names, output: shortened(output), reason: reason === null ? null : cut(reason),
    toolCalls: JSON.stringify(toolCalls).length <= LONGEST ? toolCalls : [],
    ...(turns === undefined ? {} : { turns: turns.map(({ said, asked, told }) => ({ said, asked: shortened(asked, LONGEST_TURN), told: shortened(told, LONGEST_TURN) })) }), message: message === null ? null : cut(message),
  };
}

function shortened(output: Json, longest = LONGEST): Json {
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  return text.length <= longest ? output : cut(text, longest);
}

function cut(text: string, longest = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}
