/** `identity key issue`: a key scoped to exactly the declared permissions. The ledger keeps its hash, the file the key, and only once. */
import { readable } from '../../domain/time.js';
import { recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { proposedNext } from '../proposed.js';
import { textOption, type Verb } from '../verb.js';
import { writeNewKey } from './new-key.js';

export const run: Verb = async (session, input) => {
  const { key, scopes, expiresAt, file, draft } = await writeNewKey(session, textOption(input, 'out'));
  await recordEvidence(session, 'identity', draft);
  return outcome({
    step: 'identity', verb: 'key issue', headline: `key ${key.keyId} issued`,
    facts: [
      { label: 'may', value: scopes.join(', ') },
      { label: 'until', value: readable(expiresAt) },
      { label: 'written to', value: `${file} (mode 0600; not kept anywhere else)` },
    ],
    next: await proposedNext(session),
    data: { keyId: key.keyId, prefix: key.prefix, scopes: [...scopes], expiresAt, file },
  });
};
