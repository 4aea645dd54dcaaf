/** Answers of JSON-RPC 2.0: a result, or an error that is the agent's, its surroundings' or our own. */
import { Fault } from '../../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import { failure, fault, garbage, quote, type Answered } from './answer.js';

/** Errors that say our own question is wrong: another case would fare no better. */
const MISASKED: ReadonlySet<number> = new Set([-32_600, -32_601, -32_602]);
const INTERNAL = -32_603;

export type RpcResult = { readonly result: Json } | { readonly fallen: Answered };

export interface RpcRules {
  /** Who answers, for messages. */
  readonly who: string;
  /** Further codes of the protocol that say the question is wrong. */
  readonly misasked: ReadonlySet<number>;
}

/** @throws {Fault} TARGET_FAILED for an error that says the question is wrong */
export function resultOf(message: JsonObject, { who, misasked }: RpcRules): RpcResult {
  const { error, result } = message;
  if (!isObject(error)) return result === undefined ? { fallen: garbage(`${who} gave neither result nor error`) } : { result };
  const code = typeof error['code'] === 'number' ? error['code'] : 0;
  const told = `${who} reports ${code}: ${quote(String(error['message'] ?? ''))}`;
  if (MISASKED.has(code) || misasked.has(code)) throw new Fault('TARGET_FAILED', told, { at: 'agent.yaml: target', hint: 'see target in agent.yaml: what is sent does not fit the agent' });
  return { fallen: code === INTERNAL ? failure('agent-error', told) : fault('agent-error', told) };
}

/** A JSON object, or undefined. */
export function messageIn(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text, 'answer', 'as text');
    return isObject(value) ? value : undefined;
  } catch {
    // Whatever the reader disliked, it is no message of this protocol.
    return undefined;
  }
}
