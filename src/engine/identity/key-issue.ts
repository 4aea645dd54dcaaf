/** `identity key issue`: a key scoped to exactly the declared permissions. The ledger keeps its hash, the file the key, and only once. */
import { makeApiKey } from '../../identity/api-key.js';
import { declaredPermissions, type IdentitySection } from '../../steps/01-identity.js';
import { digestJson } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { addDuration, readable } from '../../domain/time.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const { manifest, world, agent } = session;
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'a key needs an agent with a DID', { hint: 'agentctl identity register' });
  const section = manifest['identity'] as IdentitySection | undefined;
  if (!section) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "identity"', { at: 'agent.yaml', hint: 'agentctl explain identity' });
  const { environment, lifetime } = section.apiKey;
  const key = makeApiKey(world.random.bytes(32), environment);
  const scopes = declaredPermissions(manifest);
  const expiresAt = addDuration(world.clock.now(), lifetime);
  const file = textOption(input, 'out') ?? `${session.storeFolder}/keys/${key.keyId}.token`;
  // The key is on disk before the ledger says that it counts: a crash in between leaves a file that opens nothing.
  await world.files.write(file, `${key.token}\n`, 0o600);
  await recordEvidence(session, 'identity', {
    type: 'key.issued', validUntil: expiresAt,
    data: { keyId: key.keyId, prefix: key.prefix, hash: key.hash, environment, scopes: [...scopes], permissionsDigest: digestJson([...scopes]), expiresAt },
  });
  return outcome({
    step: 'identity', verb: 'key issue', headline: `key ${key.keyId} issued`,
    facts: [
      { label: 'may', value: scopes.join(', ') },
      { label: 'until', value: readable(expiresAt) },
      { label: 'written to', value: `${file} (mode 0600; not kept anywhere else)` },
    ],
    next: 'agentctl identity verify',
    data: { keyId: key.keyId, prefix: key.prefix, scopes: [...scopes], expiresAt, file },
  });
};
