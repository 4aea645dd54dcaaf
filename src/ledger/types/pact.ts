/** Entry types of pacts: the schema of `data` by type. */
import { integer, list, nullable, object, oneOf, string } from '../../domain/schema.js';
import { ID } from '../../domain/names.js';

const digest = (description: string) => string({ description, pattern: '^sha256:[0-9a-f]{64}$' });

export const pactTypes = {
  'pact.signed': object(
    {
      document: digest('The pact document: what was promised.'),
      envelope: digest('The signed envelope around the document.'),
      act: digest('Envelope of the human act, over the digest of the document.'),
      operator: string({ description: 'Operator who signed.', pattern: ID }),
      ceremony: oneOf(['interactive', 'scripted'], { description: 'Whether a human or a stand-in signed.' }),
      conditions: integer({ description: 'How many conditions it has.', minimum: 0 }),
      previous: nullable(digest('The document that it replaces.')),
      loosened: list(string({ pattern: '^[ -~]+$', maxLength: 200 }), { description: 'Ids of conditions that promise less than before, or are gone.' }),
    },
    { description: 'An operator signed what the agent promises.' },
  ),
} as const;
