/** What a scorer reads of a case and an answer: output and reference at their pointers, texts, and equality of JSON. */
import { isObject, MAX_DEPTH, type Json } from '../../domain/json.js';
import { atPointer } from '../../domain/pointer.js';
import type { TargetAnswer } from '../../domain/ports.js';
import type { Case } from '../dataset.js';
import type { ScorerSpec } from './spec.js';

/** The scored part of the output; undefined where the agent left it out. */
export function outputOf(spec: Pick<ScorerSpec, 'output'>, answer: Pick<TargetAnswer, 'output'>): Json | undefined {
  return atPointer(answer.output, spec.output ?? '');
}

/** The reference of the case; undefined where the data set has none. */
export function referenceOf(spec: Pick<ScorerSpec, 'output' | 'reference'>, one: Pick<Case, 'expected'>): Json | undefined {
  return atPointer(one.expected, spec.reference ?? spec.output ?? '');
}

/** A text as it is, anything else as JSON writes it. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether a walk over the value could overflow the stack; looks level by level, so it cannot itself. */
export function isTooDeep(value: Json): boolean {
  let level: readonly Json[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((one) => (typeof one !== 'object' || one === null ? [] : Object.values(one)));
  }
  return false;
}

export function isEqual(a: Json, b: Json): boolean {
  return compare(a, b, (mine, other) => mine.length === other.length);
}

/** Whether `part` is in `whole`: every member that it has is there and fits, lists are as long and fit place by place. */
export function isWithin(part: Json, whole: Json): boolean {
  return compare(part, whole, () => true);
}

function compare(a: Json, b: Json, keysFit: (mine: readonly string[], other: readonly string[]) => boolean): boolean {
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item: Json, at) => compare(item, b[at] as Json, keysFit));
  }
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keysFit(keys, Object.keys(b)) && keys.every((key) => Object.hasOwn(b, key) && compare(a[key] as Json, b[key] as Json, keysFit));
}

/** Every text in a JSON value: first the values in the order in which they stand, so that one cut over several is found, then the names of members. */
export function textsIn(value: Json): readonly string[] {
  const values: string[] = [];
  const names: string[] = [];
  const walk = (one: Json): void => {
    if (typeof one === 'string' || typeof one === 'number') values.push(String(one));
    else if (Array.isArray(one)) for (const item of one as readonly Json[]) walk(item);
    else if (isObject(one)) {
      names.push(...Object.keys(one));
      for (const item of Object.values(one)) walk(item);
    }
  };
  walk(value);
  return [...values, ...names];
}
