/** A new API key: its file, and the entry that makes it count, for the verbs that issue one. */
import { makeApiKey, type NewApiKey } from '../../identity/api-key.js';
import { declaredPermissions, type IdentitySection } from '../../steps/01-identity.js';
import { digestJson } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import { addDuration, type Instant } from '../../domain/time.js';
import type { Session } from '../session.js';

export interface WrittenKey {
  readonly key: NewApiKey;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant;
  readonly file: string;
  /** For the entry `key.issued`. */
  readonly draft: { readonly type: 'key.issued'; readonly validUntil: Instant; readonly data: JsonObject };
}

/** Makes a key scoped to exactly the declared permissions and writes it to `out`, or beside the service keys. It counts once its entry is in the ledger. */
export async function writeNewKey({ agent, manifest, world, storeFolder }: Session, out: string | undefined): Promise<WrittenKey> {
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'a key needs an agent with a DID', { hint: 'agentctl identity register' });
  const section = manifest['identity'] as IdentitySection | undefined;
  if (!section) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "identity"', { at: 'agent.yaml', hint: 'agentctl explain identity' });
  const { environment, lifetime } = section.apiKey;
  const key = makeApiKey(world.random.bytes(32), environment);
  const scopes = declaredPermissions(manifest);
  const expiresAt = addDuration(world.clock.now(), lifetime);
  const file = out ?? `${storeFolder}/keys/${key.keyId}.token`;
  // The key is on disk before the ledger says that it counts: a crash in between leaves a file that opens nothing.
  await world.files.write(file, `${key.token}\n`, 0o600);
  return { key, scopes, expiresAt, file, draft: { type: 'key.issued', validUntil: expiresAt, data: keyData(key, scopes, digestJson([...scopes]), expiresAt) } };
}

/** What the ledger keeps of a key. */
export function keyData({ keyId, prefix, hash, environment }: NewApiKey, scopes: readonly string[], permissionsDigest: string, expiresAt: Instant): JsonObject {
  return { keyId, prefix, hash, environment, scopes: [...scopes], permissionsDigest, expiresAt };
}
