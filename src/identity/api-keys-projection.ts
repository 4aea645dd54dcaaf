/** The index of API keys, folded from the ledger: what each key may do and whether it still counts. */
import type { Entry } from '../domain/entry.js';
import type { JsonObject } from '../domain/json.js';
import type { Projection } from '../domain/projection.js';
import type { ApiKeyRecord } from './api-key.js';

/** State by key id: an {@link ApiKeyRecord} with whose it is, why it was revoked, what follows it and when it was last used, as far as that was recorded. */
export const apiKeysProjection: Projection = {
  name: 'api-keys',
  types: ['key.issued', 'key.trial', 'key.rotated', 'key.revoked', 'key.used'],
  apply(entry, read) {
    const key = String(entry.data['keyId']);
    const state = FOLDS[entry.type]?.(entry, read(key));
    return state ? [{ key, state }] : [];
  },
};

type Fold = (entry: Entry, known: JsonObject | undefined) => JsonObject | undefined;

const FOLDS: Readonly<Record<string, Fold>> = {
  'key.issued': issued,
  'key.trial': (entry, known) => withMember(issued(entry, known), { trial: true }),
  'key.rotated': rotated,
  'key.revoked': revoked,
  'key.used': (entry, known) => (entry.data['ok'] === true ? withMember(known, { lastUsedAt: entry.ts }) : undefined),
};

/** A key id is issued once: a second entry must not bring a revoked key back to life. */
function issued(entry: Entry, known: JsonObject | undefined): JsonObject | undefined {
  if (known) return undefined;
  const { prefix = null, hash = null, environment = null, scopes = [], permissionsDigest = null, expiresAt = null } = entry.data;
  return { agentDid: entry.agent.did, prefix, hash, environment, scopes, permissionsDigest, issuedAt: entry.ts, expiresAt, revokedAt: null, reason: null };
}

/** Grace shortens a life, and never makes one longer. */
function rotated({ data }: Entry, known: JsonObject | undefined): JsonObject | undefined {
  const [until, expiresAt] = [String(data['until']), String(known?.['expiresAt'])];
  return withMember(known, { replacedBy: data['replacedBy'] ?? null, expiresAt: until < expiresAt ? until : expiresAt });
}

function revoked(entry: Entry, known: JsonObject | undefined): JsonObject | undefined {
  return known?.['revokedAt'] === null ? { ...known, revokedAt: entry.ts, reason: entry.data['reason'] ?? null } : undefined;
}

function withMember(state: JsonObject | undefined, members: JsonObject): JsonObject | undefined {
  return state && { ...state, ...members };
}

/** A row of the index as {@link checkApiKey} wants it. */
export function apiKeyRecord(state: JsonObject | undefined): ApiKeyRecord | undefined {
  // The state was written by `issued` above from an entry that its schema had checked.
  return state as unknown as ApiKeyRecord | undefined;
}
