/** A signed document with the type that its schema describes, or a fault that names the first place that does not fit. */
import { conforms } from '../domain/conforms.js';
import { Fault } from '../domain/fault.js';
import type { Json } from '../domain/json.js';
import type { Schema } from '../domain/schema.js';

/** @throws {Fault} INPUT_INVALID */
export function conform<T>(schema: Schema<T>, value: Json, at: string): T {
  const problem = conforms(schema, value);
  if (problem !== null) throw new Fault('INPUT_INVALID', `the document${problem}`, { at });
  // Checked just above, against the schema that carries this very type.
  return value as T;
}
