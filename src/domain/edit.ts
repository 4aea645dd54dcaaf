/** The edit between two JSON values, in words: `perDay "100.00" -> "500.00"`. */
import { canonical } from './canonical.js';
import { isObject, type Json } from './json.js';

const MOST = 6;

/** Up to six changed places, deepest first found; members of lists are named by their id, name or index. */
export function describeEdit(before: Json, after: Json): readonly string[] {
  const lines = [...changes(before, after, '')];
  // Members of lists are told apart by name, so the same ones in another order leave nothing to tell, but are an edit all the same.
  if (lines.length === 0 && canonical(before) !== canonical(after)) return ['order changed'];
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more`] : lines;
}

function* changes(before: Json | undefined, after: Json | undefined, path: string): Generator<string> {
  if (before === undefined) yield `${path} added: ${brief(after ?? null)}`;
  else if (after === undefined) yield `${path} removed: ${brief(before)}`;
  else if (canonical(before) === canonical(after)) return;
  else if (isObject(before) && isObject(after)) yield* members(before, after, path);
  else if (Array.isArray(before) && Array.isArray(after)) yield* members(byName(before), byName(after), path);
  else yield `${path || 'value'} ${brief(before)} -> ${brief(after)}`;
}

function* members(before: Readonly<Record<string, Json>>, after: Readonly<Record<string, Json>>, path: string): Generator<string> {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  for (const key of keys) yield* changes(before[key], after[key], path ? `${path}.${key}` : key);
}

function byName(items: readonly Json[]): Record<string, Json> {
  const named: Record<string, Json> = {};
  items.forEach((item, index) => {
    const label = isObject(item) ? (item['id'] ?? item['name'] ?? item['path'] ?? item['capability']) : undefined;
    named[typeof label === 'string' && !(label in named) ? label : String(index)] = item;
  });
  return named;
}

function brief(value: Json): string {
  const text = canonical(value);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
