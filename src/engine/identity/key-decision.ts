/** The one decision on an API key, behind `key check` and the drill that puts it to the test: offline, from what the ledger says now. */
import { checkApiKey, parseApiKey, type ApiKeyVerdict } from '../../identity/api-key.js';
import { apiKeyRecord } from '../../identity/api-keys-projection.js';
import { declaredPermissions } from '../../steps/01-identity.js';
import { digestJson } from '../../domain/digest.js';
import { gateTime } from '../gate-time.js';
import type { Session } from '../session.js';

/** What of a session is looked at; another process has another store of the same folder. */
export type KeyDecisionFrom = Pick<Session, 'world' | 'store' | 'chain' | 'manifest'>;

export async function decideKey(from: KeyDecisionFrom, token: string, permission: string): Promise<ApiKeyVerdict & { readonly keyId: string | null; readonly known: boolean }> {
  const keyId = parseApiKey(token)?.keyId ?? null;
  const record = keyId === null ? undefined : apiKeyRecord(await from.store.projected(from.chain, 'api-keys', keyId));
  const permissionsDigest = digestJson([...declaredPermissions(from.manifest)]);
  return { ...checkApiKey(record, token, { permission, now: await gateTime(from), permissionsDigest }), keyId, known: record !== undefined };
}
