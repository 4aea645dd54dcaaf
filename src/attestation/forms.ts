/** Forms that several signed documents share: digests, instants, DIDs, rates, envelopes. */
import { DID_KEY } from '../domain/names.js';
import type { Digest } from '../domain/digest.js';
import { list, object, string, type Schema } from '../domain/schema.js';
import { INSTANT } from '../domain/time.js';
import type { Envelope } from './dsse.js';

export const digest = string({ pattern: '^sha256:[0-9a-f]{64}$' }) as Schema<Digest>;
export const instant = string({ pattern: INSTANT.source });
export const didKey = string({ pattern: DID_KEY });
/** A measured figure as decimal text: rates, scores, milliseconds. */
export const decimal = string({ pattern: '^-?\\d{1,15}(\\.\\d{1,6})?$' });
export const envelope: Schema<Envelope> = object({
  payload: string(),
  payloadType: string(),
  signatures: list(object({ keyid: string(), sig: string() }), { minItems: 1 }),
});

export function orNull<T>(schema: Schema<T>): Schema<T | null> {
  return { anyOf: [schema, { type: 'null' }] };
}
