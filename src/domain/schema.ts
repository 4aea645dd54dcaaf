/** One description of data, four uses: it validates, types, asks the wizard's questions and is the published JSON Schema 2020-12. */
import type { Json, JsonObject } from './json.js';

declare const typed: unique symbol;

/** A JSON Schema (2020-12, inside the part that draft-07 readers share) that remembers the TypeScript type it describes. */
export type Schema<T> = JsonObject & { readonly [typed]?: T };
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

/** A member that may be left out. */
export interface Optional<T> {
  readonly optional: Schema<T>;
}
type Members = Readonly<Record<string, Schema<unknown> | Optional<unknown>>>;
type RequiredKeys<M> = { [K in keyof M]: M[K] extends Optional<unknown> ? never : K }[keyof M];
type ObjectOf<M> = { readonly [K in RequiredKeys<M>]: TypeOf<M[K]> } & {
  readonly [K in Exclude<keyof M, RequiredKeys<M>>]?: M[K] extends Optional<infer T> ? T : never;
};
/** Words that editors, docs and the wizard show. */
export interface Words {
  readonly description?: string;
  readonly examples?: readonly Json[];
  readonly default?: Json;
}

export function string(words: Words & { pattern?: string; minLength?: number; maxLength?: number; format?: string } = {}): Schema<string> {
  return { type: 'string', minLength: 1, ...words };
}

export function integer(words: Words & { minimum?: number; maximum?: number } = {}): Schema<number> {
  return { type: 'integer', ...words };
}

export function boolean(words: Words = {}): Schema<boolean> {
  return { type: 'boolean', ...words };
}

export function oneOf<const V extends readonly string[]>(values: V, words: Words = {}): Schema<V[number]> {
  return { type: 'string', enum: values, ...words };
}

export function list<T>(items: Schema<T>, words: Words & { minItems?: number; maxItems?: number; uniqueItems?: boolean } = {}): Schema<readonly T[]> {
  return { type: 'array', items: items as JsonObject, ...words };
}

/** An object with free keys, all of one kind. */
export function record<T>(values: Schema<T>, words: Words & { propertyNames?: JsonObject } = {}): Schema<{ readonly [key: string]: T }> {
  return { type: 'object', additionalProperties: values as JsonObject, ...words };
}

/** A strict object: an unknown key is an error, because a typo in a safety setting must not pass silently. */
export function object<const M extends Members>(members: M, words: Words = {}): Schema<ObjectOf<M>> {
  const properties: Record<string, Json> = {};
  const required: string[] = [];
  for (const [key, member] of Object.entries(members)) {
    if ('optional' in member) properties[key] = (member as Optional<unknown>).optional;
    else {
      properties[key] = member as JsonObject;
      required.push(key);
    }
  }
  return { type: 'object', properties, required, additionalProperties: false, ...words } as Schema<ObjectOf<M>>;
}

export function optional<T>(schema: Schema<T>): Optional<T> {
  return { optional: schema };
}

/** A value, or null where there is none. */
export function nullable<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema as JsonObject, { type: 'null' }] };
}

/** Any JSON value. */
export function anyJson(words: Words = {}): Schema<Json> {
  return { ...words };
}
