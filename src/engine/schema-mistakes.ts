/** Turns what a schema validator found into mistakes in the user's words: the place, what is wrong, what to write instead. */
import type { Mistake } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import { atPointer } from '../domain/pointer.js';
import type { SchemaIssue } from '../domain/ports.js';
import { suggest } from './suggest.js';

/** A pattern that nobody reads as one. */
const DIGEST_FORM = '^sha256:[0-9a-f]{64}$';

/** `file:line:column` of a JSON Pointer, or of its key. */
export type At = (pointer: string, what?: 'key' | 'value') => string;

/** @param what name of the whole document in a message, such as `the manifest` */
export function mistakesOf(issues: readonly SchemaIssue[], schema: JsonObject, root: Json, at: At, what: string): readonly Mistake[] {
  return issues.map((issue) => mistakeOf(issue, schema, root, at, what));
}

function mistakeOf(issue: SchemaIssue, schema: JsonObject, root: Json, at: At, what: string): Mistake {
  const { pointer, keyword, params } = issue;
  const field = pointer.split('/').slice(1).join('.') || what;
  const value = atPointer(root, pointer);
  const here = schemaAt(schema, pointer);
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      return mistake(at(`${pointer}/${escape(key)}`, 'key'), `unknown key "${key}" in ${field}`, didYouMean(key, keysOf(here)));
    }
    case 'required':
      return mistake(at(pointer), `${field} lacks "${String(params['missingProperty'])}"`, purposeOf(here, String(params['missingProperty'])));
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly string[] | undefined) ?? [];
      return mistake(at(pointer), `${field} must be one of ${allowed.join(', ')}`, nearest(String(value), allowed));
    }
    case 'pattern':
      return mistake(at(pointer), `${field} ${JSON.stringify(value)} does not have the form that is asked for`, exampleOf(here));
    case 'type':
      return mistake(at(pointer), `${field} must be ${named(String(params['type']))}, not ${kindOf(value)}`, params['type'] === 'string' && isPlain(value) ? 'put quotes around it' : undefined);
    default:
      return mistake(at(pointer), `${field} ${issue.message}`);
  }
}

function mistake(at: string, message: string, hint?: string): Mistake {
  return hint === undefined ? { at, message } : { at, message, hint };
}

function didYouMean(word: string, known: readonly string[]): string | undefined {
  return nearest(word, known) ?? (known.length > 0 && known.length <= 20 ? `known: ${known.join(', ')}` : undefined);
}

function nearest(word: string, known: readonly string[]): string | undefined {
  const near = suggest(word, known);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

function purposeOf(here: Json | undefined, key: string): string | undefined {
  const purpose = here === undefined ? undefined : atPointer(here, `/properties/${escape(key)}/description`);
  return typeof purpose === 'string' ? `${key}: ${purpose}` : undefined;
}

function exampleOf(here: Json | undefined): string | undefined {
  if (!isObject(here)) return undefined;
  const [example] = Array.isArray(here['examples']) ? (here['examples'] as readonly Json[]) : [];
  if (example !== undefined) return `write it like ${JSON.stringify(example)}`;
  const said = typeof here['description'] === 'string' ? here['description'] : undefined;
  if (here['pattern'] === DIGEST_FORM) return `${said === undefined ? '' : `${said.replace(/\.$/, '')}; `}write "sha256:" and its 64 hex digits in lower case, as sha256sum prints them`;
  return said ?? `it has to match ${String(here['pattern'])}`;
}

const KINDS: Readonly<Record<string, string>> = { string: 'text', object: 'a mapping', array: 'a list', integer: 'a whole number', boolean: 'true or false' };

function named(type: string): string {
  return KINDS[type] ?? type;
}

function kindOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the text ${JSON.stringify(value)}` : String(value);
}

function isPlain(value: Json | undefined): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function keysOf(here: Json | undefined): readonly string[] {
  return isObject(here) && isObject(here['properties']) ? Object.keys(here['properties']) : [];
}

/** The part of the schema that describes a place of the document. */
function schemaAt(schema: JsonObject, pointer: string): Json | undefined {
  let here: Json | undefined = schema;
  for (const part of pointer.split('/').slice(1)) {
    if (!isObject(here)) return undefined;
    const properties: Json | undefined = here['properties'];
    here = isObject(properties) && Object.hasOwn(properties, part) ? properties[part] : (here['items'] ?? here['additionalProperties']);
  }
  return here;
}

function escape(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
