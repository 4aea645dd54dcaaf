/** Where a pruned chain begins to be readable, and the states of the projections at that place. */
import type { Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, parseJson } from '../domain/json.js';
import { statesFromJson, type FoldedStates } from '../domain/projection.js';
import type { Store } from '../domain/ports.js';
import type { Instant } from '../domain/time.js';
import { prunedSize } from '../ledger/pruned.js';

/** `ts`: time of the last entry that was pruned; before every other time where none was. @throws {Fault} STORE_TAMPERED */
export async function prunedStates(store: Pick<Store, 'latest' | 'blob'>, chain: string): Promise<{ readonly size: number; readonly ts: Instant; readonly states: FoldedStates }> {
  const entry = await store.latest(chain, 'audit.pruned');
  if (!entry) return { size: 0, ts: '', states: new Map() };
  const blob = await store.blob(entry.data['states'] as Digest);
  if (!blob) throw new Fault('STORE_TAMPERED', `the states that entry ${entry.seq} names are gone`, { at: `entry ${entry.seq}`, hint: 'agentctl audit verify' });
  const states = statesFromJson(asObject(parseJson(Buffer.from(blob.bytes).toString('utf8'), 'states'), 'states'));
  return { size: prunedSize(entry), ts: String(entry.data['last']), states };
}
