/** A model behind a chat completions endpoint, as OpenAI and many others serve it, asked as if it were the agent. */
import { readFile } from 'node:fs/promises';
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../../domain/json.js';
import type { Tool } from '../../domain/manifest.js';
import type { TargetRequest } from '../../domain/ports.js';
import { failure, fault, garbage, quote, type Answered } from './answer.js';
import { answerOf } from './answer-at.js';
import { hosted } from './http.js';
import { heardWell } from './http-outcome.js';
import { memberOf, type Setup } from './setup.js';
import { fillText, textOf } from './template.js';
import type { Service } from './timed.js';
import { Wire, type Exchange } from './wire.js';

/** Refusals of a single case that come as a 400: the agent's own limits, not our mistake. */
const OF_THE_CASE: Readonly<Record<string, string>> = { context_length_exceeded: 'context_window_exceeded', content_filter: 'content_filter', content_policy_violation: 'content_filter' };

/** @throws {Fault} TARGET_FAILED when the system prompt or the key cannot be read */
export async function startOpenAiChat(setup: Setup): Promise<Service> {
  const { target, clock } = setup;
  const base = memberOf(target, 'url');
  const url = `${base.replace(/\/+$/, '')}/chat/completions`;
  const system = await systemPrompt(setup);
  const wire = await Wire.open(setup, base);
  const models = new Set<string>();
  return {
    async ask(request, signal) {
      const body = canonical({ ...settings(setup), messages: messages(target.messages, system, request) });
      const exchange = await wire.send({ method: 'POST', url, headers: { 'content-type': 'application/json', accept: 'application/json' }, body }, { signal });
      const own = ownLimit(exchange);
      if (own !== undefined) return own;
      const outcome = heardWell(exchange, { url, clock, redact: (text) => wire.redact(text) });
      if ('fallen' in outcome) return outcome.fallen;
      const said = objectIn(outcome.heard.text);
      if (said === undefined) return garbage(`the service gave no JSON object: ${quote(wire.redact(outcome.heard.text))}`);
      const answered = completion(said, setup);
      if (answered.outcome === 'answer' && answered.model !== undefined) models.add(answered.model);
      return answered;
    },
    describe: async () => hosted({ model: { declared: memberOf(target, 'model'), returned: [...models].sort() } }),
    close: async () => wire.close(),
  };
}

async function systemPrompt({ target: { system }, folder }: Setup): Promise<string | undefined> {
  if (system === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(`${folder}/${system}`));
  } catch (cause) {
    throw new Fault('TARGET_FAILED', `the system prompt ${system} cannot be read as text`, { at: `${folder}/${system}`, hint: 'see target.system in agent.yaml', cause });
  }
}

function settings({ target, help }: Setup): JsonObject {
  const { temperature, seed, maxTokens } = target;
  const tools = (target.tools ?? []).map((name) => offered(name, help?.tools ?? []));
  return {
    model: memberOf(target, 'model'),
    ...(tools.length === 0 ? {} : { tools }),
    ...(temperature === undefined ? {} : { temperature: Number(temperature) }),
    ...(seed === undefined ? {} : { seed }),
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
  };
}

function offered(name: string, tools: readonly Tool[]): JsonObject {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) throw new Fault('TARGET_FAILED', `the target offers the undeclared tool "${name}"`, { at: 'agent.yaml: target.tools', hint: 'declare it under build.tools' });
  return { type: 'function', function: { name, description: tool.description, parameters: tool.input } };
}

type Messages = NonNullable<Setup['target']['messages']>;

function messages(template: Messages | undefined, system: string | undefined, request: TargetRequest): readonly JsonObject[] {
  const filled = template?.map(({ role, content }) => ({ role, content: fillText(content, request) })) ?? [{ role: 'user', content: textOf(request.input) }];
  return [...(system === undefined ? [] : [{ role: 'system', content: system }]), ...filled];
}

function ownLimit(exchange: Exchange): Answered | undefined {
  if ('fallen' in exchange || exchange.status !== 400) return undefined;
  const error = objectIn(exchange.text)?.['error'];
  const code = isObject(error) && typeof error['code'] === 'string' ? error['code'] : '';
  const cause = Object.hasOwn(OF_THE_CASE, code) ? OF_THE_CASE[code] : undefined;
  return cause === undefined ? undefined : failure(cause, `the service refuses the case: ${code}`);
}

/** @param said body of a 200, as `{ choices: [{ message, finish_reason }], usage }` */
function completion(said: JsonObject, { target }: Setup): Answered {
  if (isObject(said['error'])) return fault('agent-error', `the service reports: ${quote(String(said['error']['message'] ?? 'an error'))}`);
  const choice = Array.isArray(said['choices']) ? (said['choices'] as readonly Json[])[0] : undefined;
  const message = isObject(choice) ? choice['message'] : undefined;
  if (!isObject(choice) || !isObject(message)) return garbage('the answer has no choices[0].message');
  if (choice['finish_reason'] === 'content_filter') return failure('content_filter', 'the service withheld the answer');
  const content = contentOf(message['content']);
  if (content === undefined) return garbage('choices[0].message.content is no text');
  const refusal = typeof message['refusal'] === 'string' && message['refusal'] !== '' ? message['refusal'] : undefined;
  const more = { toolCalls: message['tool_calls'] ?? [], usage: said['usage'] ?? null, model: typeof said['model'] === 'string' ? said['model'] : null };
  if (refusal !== undefined) return answerOf(refusal, { format: 'text' }, { ...more, doubt: true, reason: refusal });
  return answerOf(content, target.answer, more);
}

/** A text, null where only tools are called, or a list of parts whose texts count. */
function contentOf(content: Json | undefined): Json | undefined {
  if (content === undefined || content === null) return null;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  return (content as readonly Json[]).map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}

function objectIn(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text, 'answer', 'as text');
    return isObject(value) ? value : undefined;
  } catch {
    // Whatever the reader disliked, it is no answer of this protocol.
    return undefined;
  }
}
