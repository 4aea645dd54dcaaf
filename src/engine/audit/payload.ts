/** The payload behind an entry, as far as it is still there. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import type { Session } from '../session.js';

/** `erased`: the entry commits to a payload that was removed for good. */
export async function payloadOf({ store, chain }: Pick<Session, 'store' | 'chain'>, { seq, payload }: Entry): Promise<JsonObject | 'erased' | undefined> {
  if (payload === undefined) return undefined;
  try {
    return (await store.payload(chain, seq)) ?? 'erased';
  } catch (cause) {
    if (cause instanceof Fault && cause.code === 'EVIDENCE_MISSING') return 'erased';
    throw cause;
  }
}
