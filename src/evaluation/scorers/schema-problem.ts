/** Whether a JSON Schema (2020-12) can be one: known keywords with values of the right kind, and no pattern that could run away. */
import { Fault } from '../../domain/fault.js';
import { isObject, type Json } from '../../domain/json.js';
import { linearRegex } from './linear-regex.js';

const TYPES: ReadonlySet<Json> = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);

type Check = (value: Json) => string | undefined;
const when = (fits: (value: Json) => boolean, what: string): Check => (value) => (fits(value) ? undefined : `must be ${what}`);
const isText = (value: Json): value is string => typeof value === 'string';
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const text = when(isText, 'a text');
const flag = when((value) => typeof value === 'boolean', 'true or false');
const number = when((value) => typeof value === 'number', 'a number');
const size = when((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0');
const texts = when((value) => isList(value) && value.every(isText), 'a list of texts');
const values = when((value) => isList(value) && value.length > 0, 'a list of values');
const type = when((value) => TYPES.has(value) || (isList(value) && value.length > 0 && value.every((one) => TYPES.has(one))), `one of ${[...TYPES].join(', ')}`);
const any: Check = () => undefined;
const schema: Check = (value) => problemOfSchema(value);
const schemas: Check = (value) => (isList(value) && value.length > 0 ? first(value.map((one, at) => [String(at), one])) : 'must be a list of schemas');
const named: Check = (value) => (isObject(value) ? first(Object.entries(value)) : 'must be an object of schemas');
const pattern: Check = (value) => (isText(value) ? problemOfPattern(value) : 'must be a text');

const KEYWORDS: Readonly<Record<string, Check>> = {
  $schema: text, $id: text, $ref: text, $anchor: text, $dynamicRef: text, $dynamicAnchor: text, $comment: text, $defs: named,
  type, enum: values, const: any, allOf: schemas, anyOf: schemas, oneOf: schemas, not: schema, if: schema, then: schema, else: schema, dependentSchemas: named,
  dependentRequired: when((value) => isObject(value) && Object.values(value).every((one) => texts(one) === undefined), 'an object of lists of texts'),
  properties: named, additionalProperties: schema, propertyNames: schema, required: texts, minProperties: size, maxProperties: size, unevaluatedProperties: schema,
  patternProperties: (value) => (isObject(value) ? (Object.keys(value).map(problemOfPattern).find((one) => one !== undefined) ?? named(value)) : named(value)),
  prefixItems: schemas, items: schema, contains: schema, minContains: size, maxContains: size, minItems: size, maxItems: size, uniqueItems: flag, unevaluatedItems: schema,
  minLength: size, maxLength: size, pattern, format: text, contentEncoding: text, contentMediaType: text, contentSchema: schema,
  minimum: number, maximum: number, exclusiveMinimum: number, exclusiveMaximum: number, multipleOf: when((value) => typeof value === 'number' && value > 0, 'a number above 0'),
  title: text, description: text, default: any, deprecated: flag, readOnly: flag, writeOnly: flag, examples: any,
};

/** The first problem with its place, such as `/properties/total/type must be one of …`; undefined where there is none. */
export function problemOfSchema(value: Json): string | undefined {
  if (typeof value === 'boolean') return undefined;
  if (!isObject(value)) return 'must be a schema';
  for (const [keyword, given] of Object.entries(value)) {
    if (!Object.hasOwn(KEYWORDS, keyword)) return `"${keyword}" is no keyword`;
    const problem = KEYWORDS[keyword]?.(given);
    if (problem !== undefined) return placed(keyword, problem);
  }
  return undefined;
}

function first(entries: readonly (readonly [string, Json])[]): string | undefined {
  for (const [key, one] of entries) {
    const problem = problemOfSchema(one);
    if (problem !== undefined) return placed(key, problem);
  }
  return undefined;
}

function problemOfPattern(value: string): string | undefined {
  try {
    linearRegex(value);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}

function placed(key: string, problem: string): string {
  return problem.startsWith('/') ? `/${key}${problem}` : `/${key} ${problem}`;
}
