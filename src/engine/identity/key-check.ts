/** `identity key check`: may this key do that, now? Offline; the key comes from a file or standard input, never from a flag. */
import { EXIT } from '../../domain/fault.js';
import { record } from '../session.js';
import { outcome } from '../outcome.js';
import { requiredOption, textOption, type Verb } from '../verb.js';
import { standardInput } from '../standard-input.js';
import { decideKey } from './key-decision.js';

export const run: Verb = async (session, input) => {
  const permission = requiredOption(input, 'permission', 'agentctl identity key check --permission mail:move --key-file FILE');
  const file = textOption(input, 'keyFile') ?? standardInput(session.flags, 'the key', 'hand the key over with --key-file FILE');
  const token = (await session.world.files.readText(file)).trim();
  const { keyId, known, missing, ok, because } = await decideKey(session, token, permission);
  // A key that nobody issued has no record to write to; and whoever guesses must not fill the ledger.
  if (input.options['record'] === true && known && keyId !== null) await record(session, { type: 'key.used', data: { keyId, permission, ok } });
  return outcome({
    step: 'identity', verb: 'key check', headline: ok ? `yes: the key may ${permission}` : `no: ${because}`,
    facts: keyId === null ? [] : [{ label: 'key', value: keyId }],
    data: { ok, because, keyId, permission, ...(missing === undefined ? {} : { missing }) },
  }, ok ? EXIT.yes : EXIT.no);
};
