/** Everything in a report is text from somebody: it is made visible once, at the door of every format for people. */
import { visible, visibleLines } from '../domain/visible.js';
import type { Json } from '../domain/json.js';

/** Members that are prose of several lines; the views indent what follows a line break. */
const PROSE = new Set(['notes', 'paragraphs']);

/** The same data with every string, at any depth, passed through {@link visible}. */
export function visibleData<T>(data: T): T {
  return clean(data as Json, false) as T;
}

function clean(value: Json, prose: boolean): Json {
  if (typeof value === 'string') return prose ? visibleLines(value) : visible(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, prose));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [visible(key), clean(member, PROSE.has(key))]));
}
