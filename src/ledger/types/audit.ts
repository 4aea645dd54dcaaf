/** Entry types of step 8: the schema of `data` by type. Checkpoints and exports are in ledger.ts. */
import { integer, list, object, oneOf, optional, string } from '../../domain/schema.js';
import { ANCHOR_KINDS } from '../anchors.js';
import { digestText, operatorDid } from './action.js';

/** Why a payload may be erased. Anything to be told beside it is free text, and so a payload itself. */
export const ERASURE_REASONS = ['subject-request', 'retention', 'court-order', 'mistake'] as const;

const anchor = {
  kind: oneOf(ANCHOR_KINDS, { description: 'What kind of place outside the store it is.' }),
  where: string({ description: 'Name of the witness; for a file or a repository the digest of its path as it was written down.', pattern: '^[!-~]+$', maxLength: 300 }),
};
const size = (description: string) => integer({ description, minimum: 0 });

export const auditTypes = {
  'audit.verified': object(
    {
      size: integer({ description: 'Entries that were rehashed.', minimum: 0 }),
      head: string({ description: 'Hash of the newest of them.', pattern: '^[0-9a-f]{64}$' }),
      checkpoint: integer({ description: 'Size that the newest signed checkpoint covered; 0 for none.', minimum: 0 }),
      anchors: optional(list(object({ ...anchor, size: size('Entries that it had seen.') }), { description: 'Places outside the store that it was compared with, and that agree.', maxItems: 50 })),
      payloads: optional(integer({ description: 'Payloads that were decrypted and compared with their commitments.', minimum: 0 })),
    },
    { description: 'The whole log was rehashed, and every table compared with it.' },
  ),
  'audit.anchored': object(
    {
      ...anchor,
      size: size('Entries that the published checkpoint covers.'),
      root: string({ description: 'Merkle root over them.', pattern: '^[0-9a-f]{64}$' }),
      key: optional(string({ description: 'Verifier key of the witness, whose signature is kept with the checkpoint.', maxLength: 500 })),
    },
    { description: 'A signed checkpoint was published to a place outside the store.' },
  ),
  'payload.erased': object(
    {
      seq: integer({ description: 'Entry whose payload is erased.', minimum: 0 }),
      commit: string({ description: 'Its commitment, which stays in the chain.', pattern: '^[0-9a-f]{64}$' }),
      reason: oneOf(ERASURE_REASONS),
      subject: digestText('What was signed: digest of agent, entry, commitment and reason.'),
      act: digestText('Digest of the signed act, stored as a blob.'),
      operator: operatorDid('DID of the human who answers for it.'),
      ceremony: oneOf(['interactive', 'scripted']),
    },
    { description: 'A human had a payload destroyed for good; its entry stays.' },
  ),
} as const;
