/** A small, pure JSON Schema check for our own schemas: enough for entry data, light enough for every append. */
import { isObject, type Json, type JsonObject } from './json.js';

type Check = (limit: Json, value: Json, schema: JsonObject) => string | null;

/** Keywords that say nothing about validity. */
const ANNOTATIONS: ReadonlySet<string> = new Set(['$schema', '$id', 'description', 'title', 'examples', 'default', 'format', '$comment']);

/**
 * Whether `value` follows `schema`. Knows the keywords that `domain/schema.ts` writes; any other keyword is a problem of
 * its own, since skipping it would accept what the schema meant to refuse.
 *
 * @returns null, or the first problem with its JSON pointer, such as `/amount does not match ^\d+$`
 */
export function conforms(schema: JsonObject, value: Json): string | null {
  for (const { check, limit } of rulesOf(schema)) {
    const problem = check(limit, value, schema);
    if (problem !== null) return problem;
  }
  return null;
}

interface Rule {
  readonly check: Check;
  readonly limit: Json;
}

/** The same few schemas are asked with every append: what they demand is worked out once. */
const known = new WeakMap<JsonObject, readonly Rule[]>();
function rulesOf(schema: JsonObject): readonly Rule[] {
  const rules = known.get(schema) ?? Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword))
    .map(([keyword, limit]) => ({ check: CHECKS[keyword] ?? (() => ` meets the unsupported schema keyword "${keyword}"`), limit }));
  known.set(schema, rules);
  return rules;
}

const CHECKS: Readonly<Record<string, Check>> = {
  type: (types, value) => ((Array.isArray(types) ? types.some((type: Json) => isOfType(value, type)) : isOfType(value, types)) ? null : ` is not of type ${[types].flat().join(' or ')}`),
  const: (only, value) => (value === only ? null : ` is not ${JSON.stringify(only)}`),
  enum: (values, value) => (Array.isArray(values) && values.includes(value) ? null : ` is not one of ${JSON.stringify(values)}`),
  pattern: (pattern, value) => (typeof value !== 'string' || compiled(String(pattern)).test(value) ? null : ` does not match ${String(pattern)}`),
  minLength: (least, value) => (typeof value !== 'string' || value.length >= 2 * Number(least) || lengthOf(value) >= Number(least) ? null : ` is shorter than ${String(least)}`),
  maxLength: (most, value) => (typeof value !== 'string' || value.length <= Number(most) || lengthOf(value) <= Number(most) ? null : ` is longer than ${String(most)}`),
  minimum: (least, value) => (typeof value !== 'number' || value >= Number(least) ? null : ` is below ${String(least)}`),
  maximum: (most, value) => (typeof value !== 'number' || value <= Number(most) ? null : ` is above ${String(most)}`),
  minItems: (least, value) => (!Array.isArray(value) || value.length >= Number(least) ? null : ` has fewer than ${String(least)} items`),
  maxItems: (most, value) => (!Array.isArray(value) || value.length <= Number(most) ? null : ` has more than ${String(most)} items`),
  uniqueItems: (unique, value) => (unique !== true || !Array.isArray(value) || allDifferent(value) ? null : ' has equal items'),
  items: (schema, value) => (Array.isArray(value) ? firstOfItems(schema, value) : null),
  properties: (schemas, value) => (isObject(value) && isObject(schemas) ? firstOfMembers(value, (key) => (Object.hasOwn(schemas, key) ? schemas[key] : undefined)) : null),
  required: (keys, value) => (isObject(value) && Array.isArray(keys) ? missing(keys, value) : null),
  additionalProperties: (schema, value, { properties }) =>
    isObject(value) ? firstOfMembers(value, (key) => (isObject(properties) && Object.hasOwn(properties, key) ? undefined : schema)) : null,
  propertyNames: (schema, value) => (isObject(value) ? firstOfItems(schema, Object.keys(value), Object.keys(value)) : null),
  anyOf: (schemas, value) => (Array.isArray(schemas) && schemas.some((schema) => fits(schema, value)) ? null : ' fits none of the alternatives'),
};

/** In characters, as JSON Schema counts (RFC 8259), not in UTF-16 units, of which a character has one or two: most texts need no count. */
function lengthOf(text: string): number {
  return [...text].length;
}

function isOfType(value: Json, type: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  return typeof value === type;
}

function fits(schema: Json | undefined, value: Json): boolean {
  return schema === true || (isObject(schema) && conforms(schema, value) === null);
}

// Documents from outside pass here by the thousand: loops without a list of pairs for each object are quicker.

function firstOfMembers(value: JsonObject, schemaOf: (key: string) => Json | undefined): string | null {
  for (const key of Object.keys(value)) {
    const problem = problemAt(key, schemaOf(key), value[key] ?? null);
    if (problem !== null) return problem;
  }
  return null;
}

/** @param names of the items; otherwise their places */
function firstOfItems(schema: Json, items: readonly Json[], names?: readonly string[]): string | null {
  for (let at = 0; at < items.length; at += 1) {
    const problem = problemAt(names?.[at] ?? at, schema, items[at] ?? null);
    if (problem !== null) return problem;
  }
  return null;
}

function problemAt(place: string | number, schema: Json | undefined, value: Json): string | null {
  if (schema === false) return `/${place} is not allowed`;
  const problem = isObject(schema) ? conforms(schema, value) : null;
  return problem === null ? null : `/${place}${problem}`;
}

function missing(keys: readonly Json[], value: JsonObject): string | null {
  const absent = keys.find((key) => !Object.hasOwn(value, String(key)));
  return absent === undefined ? null : `/${String(absent)} is missing`;
}

function allDifferent(items: readonly Json[]): boolean {
  return new Set(items.map(inKeyOrder)).size === items.length;
}

/** The same text for equal values, however their members are ordered; unlike the canonical form it refuses nothing. */
function inKeyOrder(item: Json): string {
  return JSON.stringify(item, (_key, value: Json) => (isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));
}

const patterns = new Map<string, RegExp>();
function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(pattern, 'u');
  patterns.set(pattern, known);
  return known;
}
