/** `identity key revoke`: the key stops counting at the next decision. */
import { Fault } from '../../domain/fault.js';
import { record } from '../session.js';
import { outcome } from '../outcome.js';
import { requiredOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const [keyId = ''] = input.args;
  const reason = requiredOption(input, 'reason', 'say why: --reason leaked');
  const state = (await session.store.projection(session.chain, 'api-keys')).get(keyId);
  if (!state) throw new Fault('USAGE', `no API key "${keyId}"`, { hint: 'agentctl identity show' });
  if (state['revokedAt'] !== null) throw new Fault('REFUSED', `${keyId} was revoked on ${String(state['revokedAt'])}`);
  await record(session, { type: 'key.revoked', data: { keyId, reason: 'see payload' }, payload: { reason } });
  return outcome({ step: 'identity', verb: 'key revoke', headline: `${keyId} is revoked`, facts: [{ label: 'reason', value: reason }], next: 'agentctl identity key issue', data: { keyId } });
};
