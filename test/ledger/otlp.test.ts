/** OTLP/JSON spans: what is read from them, what is refused, and what of a GenAI span goes where. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { conforms } from '../../src/domain/conforms.js';
import { parseJson, type Json, type JsonObject } from '../../src/domain/json.js';
import type { EntryDraft } from '../../src/domain/entry.js';
import { isGenAi, LARGEST_PAYLOAD, observedDraft } from '../../src/ledger/observed.js';
import { MOST_SPANS, readTraces, type Span } from '../../src/ledger/otlp.js';
import { observedTypes } from '../../src/ledger/types/observed.js';

const FOLDER = new URL('../fixtures/otlp/', import.meta.url).pathname;
const parsed = (text: string) => parseJson(text, 'here', 'as text');
const genai = readTraces(parsed(readFileSync(`${FOLDER}genai.json`, 'utf8')), 'here');
const older = readFileSync(`${FOLDER}older.jsonl`, 'utf8').trimEnd().split('\n').flatMap((line) => readTraces(parsed(line), 'here').spans);
const agent = { id: 'agent', did: 'did:key:a' };

const SPAN: JsonObject = { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174', name: 'chat', startTimeUnixNano: '1795348800000000000', endTimeUnixNano: '1795348801500000000' };
const request = (...spans: readonly JsonObject[]): JsonObject => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const read = (change: JsonObject) => readTraces(request({ ...SPAN, ...change }), 'here');
const text = (key: string, stringValue: string): JsonObject => ({ key, value: { stringValue } });
const chat = (...attributes: readonly JsonObject[]): Span => read({ attributes: [text('gen_ai.operation.name', 'chat'), ...attributes] }).spans[0] as Span;
function drafted(span: Span): EntryDraft & { readonly payload: JsonObject } {
  const draft = observedDraft(span, agent);
  if ('because' in draft || draft.payload === undefined) throw new Error(JSON.stringify(draft));
  expect(conforms(observedTypes['action.observed'], draft.data)).toBeNull();
  expect(JSON.stringify(draft.data)).toMatch(/^[\x20-\x7e]*$/);
  return { ...draft, payload: draft.payload };
}

describe('spans', () => {
  test('ids in lower case, times in milliseconds, attributes plain, resource and scope beside them', () => {
    expect([genai.spans.length, genai.refused]).toEqual([5, []]);
    expect(genai.spans[2]).toMatchObject({
      trace: '4bf92f3577b34da6a3ce929d0e0e4736', id: '00f067aa0ba902b3', parent: '00f067aa0ba902b1', started: 1795348801000, ended: 1795348801040,
      attributes: { 'gen_ai.tool.call.arguments': { note: 'n-7' } }, resource: { 'service.name': 'note-sorter' }, scope: 'opentelemetry.instrumentation.openai_v2 2.1b0', status: { code: 'unset' },
    });
    expect(genai.spans[4]).toMatchObject({ status: { code: 'error', message: 'deadline exceeded' }, events: [{ name: 'exception', attributes: { 'exception.type': 'TimeoutError' } }] });
    expect(read({}).spans[0]).toMatchObject({ trace: '5b8efff798038103d269b633813fc60c', parent: null, events: [], attributes: {} });
  });

  test('numbers as the protocol writes them: 64 bits as digits or as a number, what no reader could bring back as text', () => {
    const [span] = readTraces(parsed(JSON.stringify(request(SPAN)).replace('"1795348800000000000"', '1795348800000000000')), 'here').spans;
    expect(span?.started).toBe(1795348800000);
    const values: readonly (readonly [JsonObject, Json])[] = [
      [{ intValue: '12' }, 12], [{ intValue: 12 }, 12], [{ intValue: '9007199254740993' }, '9007199254740993'], [{ doubleValue: 0.5 }, 0.5], [{ doubleValue: 1e17 }, '100000000000000000'], [{ doubleValue: 'NaN' }, 'NaN'],
      [{ boolValue: false }, false], [{ bytesValue: 'AAE=' }, 'AAE='], [{}, null], [{ arrayValue: {} }, []], [{ arrayValue: { values: [{ stringValue: 'a' }, { kvlistValue: { values: [text('b', 'c')] } }] } }, ['a', { b: 'c' }]],
    ];
    for (const [value, plain] of values) expect(read({ attributes: [{ key: 'k', value }] }).spans[0]?.attributes).toEqual({ k: plain });
  });

  test('members that nobody knows yet are ignored', () => {
    expect(read({ flags: 257, entityRefs: ['x'], kind: 99 })).toMatchObject({ refused: [], spans: [{ name: 'chat' }] });
  });

  test.each<[string, JsonObject, RegExp]>([
    ['no trace id', { traceId: null }, /traceId is not 32 hex digits/],
    ['an id in base64', { traceId: 'W47/95gDgQPSabYzgT/GDA==' }, /traceId/],
    ['an id of zeros', { spanId: '0000000000000000' }, /spanId is not 16/],
    ['a parent that is none', { parentSpanId: 'x' }, /parentSpanId/],
    ['no start', { startTimeUnixNano: null }, /startTimeUnixNano is no time/],
    ['the year 500000', { endTimeUnixNano: '9999999999999999999999' }, /endTimeUnixNano is no time/],
    ['an end before the start', { endTimeUnixNano: '1795348799999999999' }, /ends before it starts/],
    ['a status of words', { status: { code: 'STATUS_CODE_ERROR' } }, /status code/],
    ['an attribute twice', { attributes: [text('a', '1'), text('a', '2')] }, /attribute "a" twice/],
    ['an attribute that would change objects', { attributes: [text('__proto__', 'x')] }, /__proto__/],
    ['attributes as an object', { attributes: { a: 'b' } }, /"attributes" is not a list/],
    ['a value of another kind', { attributes: [{ key: 'a', value: { dateValue: 1 } }] }, /no known kind/],
    ['an integer that is none', { attributes: [{ key: 'a', value: { intValue: '1.5' } }] }, /intValue/],
    ['a name that is a number', { name: 7 }, /name is no text/],
  ])('%s: that span is refused, the others stand', (_what, change, because) => {
    const { spans, refused } = readTraces(request({ ...SPAN, ...change }, SPAN), 'here');
    expect(refused).toEqual([{ span: expect.any(String), because: expect.stringMatching(because) }]);
    expect(spans).toHaveLength(1);
  });

  test.each<[string, Json]>([
    ['a list', []], ['text', 'spans'], ['spans that are no list', { resourceSpans: [{ scopeSpans: [{ spans: {} }] }] }], ['scopes of numbers', { resourceSpans: [{ scopeSpans: [1] }] }],
    ['too many spans', request(...Array.from({ length: MOST_SPANS + 1 }, () => SPAN))],
  ])('%s is no request', (_what, value) => {
    expect(() => readTraces(value, 'here')).toThrow(/here is no OTLP\/JSON trace request/);
  });

  test('an empty request is one', () => {
    expect(readTraces({}, 'here')).toEqual({ spans: [], refused: [] });
    expect(readTraces({ resourceSpans: [{}] }, 'here')).toEqual({ spans: [], refused: [] });
  });
});

describe('what is recorded', () => {
  test('8.1 names and numbers in the entry, everything that was said in the payload; nobody decided', () => {
    const [, asked, tool, , failed] = genai.spans.map((span) => (isGenAi(span) ? drafted(span) : null));
    expect(asked?.data).toEqual({
      trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b2', parent: '00f067aa0ba902b1', operation: 'chat', tool: null, provider: 'openai', requestModel: 'gpt-4o-mini',
      responseModel: 'gpt-4o-mini-2024-07-18', response: 'chatcmpl-9J3uIL', inputTokens: 97, outputTokens: 52, status: 'unset', error: null, service: 'note-sorter', decision: 'none',
      startedAt: '2026-11-22T12:00:00.010Z', endedAt: '2026-11-22T12:00:00.910Z', milliseconds: 900,
    });
    expect(asked?.agent).toEqual({ id: 'agent', did: 'did:key:a', version: '2.3.1', build: null });
    expect(asked?.payload).toMatchObject({ input: expect.stringContaining('Mrs Müller'), output: expect.stringContaining('drop_note') });
    expect(JSON.stringify(asked?.payload['attributes'])).not.toContain('Müller');
    expect(tool).toMatchObject({ data: { operation: 'execute_tool', tool: 'drop_note' }, payload: { input: { note: 'n-7' }, output: '{"moved": "dropped"}' } });
    expect(failed?.data).toMatchObject({ status: 'error', error: 'timeout' });
  });

  test('a span about something else is none', () => {
    expect(genai.spans.map(isGenAi)).toEqual([true, true, true, false, true]);
  });

  test('older emitters: other names, numbered attributes, words in events', () => {
    const [numbered, events] = older.map(drafted);
    expect(numbered).toMatchObject({ data: { operation: 'chat', provider: 'Ollama', requestModel: 'llama3.2', inputTokens: 26, outputTokens: 11 }, agent: { version: null }, payload: { input: { '0.content': 'Is this spam?' }, output: { '0.role': 'assistant' } } });
    expect(JSON.stringify(numbered?.payload['attributes'])).not.toContain('spam');
    expect(events?.payload).toMatchObject({ input: 'Hello', output: 'Hi' });
  });

  test('an operation that nobody named: a tool says it, else it is unknown', () => {
    const of = (...attributes: readonly JsonObject[]) => drafted(read({ attributes: [...attributes] }).spans[0] as Span).data['operation'];
    expect([of(text('gen_ai.tool.name', 'x')), of(text('gen_ai.request.model', 'm')), of(text('gen_ai.system', 's'), text('gen_ai.operation.name', ''))]).toEqual(['execute_tool', 'unknown', 'unknown']);
  });

  test('a name that is not plain is written out, and the payload has it as it was', () => {
    const draft = drafted(chat(text('gen_ai.tool.name', 'tür\u202e\u001b😀')));
    expect(draft.data['tool']).toBe('t\\u{fc}r\\u202e\\x1b\\u{1f600}');
    expect(draft.payload['attributes']).toMatchObject({ 'gen_ai.tool.name': 'tür\u202e\u001b😀' });
  });

  test.each<[string, readonly JsonObject[], RegExp]>([
    ['an endless name', [text('gen_ai.tool.name', 'x'.repeat(201))], /its tool is no text of 1 to 200 characters/],
    ['a name that is a number', [{ key: 'gen_ai.request.model', value: { intValue: '4' } }], /its requestModel is no text/],
    ['too much said', [text('gen_ai.input.messages', 'x'.repeat(LARGEST_PAYLOAD))], /what it says is longer than/],
  ])('%s is refused', (_what, attributes, because) => {
    expect(observedDraft(chat(...attributes), agent)).toEqual({ span: 'eee19b7ec3c1b174', because: expect.stringMatching(because) });
  });

  test('an empty name is none, of the sender too', () => {
    const [span] = readTraces({ resourceSpans: [{ resource: { attributes: [text('service.name', ''), text('service.version', '')] }, scopeSpans: [{ spans: [{ ...SPAN, attributes: [text('gen_ai.operation.name', 'chat'), text('gen_ai.tool.name', '')] }] }] }] }, 'here').spans;
    expect(drafted(span as Span)).toMatchObject({ data: { tool: null, service: null }, agent: { version: null } });
  });

  test('counts that are none are unknown', () => {
    const draft = drafted(chat({ key: 'gen_ai.usage.input_tokens', value: { intValue: '-1' } }, { key: 'gen_ai.usage.output_tokens', value: { doubleValue: 1.5 } }));
    expect(draft.data).toMatchObject({ inputTokens: null, outputTokens: null });
  });
});
