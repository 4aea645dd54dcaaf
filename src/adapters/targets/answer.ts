/** What an agent answered, believed in nothing until checked: output, confidence, tool calls, usage. */
import type { JsonObject } from '../../domain/json.js';
import { isObject } from '../../domain/json.js';
import type { TargetReply, Usage } from '../../domain/ports.js';
import { visible } from '../../domain/visible.js';
import { confidenceText } from '../../evaluation/decimal.js';
import { readToolCalls } from './tool-calls.js';

type WithoutTime<T> = T extends unknown ? Omit<T, 'milliseconds'> : never;

/** A reply before its time is known. */
export type Answered = WithoutTime<TargetReply>;
export type FaultCause = Extract<TargetReply, { readonly outcome: 'fault' }>['cause'];

/** Longest quote of an agent's own words in a message. */
const QUOTE = 120;
/** The name of a model is kept on record with each answer. */
const LONGEST_NAME = 200;
/** Beyond this a count of tokens is a mistake, and no exact number. */
const MOST_TOKENS = 1e12;

/** The answer of a case, or why it is none. @param body what {@link ANSWER_MEMBERS} tells */
export function readAnswer(body: JsonObject): Answered {
  const { error, output, confidence, doubt, reason, toolCalls, usage, model } = body;
  if (typeof error === 'string') return fault('agent-error', `the agent reports: ${quote(error)}`);
  if (error !== undefined && error !== null) return garbage('"error" is no text');
  if (output === undefined) return garbage('the reply has neither output nor error');
  const stated = confidence === undefined || confidence === null ? null : confidenceText(confidence);
  if (stated === undefined) return garbage('the confidence is not a number in 0..1');
  if (doubt !== undefined && doubt !== null && typeof doubt !== 'boolean') return garbage('"doubt" is neither true nor false');
  if (reason !== undefined && reason !== null && typeof reason !== 'string') return garbage('"reason" is no text');
  const calls = readToolCalls(toolCalls);
  if (calls === undefined) return garbage('"toolCalls" is no list of { tool, arguments, status? }');
  const used = readUsage(usage);
  if (used === undefined) return garbage('"usage" is no { inputTokens?, outputTokens?, cost? }');
  if (model !== undefined && model !== null && typeof model !== 'string') return garbage('"model" is no text');
  const answer = { outcome: 'answer', output, confidence: stated, doubt: doubt ?? false, reason: reason ?? null, toolCalls: calls } as const;
  if (used === null && typeof model !== 'string') return answer;
  return { ...answer, ...(used === null ? {} : { usage: used }), ...(typeof model === 'string' ? { model: model.slice(0, LONGEST_NAME).toWellFormed() } : {}) };
}

/** Writes into what it is given: V8 puts a copy by spread among the objects that live long, and a long run would fill that space with replies of a moment. */
export function withTime(answered: Answered, milliseconds: number): TargetReply {
  return Object.assign(answered, { milliseconds });
}

/** Names under which services tell how many tokens they took and gave. */
const INPUT_NAMES = ['inputTokens', 'input_tokens', 'prompt_tokens'] as const;
const OUTPUT_NAMES = ['outputTokens', 'output_tokens', 'completion_tokens'] as const;

/** null when nothing is told, undefined when it cannot be read. */
export function readUsage(value: unknown): Usage | null | undefined {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) return undefined;
  const told = (names: readonly string[]) => names.map((name) => value[name]).find((one) => one !== undefined && one !== null);
  const [inputTokens, outputTokens, cost] = [tokens(told(INPUT_NAMES)), tokens(told(OUTPUT_NAMES)), costText(told(['cost']))];
  if (inputTokens === undefined || outputTokens === undefined || cost === undefined) return undefined;
  const usage = { ...(inputTokens === null ? {} : { inputTokens }), ...(outputTokens === null ? {} : { outputTokens }), ...(cost === null ? {} : { cost }) };
  return Object.keys(usage).length === 0 ? null : usage;
}

function tokens(value: unknown): number | null | undefined {
  if (value === undefined) return null;
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_TOKENS ? value : undefined;
}

/** A number or decimal text as decimal text: nine places, no trailing zeros. */
function costText(value: unknown): string | null | undefined {
  if (value === undefined) return null;
  if (typeof value === 'string') return /^\d{1,12}(\.\d{1,12})?$/.test(value) ? value : undefined;
  return typeof value === 'number' && value >= 0 && value < 1e12 ? value.toFixed(9).replace(/\.?0+$/, '') : undefined;
}

export function fault(cause: FaultCause, message: string): Answered {
  return { outcome: 'fault', cause, message };
}

export function garbage(message: string): Answered {
  return fault('garbage', message);
}

export function failure(cause: string, message: string): Answered {
  return { outcome: 'failure', cause, message };
}

/** An agent's words, cut and made safe to look at: they end in messages that people read on a terminal. */
export function quote(text: string): string {
  return `"${visible(text.slice(0, QUOTE))}"`;
}
