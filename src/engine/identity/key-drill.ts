/** `identity key drill`: a key leaks, on purpose. It is revoked, and whoever decides next, from a store of his own, must refuse it. */
import { makeApiKey } from '../../identity/api-key.js';
import { declaredPermissions } from '../../steps/01-identity.js';
import { digestJson } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { addDuration } from '../../domain/time.js';
import { gateTime } from '../gate-time.js';
import { record, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { decideKey } from './key-decision.js';
import { keyData } from './new-key.js';

/** Should the drill die half-way, the key that nobody holds ends by itself. */
const LIFE = 'PT10M';

export const run: Verb = async (session) => {
  const { agent, manifest, world } = session;
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'a key needs an agent with a DID', { hint: 'agentctl identity register' });
  const declared = declaredPermissions(manifest);
  const [permission = ''] = declared;
  const key = makeApiKey(world.random.bytes(32), 'test');
  const expiresAt = addDuration(await gateTime(session), LIFE);
  await record(session, { type: 'key.trial', data: keyData(key, [permission], digestJson([...declared]), expiresAt) });
  const before = await decideAfresh(session, key.token, permission).finally(() => record(session, { type: 'key.revoked', data: { keyId: key.keyId, reason: 'drill' } }));
  const after = await decideAfresh(session, key.token, permission);
  const holds = before.ok && !after.ok;
  if (holds) await record(session, { type: 'key.drilled', data: { keyId: key.keyId, permission, before: 'yes', after: 'no' } });
  return outcome({
    step: 'identity', verb: 'key drill',
    headline: holds ? 'a leaked key is refused at the very next decision after it was revoked' : `the drill failed: ${before.ok ? 'the revoked key was still let' : `the key did not count before: ${before.because}`}`,
    facts: [
      { label: 'key', value: `${key.keyId}, made for this drill, kept nowhere` },
      { label: 'before', value: before.because },
      { label: 'after', value: after.because },
    ],
    ...(holds ? {} : { notes: ['nothing was recorded as proof'] }),
    next: holds ? null : 'agentctl audit verify',
    data: { keyId: key.keyId, permission, before: before.ok, after: after.ok, holds },
  }, holds ? EXIT.yes : EXIT.no);
};

/** As another process would: a store opened for this decision alone, which shares nothing with the one that wrote. */
async function decideAfresh({ world, storeFolder, chain, manifest }: Session, token: string, permission: string): ReturnType<typeof decideKey> {
  const store = await world.stores.open(storeFolder, { readonly: true });
  try {
    return await decideKey({ world, store, chain, manifest }, token, permission);
  } finally {
    await store.close();
  }
}
