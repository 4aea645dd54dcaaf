/** Members of a foreign JSON object, read without trust: what is absent or of another kind is null, and nothing is guessed. */
import { isObject, type Json, type JsonObject } from '../../domain/json.js';

const NONE: JsonObject = {};

export function objectIn(value: Json | undefined, name: string): JsonObject {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : NONE;
}

export function listIn(value: Json | undefined, name: string): readonly Json[] {
  const found = isObject(value) ? value[name] : undefined;
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

export function textIn(value: Json | undefined, name: string): string | null {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'string' && found !== '' ? found : null;
}

export function numberIn(value: Json | undefined, name: string): number | null {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'number' ? found : null;
}

/** Text as it is, a whole number as digits: ids are either. */
export function idIn(value: Json | undefined, name: string): string | null {
  const number = numberIn(value, name);
  return number === null ? textIn(value, name) : String(number);
}

/** Whole milliseconds, of a number in them. */
export function millisecondsOf(value: number | null): number | null {
  return value !== null && value >= 0 && value < 1e12 ? Math.round(value) : null;
}

/** How many, where the number is one of things that can be counted. */
export function countOf(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** Tokens and cost, or null where neither is told. */
export function usageOf(tokens: number | null, cost: number | null): { readonly tokens: number | null; readonly cost: string | null } | null {
  const usage = { tokens: countOf(tokens), cost: cost !== null && cost >= 0 ? decimalText(cost) : null };
  return usage.tokens === null && usage.cost === null ? null : usage;
}

/** A decimal with at most six digits after the point; null for what is no number of a sane size. */
export function decimalText(value: number): string | null {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return null;
  const text = value.toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/** A number that is written as a decimal; NaN and everything else is none. */
export function numberOf(text: string): number | null {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : null;
}
