/** OpenTelemetry traces as OTLP/JSON has them (ExportTraceServiceRequest): spans with plain attributes, or why one is refused. */
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';

export interface SpanEvent {
  readonly name: string;
  /** Nanoseconds since 1970, as digits. */
  readonly at: string;
  readonly attributes: JsonObject;
}

export interface Span {
  /** In lower-case hex digits. */
  readonly trace: string;
  readonly id: string;
  readonly parent: string | null;
  /** W3C tracestate as it came; empty where there is none. */
  readonly state: string;
  readonly name: string;
  /** Milliseconds since 1970, rounded down. */
  readonly started: number;
  readonly ended: number;
  readonly attributes: JsonObject;
  readonly events: readonly SpanEvent[];
  readonly status: { readonly code: 'unset' | 'ok' | 'error'; readonly message: string };
  readonly resource: JsonObject;
  readonly scope: string;
}

/** A span that is not one. `name` is for people to find it by, as far as it has one. */
export interface RefusedSpan {
  readonly span: string;
  readonly because: string;
}

/** Most spans of one request. */
export const MOST_SPANS = 10_000;

/**
 * Members that are not known are ignored, as the protocol wants it; what is known has to be what it says.
 * @param place what to call the request in a fault
 * @throws {Fault} INPUT_INVALID when it is no request, or too large a one
 */
export function readTraces(request: Json, place: string): { readonly spans: readonly Span[]; readonly refused: readonly RefusedSpan[] } {
  const [spans, refused]: [Span[], RefusedSpan[]] = [[], []];
  const invalid = (what: string) => new Fault('INPUT_INVALID', `${place} is no OTLP/JSON trace request: ${what}`, { at: place });
  if (!isObject(request)) throw invalid('not an object');
  // One file may take all that a collector exports, but other JSON must not pass for silence.
  if (Object.keys(request).length > 0 && !SIGNALS.some((name) => Object.hasOwn(request, name))) throw invalid('it has no "resourceSpans"');
  const listIn = (value: JsonObject, name: string): readonly JsonObject[] => {
    const items = value[name] ?? [];
    if (!Array.isArray(items) || !items.every(isObject)) throw invalid(`"${name}" is not a list of objects`);
    return items;
  };
  for (const resourceSpans of listIn(request, 'resourceSpans')) {
    for (const scopeSpans of listIn(resourceSpans, 'scopeSpans')) {
      for (const span of listIn(scopeSpans, 'spans')) {
        if (spans.length + refused.length >= MOST_SPANS) throw invalid(`more than ${MOST_SPANS} spans`);
        const read = spanOf(span, resourceSpans['resource'], scopeSpans['scope']);
        if ('because' in read) refused.push(read);
        else spans.push(read);
      }
    }
  }
  return { spans, refused };
}

const SIGNALS = ['resourceSpans', 'resourceLogs', 'resourceMetrics', 'resourceProfiles'] as const;

/** Why a span is refused, on its way out of the reader. */
class Unfit extends Error {}

function spanOf(span: JsonObject, resource: Json | undefined, scope: Json | undefined): Span | RefusedSpan {
  try {
    const [started, ended] = [nanoseconds(span['startTimeUnixNano'], 'startTimeUnixNano'), nanoseconds(span['endTimeUnixNano'], 'endTimeUnixNano')];
    if (ended < started) throw new Unfit('it ends before it starts');
    return {
      trace: idOf(span['traceId'], 32, 'traceId'),
      id: idOf(span['spanId'], 16, 'spanId'),
      parent: (span['parentSpanId'] ?? '') === '' ? null : idOf(span['parentSpanId'], 16, 'parentSpanId'),
      state: textOf(span['traceState'] ?? '', 'traceState'),
      name: textOf(span['name'] ?? '', 'name'),
      started: Number(started / 1_000_000n),
      ended: Number(ended / 1_000_000n),
      attributes: attributesOf(span['attributes']),
      events: listOf(span['events'], 'events').map((event) => ({ name: textOf(event['name'] ?? '', 'name of an event'), at: String(nanoseconds(event['timeUnixNano'] ?? '0', 'timeUnixNano', 0n)), attributes: attributesOf(event['attributes']) })),
      status: statusOf(span['status']),
      resource: attributesOf(isObject(resource) ? resource['attributes'] : undefined),
      scope: isObject(scope) ? [scope['name'], scope['version']].filter((part) => typeof part === 'string' && part !== '').join(' ') : '',
    };
  } catch (cause) {
    if (!(cause instanceof Unfit)) throw cause;
    return { span: typeof span['spanId'] === 'string' ? span['spanId'].slice(0, 16) : 'without id', because: cause.message };
  }
}

function idOf(value: Json | undefined, digits: number, name: string): string {
  if (typeof value !== 'string' || value.length !== digits || !/^[0-9a-fA-F]+$/.test(value) || /^0+$/.test(value)) throw new Unfit(`${name} is not ${digits} hex digits`);
  return value.toLowerCase();
}

/** Later than any date that JavaScript can write. */
const TOO_LATE = 8_640_000_000_000_000_000_000n;

/** A number where the sender wrote one, else digits; beyond 2^53 the reader hands on digits in either case. */
function nanoseconds(value: Json | undefined, name: string, least = 1n): bigint {
  const digits = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  const time = typeof digits === 'string' && /^\d{1,22}$/.test(digits) ? BigInt(digits) : -1n;
  if (time < least || time > TOO_LATE) throw new Unfit(`${name} is no time`);
  return time;
}

function textOf(value: Json, name: string): string {
  if (typeof value !== 'string') throw new Unfit(`the ${name} is no text`);
  return value;
}

function listOf(value: Json | undefined, name: string): readonly JsonObject[] {
  const items = value ?? [];
  if (!Array.isArray(items) || !items.every(isObject)) throw new Unfit(`"${name}" is not a list of objects`);
  return items;
}

const STATUS = ['unset', 'ok', 'error'] as const;

function statusOf(value: Json | undefined): Span['status'] {
  const { code = 0, message = '' } = isObject(value) ? value : {};
  const known = typeof code === 'number' ? STATUS[code] : undefined;
  if (known === undefined) throw new Unfit('the status code is not 0, 1 or 2');
  return { code: known, message: textOf(message, 'message of the status') };
}

function attributesOf(value: Json | undefined): JsonObject {
  const seen = new Set<string>();
  const pairs = listOf(value, 'attributes').map((pair): readonly [string, Json] => {
    const key = textOf(pair['key'] ?? '', 'key of an attribute');
    if (key === '__proto__') throw new Unfit('an attribute is called "__proto__"');
    if (seen.has(key)) throw new Unfit(`it has the attribute "${key.slice(0, 100)}" twice`);
    seen.add(key);
    return [key, anyValue(pair['value'])];
  });
  return Object.fromEntries(pairs);
}

/** An AnyValue: exactly one of its members is set. Nesting is bounded by the reader of the JSON text. */
function anyValue(value: Json | undefined): Json {
  if (!isObject(value)) return null;
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined) return integerOf(intValue);
  if (doubleValue !== undefined) return doubleOf(doubleValue);
  if (typeof bytesValue === 'string') return bytesValue;
  if (isObject(arrayValue)) return listOf(arrayValue['values'], 'values').map(anyValue);
  if (isObject(kvlistValue)) return attributesOf(kvlistValue['values']);
  if (Object.keys(value).length === 0) return null;
  throw new Unfit('an attribute has a value of no known kind');
}

/** Beyond 2^53 it stays text: no reader of JSON would bring all its digits back. */
function integerOf(value: Json): Json {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) throw new Unfit('an intValue is no integer');
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function doubleOf(value: Json): Json {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? String(value) : value;
  if (typeof value === 'string' && /^(-?Infinity|NaN|-?\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(value)) return value;
  throw new Unfit('a doubleValue is no number');
}
