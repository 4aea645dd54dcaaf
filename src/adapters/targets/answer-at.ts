/** An answer inside whatever document a program or service gives back, found by the pointers of `target.answer`. */
import { parseJson, type Json, type JsonObject } from '../../domain/json.js';
import { atPointer } from '../../domain/pointer.js';
import { ANSWER_MEMBERS, type AnswerMember } from '../../domain/target-protocol.js';
import type { Target } from '../../domain/target.js';
import { garbage, quote, readAnswer, type Answered } from './answer.js';

type At = NonNullable<Target['answer']>;
const PARTS = Object.keys(ANSWER_MEMBERS) as readonly AnswerMember[];

/** Unless told otherwise, a document looks like the reply of an agent that speaks JSON Lines. */
const ALIKE: At = { output: '/output', confidence: '/confidence', doubt: '/doubt', reason: '/reason', toolCalls: '/toolCalls', usage: '/usage', model: '/model', error: '/error' };

/**
 * Reads a whole text as the answer. Where no pointer leads to tool calls, their absence proves nothing.
 * @param who what printed or sent it, for messages
 */
export function answerIn(text: string, answer: Target['answer'], who: string): Answered {
  if (answer?.format === 'text') return untraced(readAnswer({ output: text.replace(/\r?\n$/, '') }));
  let document: Json;
  try {
    document = parseJson(text, who, 'as text');
  } catch {
    // Whatever the reader disliked, it is no answer; its beginning is quoted, since it usually says what went wrong.
    return garbage(`${who} gave no JSON: ${quote(text)}`);
  }
  const pointers = saysWhere(answer) ? { output: '/output', ...answer } : ALIKE;
  const parts = partsOf(document, pointers);
  if (parts['output'] === undefined && typeof parts['error'] !== 'string') return garbage(`${who} gave nothing at ${JSON.stringify(pointers.output)}`);
  return pointers.toolCalls === undefined ? untraced(readAnswer(parts)) : readAnswer(parts);
}

/**
 * An answer that came as content of a message: its text, or, with format json, the value that the text spells. A text that
 * spells none stays what it is: the agent was free to write it.
 */
export function answerOf(content: Json, answer: Target['answer'], more: JsonObject = {}): Answered {
  const value = answer?.format === 'json' && typeof content === 'string' ? (parsed(content) ?? content) : content;
  const parts = partsOf(value, { ...answer, output: answer?.output ?? '' });
  return readAnswer({ ...parts, output: parts['output'] ?? value, ...more });
}

export function untraced(answered: Answered): Answered {
  return answered.outcome === 'answer' ? { ...answered, traced: false } : answered;
}

function partsOf(document: Json, pointers: At): JsonObject {
  const found = PARTS.flatMap((part) => {
    const pointer = pointers[part];
    const value = pointer === undefined ? undefined : atPointer(document, pointer);
    return value === undefined ? [] : [[part, value] as const];
  });
  return Object.fromEntries(found);
}

function saysWhere(answer: Target['answer']): answer is At {
  return answer !== undefined && PARTS.some((part) => answer[part] !== undefined);
}

function parsed(text: string): Json | undefined {
  try {
    return parseJson(text, 'content', 'as text');
  } catch {
    return undefined;
  }
}
