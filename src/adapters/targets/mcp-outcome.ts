/** What the result of an MCP tool comes to: an answer, a failure, a question back, or a wish to be asked again later. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { Target } from '../../domain/target.js';
import { failure, garbage, quote, type Answered } from './answer.js';
import { answerOf, untraced } from './answer-at.js';
import { textOf } from './template.js';

/** The one thing that a server may want of its client which an agent would ask a person. */
const ASKS_A_PERSON = 'elicitation';

/** @returns `again`: what goes with the same question the next time @throws {Fault} TARGET_FAILED when the tool needs a client that does more than ask */
export function toolOutcome(result: Json, answer: Target['answer']): Answered | { readonly again: string } {
  if (!isObject(result)) return garbage('the result of the tool is no object');
  // Only results of the newer era have a type, and without one they are complete.
  const { resultType = 'complete' } = result;
  if (resultType === 'input_required') return unfinished(result);
  if (resultType !== 'complete') return garbage(`the result of the tool has the unknown type ${quote(textOf(resultType))}`);
  const content = contentOf(result);
  if (result['isError'] === true) return failure('tool-error', `the tool failed${content === undefined ? '' : `: ${quote(textOf(content))}`}`);
  return content === undefined ? garbage('the tool gave neither text nor structured content') : untraced(answerOf(content, answer));
}

/** The tool wants what we have not said we could. @param error of JSON-RPC, with the capabilities in its data @throws {Fault} TARGET_FAILED */
export function capabilityLacking({ message, data }: JsonObject): Answered {
  const wanted = isObject(data) && isObject(data['requiredCapabilities']) ? Object.keys(data['requiredCapabilities']) : [];
  return asksBack(wanted, typeof message === 'string' ? message : '');
}

function unfinished({ inputRequests, requestState }: JsonObject): Answered | { readonly again: string } {
  const requests = isObject(inputRequests) ? Object.values(inputRequests).filter(isObject) : [];
  if (requests.length === 0) return typeof requestState === 'string' ? { again: requestState } : garbage('the tool is not done and says not why');
  const words = requests.map(({ params }) => (isObject(params) && typeof params['message'] === 'string' ? params['message'] : '')).find((one) => one !== '');
  return asksBack(requests.map(({ method }) => String(method ?? '').split('/')[0] ?? ''), words ?? '');
}

/** A question for a person is the agent's own, and nobody is there to answer it; anything else would be missing in every case. */
function asksBack(wanted: readonly string[], words: string): Answered {
  const other = wanted.find((one) => one !== ASKS_A_PERSON);
  if (other === undefined && wanted.length > 0) return failure('input-required', `the agent asks back instead of answering${words === '' ? '' : `: ${quote(words)}`}`);
  throw new Fault('TARGET_FAILED', `the tool needs ${other === undefined ? 'more' : quote(other)} of its client, which an evaluation does not offer`, { at: 'agent.yaml: target.tool', hint: 'name a tool that answers by itself' });
}

/** Structured content, else all texts together. */
function contentOf({ structuredContent, content }: JsonObject): Json | undefined {
  if (structuredContent !== undefined && structuredContent !== null) return structuredContent;
  const blocks = Array.isArray(content) ? (content as readonly Json[]) : [];
  const texts = blocks.flatMap((block) => (isObject(block) && block['type'] === 'text' && typeof block['text'] === 'string' ? [block['text']] : []));
  return texts.length === 0 ? undefined : texts.join('\n');
}
