/** `identity key rotate`: the next key is issued and the one before ends in the same transaction, at once or after a time of grace. */
import { Fault } from '../../domain/fault.js';
import { addDuration, readable } from '../../domain/time.js';
import { gateTime } from '../gate-time.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { textOption, type Verb } from '../verb.js';
import { writeNewKey } from './new-key.js';

export const run: Verb = async (session, input) => {
  const { store, chain, agent } = session;
  const [keyId = ''] = input.args;
  const now = await gateTime(session);
  const old = await store.projected(chain, 'api-keys', keyId);
  if (!old) throw new Fault('USAGE', `no API key "${keyId}"`, { hint: 'agentctl identity show' });
  const expiresAt = String(old['expiresAt']);
  if (old['revokedAt'] !== null || expiresAt <= now) throw new Fault('REFUSED', `${keyId} has ended already: there is nothing to follow`, { hint: 'agentctl identity key issue' });
  if (typeof old['replacedBy'] === 'string') throw new Fault('REFUSED', `${keyId} is already followed by ${old['replacedBy']}`, { hint: `agentctl identity key rotate ${old['replacedBy']}` });
  const graced = addDuration(now, textOption(input, 'grace') ?? 'PT0S');
  const until = graced < expiresAt ? graced : expiresAt;
  const { key, scopes, file, draft } = await writeNewKey(session, textOption(input, 'out'));
  await recordEvidence(session, 'identity', draft, { also: [{ type: 'key.rotated', agent, actor: 'agentctl', data: { keyId, replacedBy: key.keyId, until } }] });
  return outcome({
    step: 'identity', verb: 'key rotate', headline: `key ${key.keyId} follows ${keyId}`,
    facts: [
      { label: 'may', value: scopes.join(', ') },
      { label: 'until', value: readable(draft.validUntil) },
      { label: 'written to', value: `${file} (mode 0600; not kept anywhere else)` },
      { label: 'the old key', value: until > now ? `counts until ${until}` : 'is refused from the next decision on' },
    ],
    next: 'agentctl identity show',
    data: { keyId: key.keyId, replaces: keyId, until, scopes: [...scopes], expiresAt: draft.validUntil, file },
  });
};
