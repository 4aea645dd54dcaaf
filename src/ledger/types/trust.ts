/** Entry types of publication and registries: the schema of `data` by type. */
import { integer, object, string } from '../../domain/schema.js';

const digest = (description: string) => string({ description, pattern: '^sha256:[0-9a-f]{64}$' });

export const trustTypes = {
  'trust.carded': object(
    {
      deliverable: digest('The signed agent card.'),
      certificate: digest('The certificate whose status it states.'),
    },
    { description: 'An agent card was signed.' },
  ),
  'trust.published': object(
    {
      files: integer({ description: 'How many files the folder holds.', minimum: 1 }),
      manifest: digest('The signed list of these files.'),
      card: digest('The agent card among them.'),
      certificate: digest('The certificate among them.'),
      history: integer({ description: 'How many certificates, this one included, travel along.', minimum: 1 }),
    },
    { description: 'The folder for publication was written, and walked through as a counterparty would, without a broken link.' },
  ),
} as const;
