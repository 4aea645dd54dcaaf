/** Attributes of OpenTelemetry as OTLP/JSON writes them: a list of keys with typed values. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import { decimalText } from './fields.js';

/** Plain values by key; what is nested or binary is left out, since nothing here reads it. @throws {Fault} INPUT_INVALID when a key comes twice */
export function otelAttributes(value: Json | undefined, at: string): JsonObject {
  const found = new Map<string, Json>();
  for (const pair of Array.isArray(value) ? (value as readonly Json[]) : []) {
    const key = isObject(pair) ? pair['key'] : undefined;
    if (!isObject(pair) || typeof key !== 'string' || key === '__proto__') throw new Fault('INPUT_INVALID', 'an attribute has no key', { at });
    if (found.has(key)) throw new Fault('INPUT_INVALID', `the attribute ${JSON.stringify(key.slice(0, 100))} is there twice`, { at });
    const plain = plainValue(pair['value']);
    if (plain !== undefined) found.set(key, plain);
  }
  return Object.fromEntries(found);
}

/** 64-bit integers come as text. */
function plainValue(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return undefined;
  const { stringValue, boolValue, intValue, doubleValue } = value;
  if (stringValue !== undefined) return stringValue;
  if (boolValue !== undefined) return boolValue;
  if (typeof doubleValue === 'number' || typeof intValue === 'number') return doubleValue ?? intValue;
  const digits = typeof intValue === 'string' && /^-?\d{1,19}$/.test(intValue) ? Number(intValue) : Number.NaN;
  return Number.isSafeInteger(digits) ? digits : undefined;
}

export type Attribute = { readonly key: string; readonly value: JsonObject };

/** The same the other way; null is left out. Whole numbers are integers unless `key` is that of a double. */
export function attributeList(values: { readonly [key: string]: string | number | null }, doubles: readonly string[] = []): readonly Attribute[] {
  return Object.entries(values).flatMap(([key, value]): readonly Attribute[] => {
    if (value === null) return [];
    if (typeof value === 'string') return [{ key, value: { stringValue: value } }];
    return [{ key, value: doubles.includes(key) ? { doubleValue: Number(decimalText(value)) } : { intValue: String(value) } }];
  });
}
