/** Made-up arguments for a tool, from its input schema: the plainest value that each required member allows. */
import { isObject, type Json, type JsonObject } from '../domain/json.js';

/** Best effort: whoever uses it checks it against the schema, since a pattern or a combination may want more. */
export function sampleArguments(schema: JsonObject): JsonObject {
  const value = sample(schema);
  return isObject(value) ? value : {};
}

function sample(schema: Json | undefined): Json {
  if (!isObject(schema)) return {};
  const { const: fixed, default: usual, examples, enum: allowed } = schema;
  for (const given of [fixed, usual, first(examples), first(allowed)]) if (given !== undefined) return given;
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  if (type === 'string') return 'drill'.padEnd(numberOf(schema['minLength'], 0), '-').slice(0, numberOf(schema['maxLength'], Infinity));
  if (type === 'integer' || type === 'number') return numberOf(schema['minimum'], Math.min(1, numberOf(schema['maximum'], 1)));
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  if (type === 'array') return Array.from({ length: Math.min(100, numberOf(schema['minItems'], 0)) }, () => sample(schema['items']));
  return members(schema);
}

function members({ properties, required }: JsonObject): JsonObject {
  const known = isObject(properties) ? properties : {};
  return Object.fromEntries((Array.isArray(required) ? required : []).map((name) => [String(name), sample(known[String(name)])]));
}

function first(list: Json | undefined): Json | undefined {
  return Array.isArray(list) ? list[0] : undefined;
}

function numberOf(value: Json | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
