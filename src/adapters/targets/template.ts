/** Fills a case into what is sent: `{input}`, `{input/some/member}`, `{context/…}` and `{id}`, once, so that a case cannot fill in anything itself. */
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import { isObject, type Json } from '../../domain/json.js';
import { atPointer } from '../../domain/pointer.js';
import type { TargetRequest } from '../../domain/ports.js';

const PLACEHOLDER = /\{(id|input|context)((?:\/[^{}\s]*)?)\}/g;
const ALONE = /^\{(id|input|context)((?:\/[^{}\s]*)?)\}$/;

/** Whether the text asks for the input. */
export function asksForInput(text: string): boolean {
  return /\{input(\/[^{}\s]*)?\}/.test(text);
}

/** A JSON value with its texts filled in; a text that is one placeholder and nothing else becomes the JSON value itself. @throws {Fault} TARGET_FAILED */
export function fill(template: Json, request: TargetRequest): Json {
  if (typeof template === 'string') {
    const [, name, pointer = ''] = ALONE.exec(template) ?? [];
    return name === undefined ? fillText(template, request) : valueOf(name, pointer, request);
  }
  if (Array.isArray(template)) return template.map((item: Json) => fill(item, request));
  if (isObject(template)) return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fill(item, request)]));
  return template;
}

/** The same for a text that stays one: texts go in as they are, other values as JSON. @throws {Fault} TARGET_FAILED when the case has no such member */
export function fillText(text: string, request: TargetRequest): string {
  return text.replace(PLACEHOLDER, (_all, name: string, pointer: string) => textOf(valueOf(name, pointer, request)));
}

export function textOf(value: Json): string {
  return typeof value === 'string' ? value : canonical(value);
}

function valueOf(name: string, pointer: string, { id, input, context }: TargetRequest): Json {
  const value = atPointer(name === 'id' ? id : name === 'input' ? input : (context ?? null), pointer);
  if (value !== undefined) return value;
  throw new Fault('TARGET_FAILED', `a case has nothing at {${name}${pointer}}`, { at: id, hint: 'correct the placeholder under target in agent.yaml, or the data set' });
}
