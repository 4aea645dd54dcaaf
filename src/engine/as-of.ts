/** A store as it stood at an earlier time: what `verify --at` judges. */
import { enforcementProjections } from '../enforcement/projections.js';
import { apiKeysProjection } from '../identity/api-keys-projection.js';
import { complaintsProjection } from '../ledger/complaints-projection.js';
import { decodeEntry } from '../ledger/entry.js';
import { observedProjection } from '../ledger/observed-projection.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { fold, type Projection } from '../domain/projection.js';
import type { Store } from '../domain/ports.js';
import { readable, type Instant } from '../domain/time.js';
import { prunedStates } from './pruned-states.js';

export const PROJECTIONS: readonly Projection[] = [apiKeysProjection, observedProjection, complaintsProjection, ...enforcementProjections];

/** Evidence after `at` is not seen; projections are folded again up to it. Proofs and checkpoints stay those of the whole chain. */
export function asOf(store: Store, at: Instant): Store {
  const upTo = async (chain: string, type: string) => (await store.readEvidence(chain, type)).filter((entry) => entry.ts <= at);
  return {
    ...bound(store),
    latest: async (chain, type) => (await upTo(chain, type)).at(-1),
    readEvidence: async (chain, type, limit) => (await upTo(chain, type)).slice(limit === undefined ? 0 : -limit),
    count: async (chain, type) => (await upTo(chain, type)).length,
    projection: (chain, name) => replay(store, chain, name, at),
    projected: async (chain, name, key) => (await replay(store, chain, name, at)).get(key),
  };
}

async function replay(store: Store, chain: string, name: string, at: Instant): Promise<ReadonlyMap<string, JsonObject>> {
  const projection = PROJECTIONS.filter((one) => one.name === name);
  const { size, ts, states } = await prunedStates(store, chain);
  if (ts > at) throw new Fault('EVIDENCE_MISSING', `what was so on ${readable(at)} was pruned`, { hint: 'the sealed segments hold it: tar -xf them and read the entries' });
  for await (const row of store.scan(chain, size)) {
    const entry = decodeEntry(row.body, `entry ${row.seq}`);
    if (entry.ts <= at) fold(projection, entry, states);
  }
  return states.get(name) ?? new Map();
}

/** The methods of a store as functions of their own, since spreading an instance of a class would lose them. */
export function bound(store: Store): Store {
  return {
    append: store.append.bind(store), reserve: store.reserve.bind(store), post: store.post.bind(store), void: store.void.bind(store), expire: store.expire.bind(store),
    head: store.head.bind(store), chains: store.chains.bind(store), latest: store.latest.bind(store), readEvidence: store.readEvidence.bind(store), count: store.count.bind(store),
    read: store.read.bind(store), scan: store.scan.bind(store), tile: store.tile.bind(store), verifyParts: store.verifyParts.bind(store), blob: store.blob.bind(store), payload: store.payload.bind(store), disclosed: store.disclosed.bind(store), erasedBy: store.erasedBy.bind(store), payloads: store.payloads.bind(store), erase: store.erase.bind(store), prune: store.prune.bind(store), projection: store.projection.bind(store),
    projected: store.projected.bind(store), checkpoint: store.checkpoint.bind(store), putCheckpoint: store.putCheckpoint.bind(store), checkpoints: store.checkpoints.bind(store),
    putCosignature: store.putCosignature.bind(store), cosignatures: store.cosignatures.bind(store),
    audit: store.audit.bind(store), backup: store.backup.bind(store), cached: store.cached.bind(store), cache: store.cache.bind(store), close: store.close.bind(store),
  };
}
