/** What a question of stateless MCP (2026-07-28, Streamable HTTP) says a second time in headers, so that whoever passes it on need not read it. */
import { isObject, type Json, type JsonObject } from '../../domain/json.js';

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const MARK = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII, with spaces and tabs between but not around. */
const PLAIN = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/;
const PRIMITIVE: ReadonlySet<Json | undefined> = new Set(['string', 'integer', 'boolean']);

/** An argument of a tool that goes as a header as well. */
export interface MirroredArgument {
  readonly header: string;
  readonly path: readonly string[];
}

/** Headers of a question; none for one of the older era, which has no version of its own. */
export function questionHeaders(method: string, params: JsonObject): Record<string, string> {
  const { _meta: meta, name } = params;
  const version = isObject(meta) ? meta[VERSION] : undefined;
  if (typeof version !== 'string') return {};
  return { 'mcp-protocol-version': version, 'mcp-method': method, ...(typeof name === 'string' ? { 'mcp-name': headerText(name) } : {}) };
}

/** @param schema input of a tool @returns its mirrored arguments, or undefined when it marks them as the protocol forbids, so that the tool must not be used */
export function mirroredArguments(schema: Json | undefined): readonly MirroredArgument[] | undefined {
  const found = marksIn(schema, []);
  const names = new Set(found.map(({ header }) => header.toLowerCase()));
  // A mark off the chain of properties leads to no argument.
  const everywhere = isObject(schema) ? countMarks(schema) : 0;
  return found.every(({ valid }) => valid) && names.size === found.length && everywhere === found.length ? found.map(({ header, path }) => ({ header, path })) : undefined;
}

export function argumentHeaders(mirrored: readonly MirroredArgument[], given: JsonObject): Record<string, string> {
  return Object.fromEntries(mirrored.flatMap(({ header, path }) => {
    const value = path.reduce<Json | undefined>((within, key) => (isObject(within) ? within[key] : undefined), given);
    return value === undefined || value === null || typeof value === 'object' ? [] : [[`mcp-param-${header}`, headerText(String(value))] as const];
  }));
}

interface Mark extends MirroredArgument {
  readonly valid: boolean;
}

function marksIn(schema: Json | undefined, path: readonly string[]): readonly Mark[] {
  if (!isObject(schema)) return [];
  const { [MARK]: header, type, properties } = schema;
  const own = header === undefined ? [] : [{ header: String(header), path, valid: path.length > 0 && typeof header === 'string' && TOKEN.test(header) && PRIMITIVE.has(type) }];
  return [...own, ...(isObject(properties) ? Object.entries(properties).flatMap(([key, one]) => marksIn(one, [...path, key])) : [])];
}

/** Marks anywhere in a schema: as a keyword, not as the name of a property. */
function countMarks(schema: Json, isNames = false): number {
  if (Array.isArray(schema)) return schema.reduce<number>((sum, one: Json) => sum + countMarks(one), 0);
  if (!isObject(schema)) return 0;
  return Object.entries(schema).reduce((sum, [key, one]) => sum + (key === MARK && !isNames ? 1 : DATA.has(key) && !isNames ? 0 : countMarks(one, !isNames && NAMES.has(key))), 0);
}

/** Keywords whose members are names that the schema's author chose, and those that hold examples instead of schemas. */
const NAMES: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples']);

/** As it is where a header can hold it, else Base64 of its UTF-8 between marks. */
function headerText(value: string): string {
  const looksEncoded = value.startsWith('=?base64?') && value.endsWith('?=');
  return value === '' || (PLAIN.test(value) && !looksEncoded) ? value : `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}
