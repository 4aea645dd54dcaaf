/** What a span of the GenAI semantic conventions becomes: names and numbers for the entry, everything that was said for the payload. */
import { canonical } from '../domain/canonical.js';
import type { EntryDraft } from '../domain/entry.js';
import type { Json, JsonObject } from '../domain/json.js';
import { toInstant } from '../domain/time.js';
import { visible } from '../domain/visible.js';
import type { RefusedSpan, Span } from './otlp.js';
import { LONGEST_NAME, LONGEST_STATE } from './types/observed.js';

/** Characters that the payload of one span may have. */
export const LARGEST_PAYLOAD = 1_048_576;

/** Attributes of which one is enough: the second row is what emitters wrote before the conventions had them. */
const SIGNS = ['gen_ai.operation.name', 'gen_ai.tool.name', 'gen_ai.request.model', 'gen_ai.agent.name', 'gen_ai.provider.name',
  'gen_ai.system', 'llm.request.type'] as const;

/** Whether a span tells what an agent or a model did; a request to a database is another matter. */
export function isGenAi({ attributes }: Span): boolean {
  return SIGNS.some((name) => Object.hasOwn(attributes, name));
}

const INPUT = ['gen_ai.tool.call.arguments', 'gen_ai.input.messages', 'gen_ai.prompt'] as const;
const OUTPUT = ['gen_ai.tool.call.result', 'gen_ai.output.messages', 'gen_ai.completion'] as const;

/** @param agent whose ledger it goes into; version as the sender says, build as nobody measured it */
export function observedDraft(span: Span, agent: { readonly id: string; readonly did: string | null }): EntryDraft | RefusedSpan {
  const { attributes, resource, status, started, ended } = span;
  const of = (...names: readonly string[]): Json => firstOf(attributes, names);
  const error = of('error.type');
  const tool = of('gen_ai.tool.name');
  const names = {
    operation: of('gen_ai.operation.name', 'llm.request.type') ?? (tool === null ? 'unknown' : 'execute_tool'), tool, provider: of('gen_ai.provider.name', 'gen_ai.system'),
    requestModel: of('gen_ai.request.model'), responseModel: of('gen_ai.response.model'), response: of('gen_ai.response.id'), error, service: firstOf(resource, ['service.name']),
  };
  const version = of('gen_ai.agent.version') ?? firstOf(resource, ['service.version']);
  const unfit = Object.entries({ ...names, version }).find(([, value]) => value !== null && plain(value) === undefined);
  if (unfit) return { span: span.id, because: `its ${unfit[0]} is no text of 1 to ${LONGEST_NAME} characters` };
  const payload = payloadOf(span);
  const tracestate = stateOf(span);
  if (canonical(payload).length > LARGEST_PAYLOAD) return { span: span.id, because: `what it says is longer than ${LARGEST_PAYLOAD} characters` };
  return {
    type: 'action.observed',
    agent: { id: agent.id, did: agent.did, version: plain(version) ?? null, build: null },
    actor: 'agent',
    data: {
      ...Object.fromEntries(Object.entries(names).map(([name, value]) => [name, plain(value) ?? null])),
      trace: span.trace, span: span.id, parent: span.parent, ...(tracestate !== undefined && { tracestate }), decision: 'none',
      inputTokens: count(of('gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens')), outputTokens: count(of('gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens')),
      status: status.code === 'unset' && error !== null ? 'error' : status.code,
      startedAt: toInstant(started), endedAt: toInstant(ended), milliseconds: ended - started,
    },
    payload,
  };
}

/** As W3C Trace Context wants it: what is ill-formed says nothing; of what is too long the member stays that tells how the span was sampled. */
function stateOf({ state }: Span): string | undefined {
  const text = state.trim();
  const ot = text.split(',').map((member) => member.trim()).find((member) => member.startsWith('ot='));
  return [text, ot].find((one): one is string => one !== undefined && one !== '' && one.length <= LONGEST_STATE && /^[ -~]+$/.test(one));
}

/** An empty text says as little as a missing one. */
function firstOf(attributes: JsonObject, names: readonly string[]): Json {
  return names.map((name) => attributes[name]).find((value) => value !== undefined && value !== '') ?? null;
}

/** What the span says, in its own words. What went in and what came out are told apart, wherever the sender put them. */
function payloadOf({ name, attributes, events, status, resource, scope }: Span): JsonObject {
  const places = [attributes, ...events.map((event) => event.attributes)];
  const [input, output] = [said(places, INPUT), said(places, OUTPUT)];
  const rest = Object.entries(attributes).filter(([key]) => !input.keys.includes(key) && !output.keys.includes(key));
  return { name, input: input.value, output: output.value, attributes: Object.fromEntries(rest), events: events.map((event) => ({ ...event })), message: status.message, resource, scope };
}

/** The first of the names that is found; else the numbered attributes of older emitters, such as `gen_ai.prompt.0.content`. */
function said(places: readonly JsonObject[], names: readonly string[]): { readonly value: Json; readonly keys: readonly string[] } {
  for (const name of names) for (const place of places) if (place[name] !== undefined) return { value: place[name], keys: [name] };
  const start = `${names.at(-1) ?? ''}.`;
  const numbered = places.flatMap((place) => Object.entries(place)).filter(([key]) => key.startsWith(start));
  if (numbered.length === 0) return { value: null, keys: [] };
  return { value: Object.fromEntries(numbered.map(([key, value]) => [key.slice(start.length), value])), keys: numbered.map(([key]) => key) };
}

/** A name as an entry may carry it: one line of ASCII, anything else written out; the payload has it as it was. */
function plain(value: Json): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAME) return undefined;
  const text = visible(value).replace(/[^\u0020-\u007e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
  return text.length > LONGEST_NAME ? undefined : text;
}

function count(value: Json): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
