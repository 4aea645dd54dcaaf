/** The index of API keys, folded from the ledger: what each key may do and whether it still counts. */
import type { Entry } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import type { Projection } from '../domain/projection.js';
import type { ApiKeyRecord } from './api-key.js';

/** State by key id: an {@link ApiKeyRecord} with whose it is and why it was revoked. */
export const apiKeysProjection: Projection = {
  name: 'api-keys',
  types: ['key.issued', 'key.revoked'],
  apply(entry, read) {
    const key = String(entry.data['keyId']);
    const state = entry.type === 'key.issued' ? issued(entry, read(key)) : revoked(entry, read(key));
    return state ? [{ key, state }] : [];
  },
};

/** A key id is issued once: a second entry must not bring a revoked key back to life. */
function issued(entry: Entry, known: JsonObject | undefined): JsonObject | undefined {
  if (known) return undefined;
  const { prefix = null, hash = null, environment = null, scopes = [], permissionsDigest = null, expiresAt = null } = entry.data;
  return { agentDid: entry.agent.did, prefix, hash, environment, scopes, permissionsDigest, issuedAt: entry.ts, expiresAt, revokedAt: null, reason: null };
}

function revoked(entry: Entry, known: JsonObject | undefined): JsonObject | undefined {
  if (!known || known['revokedAt'] !== null) return undefined;
  return { ...known, revokedAt: entry.ts, reason: entry.data['reason'] ?? null };
}

/** A row of the index as {@link checkApiKey} wants it. */
export function apiKeyRecord(state: JsonObject | undefined): ApiKeyRecord | undefined {
  // The state was written by `issued` above from an entry that its schema had checked.
  return state as unknown as ApiKeyRecord | undefined;
}
