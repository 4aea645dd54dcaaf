/** `identity key check`: may this key do that, now? Offline; the key comes from a file or standard input, never from a flag. */
import { checkApiKey, parseApiKey } from '../../identity/api-key.js';
import { apiKeyRecord } from '../../identity/api-keys-projection.js';
import { declaredPermissions } from '../../steps/01-identity.js';
import { digestJson } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { gateTime } from '../status.js';
import { outcome } from '../outcome.js';
import { requiredOption, textOption, type Verb } from '../verb.js';

export const run: Verb = async (session, input) => {
  const { manifest, store, chain, world, flags } = session;
  const permission = requiredOption(input, 'permission', 'agentctl identity key check --permission mail:move --key-file FILE');
  const file = textOption(input, 'keyFile') ?? '/dev/stdin';
  if (file === '/dev/stdin' && flags.passphraseStdin === true) throw new Fault('USAGE', 'standard input cannot hold both the passphrase and the key', { at: '--passphrase-stdin', hint: 'hand the key over with --key-file FILE' });
  const token = (await world.files.readText(file)).trim();
  const keyId = parseApiKey(token)?.keyId;
  const record = apiKeyRecord((await store.projection(chain, 'api-keys')).get(keyId ?? ''));
  const answer = checkApiKey(record, token, { permission, now: await gateTime(session), permissionsDigest: digestJson([...declaredPermissions(manifest)]) });
  return outcome({
    step: 'identity', verb: 'key check', headline: answer.ok ? `yes: the key may ${permission}` : `no: ${answer.because}`,
    facts: keyId === undefined ? [] : [{ label: 'key', value: keyId }],
    data: { ok: answer.ok, because: answer.because, keyId: keyId ?? null, permission },
  }, answer.ok ? EXIT.yes : EXIT.no);
};
