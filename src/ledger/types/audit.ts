/** Entry types of step 8: the schema of `data` by type. Checkpoints and exports are in ledger.ts. */
import { integer, object, string } from '../../domain/schema.js';

export const auditTypes = {
  'audit.verified': object(
    {
      size: integer({ description: 'Entries that were rehashed.', minimum: 0 }),
      head: string({ description: 'Hash of the newest of them.', pattern: '^[0-9a-f]{64}$' }),
      checkpoint: integer({ description: 'Size that the newest signed checkpoint covered; 0 for none.', minimum: 0 }),
    },
    { description: 'The whole log was rehashed, and every table compared with it.' },
  ),
} as const;
