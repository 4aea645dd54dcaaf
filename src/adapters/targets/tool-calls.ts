/** Tool calls as agents report them, in our words and in those of the OpenAI API. */
import { isObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import type { ToolCall } from '../../domain/ports.js';

/** Longest text kept of arguments that are none. */
const LONGEST = 4096;

/**
 * Reads a list of `{ tool, arguments, status? }`, where `name` may stand for `tool` and both may lie under `function`.
 * Arguments may be a JSON text; what is no object then is kept as `malformed`.
 * @returns undefined when it is no such list
 */
export function readToolCalls(value: unknown): readonly ToolCall[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const calls = value.map((call: unknown) => readToolCall(call));
  return calls.every((call) => call !== undefined) ? calls : undefined;
}

function readToolCall(call: unknown): ToolCall | undefined {
  if (!isObject(call)) return undefined;
  const told = isObject(call['function']) ? call['function'] : call;
  const tool = told['tool'] ?? told['name'];
  const given = told['arguments'];
  const { status } = call;
  if (typeof tool !== 'string' || tool === '' || given === undefined) return undefined;
  if (status !== undefined && status !== null && status !== 'ok' && status !== 'error') return undefined;
  const known = status === 'ok' || status === 'error' ? { status } : {};
  return { tool, ...readArguments(given), ...known } as ToolCall;
}

function readArguments(given: Json): Pick<ToolCall, 'arguments' | 'malformed'> {
  if (isObject(given)) return { arguments: given };
  const parsed = typeof given === 'string' ? parsedObject(given) : undefined;
  if (parsed !== undefined) return { arguments: parsed };
  return { arguments: {}, malformed: (typeof given === 'string' ? given : JSON.stringify(given)).slice(0, LONGEST).toWellFormed() };
}

function parsedObject(text: string): JsonObject | undefined {
  // A call without arguments comes as an empty text from many services.
  if (text === '') return {};
  try {
    const value = parseJson(text, 'arguments');
    return isObject(value) ? value : undefined;
  } catch {
    // Whatever the reader disliked, these are no arguments that a tool could be given.
    return undefined;
  }
}
