/** JSON Schema 2020-12 by ajv: all mistakes at once, no keyword ignored, nothing fetched. */
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import type { SchemaIssue, Schemas } from '../domain/ports.js';
import { linearRegex } from '../evaluation/scorers/linear-regex.js';

export function schemas(): Schemas {
  const compiled = new WeakMap<JsonObject, ValidateFunction>();
  let shared: Ajv2020 | undefined;
  return {
    async check(schema, value) {
      let validate = compiled.get(schema);
      if (!validate) {
        // Two schemas with the same $id would clash in one instance; only those pay for an instance of their own.
        const instance = namesItself(schema) ? await create() : (shared ??= await create());
        validate = compile(instance, schema);
        compiled.set(schema, validate);
      }
      return validate(value) ? [] : (validate.errors ?? []).map(issue);
    },
  };
}

async function create(): Promise<Ajv2020> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  // Formats are annotations in 2020-12; the schemas of agentctl say everything that must hold with `pattern`.
  return new Ajv2020({ allErrors: true, strict: true, strictTypes: true, allowUnionTypes: true, ownProperties: true, validateFormats: false, logger: false, code: { regExp: engine } });
}

/** A pattern runs on what an agent wrote: in linear time wherever it can, natively where it looks around, as some of our own do. */
const engine = Object.assign(
  (pattern: string, flags: string): Pick<RegExp, 'test'> => {
    try {
      return linearRegex(pattern);
    } catch {
      return new RegExp(pattern, flags);
    }
  },
  { code: 'linearRegex' },
);

function compile(instance: Ajv2020, schema: JsonObject): ValidateFunction {
  try {
    return instance.compile(schema);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Fault('INPUT_INVALID', `not a usable JSON Schema: ${reason}`, { hint: 'check it against JSON Schema 2020-12; unknown keywords are refused', cause });
  }
}

function namesItself(value: Json): boolean {
  if (Array.isArray(value)) return value.some(namesItself);
  return isObject(value) && ('$id' in value || '$anchor' in value || Object.values(value).some(namesItself));
}

function issue(error: ErrorObject): SchemaIssue {
  return { pointer: error.instancePath, keyword: error.keyword, message: error.message ?? error.keyword, params: error.params as JsonObject };
}
