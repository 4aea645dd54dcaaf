/** API keys: form, check, and the index folded from the ledger. */
import { describe, expect, test } from '@jest/globals';
import { checkApiKey, crc32, makeApiKey, parseApiKey, type ApiKeyRecord } from '../../src/identity/api-key.js';
import { apiKeyRecord, apiKeysProjection } from '../../src/identity/api-keys-projection.js';
import type { Entry } from '../../src/domain/entry.js';
import type { JsonObject } from '../../src/domain/json.js';

const BYTES = Uint8Array.from({ length: 32 }, (_, index) => index);
const TOKEN = 'agctl_test_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Gj9Fe';
const key = makeApiKey(BYTES, 'test');
const PERMISSIONS = `sha256:${'1'.repeat(64)}`;
const record: ApiKeyRecord = { hash: key.hash, environment: 'test', scopes: ['mail:move', 'calendar:*'], permissionsDigest: PERMISSIONS, expiresAt: '2026-12-01T00:00:00.000Z', revokedAt: null };
const use = { permission: 'mail:move', now: '2026-11-22T00:00:00.000Z', permissionsDigest: PERMISSIONS };

describe('1.3 API keys', () => {
  test('the published vector, 60 characters', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(key.token).toBe(TOKEN);
    expect(TOKEN).toHaveLength(60);
    expect(parseApiKey(TOKEN)).toEqual({ environment: 'test', keyId: key.keyId, prefix: 'agctl_test_003a', hash: key.hash });
  });

  test.each(['', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.replace('test', 'live'), TOKEN.replace('003a', '003b'), ` ${TOKEN}`, `${TOKEN}\n`])('%j is dropped offline', (text) => {
    expect(parseApiKey(text)).toBeUndefined();
  });

  test.each([
    ['holds', record, {}, true, 'holds mail:move'],
    ['holds every verb of a resource', record, { permission: 'calendar:read' }, true, 'holds calendar:read'],
    ['lacks the permission', record, { permission: 'mail:delete' }, false, 'does not hold mail:delete'],
    ['a longer resource is another one', record, { permission: 'calendars:read' }, false, 'does not hold'],
    ['unknown', undefined, {}, false, 'unknown'],
    ['another key', { ...record, hash: `sha256:${'0'.repeat(64)}` }, {}, false, 'unknown'],
    ['other environment', { ...record, environment: 'live' }, {}, false, 'another environment'],
    ['revoked', { ...record, revokedAt: '2026-11-01T00:00:00.000Z' }, {}, false, 'revoked'],
    ['expired to the millisecond', record, { now: record.expiresAt }, false, 'expired'],
    ['permissions changed', record, { permissionsDigest: `sha256:${'2'.repeat(64)}` }, false, 'have changed'],
  ] as const)('%s', (_name, known, change, ok, because) => {
    const verdict = checkApiKey(known, TOKEN, { ...use, ...change });
    expect(verdict).toMatchObject({ ok, because: expect.stringContaining(because) });
  });

  test('a refusal names the permission that is missing', () => {
    expect(checkApiKey(record, TOKEN, { ...use, permission: 'mail:delete' }).missing).toBe('mail:delete');
  });

  test('the index follows the ledger, and a revoked key stays dead', () => {
    const issue = { ...key, scopes: ['mail:move'], permissionsDigest: PERMISSIONS, expiresAt: record.expiresAt };
    const index = new Map<string, JsonObject>();
    const apply = (type: string, data: JsonObject) => {
      for (const { key: id, state } of apiKeysProjection.apply(entryOf(type, data), (id) => index.get(id))) if (state) index.set(id, state);
    };
    const { token: _token, ...issued } = issue;
    apply('key.revoked', { keyId: key.keyId, reason: 'before it existed' });
    expect(index.size).toBe(0);
    apply('key.issued', issued);
    expect(checkApiKey(apiKeyRecord(index.get(key.keyId)), TOKEN, use).ok).toBe(true);
    apply('key.revoked', { keyId: key.keyId, reason: 'leaked' });
    apply('key.issued', issued);
    expect(checkApiKey(apiKeyRecord(index.get(key.keyId)), TOKEN, use)).toMatchObject({ ok: false, because: expect.stringContaining('revoked') });
    expect(JSON.stringify([...index])).not.toContain(TOKEN);
  });
});

function entryOf(type: string, data: JsonObject): Entry {
  return { v: 1, chain: 'c', seq: 0, ts: '2026-11-20T00:00:00.000Z', type, agent: { id: 'c', did: 'did:key:z6MkExample', version: '1.0.0', build: null }, actor: 'agentctl', inputs: {}, data };
}
