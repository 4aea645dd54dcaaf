/** Entry types of pacts: the schema of `data` by type. */
import { integer, list, nullable, object, oneOf, string } from '../../domain/schema.js';
import { ID } from '../../domain/names.js';

const digest = (description: string) => string({ description, pattern: '^sha256:[0-9a-f]{64}$' });

const decimal = (description: string) => string({ description, pattern: '^\\d{1,15}(\\.\\d{1,6})?$' });

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
  'pact.drafted': object(
    {
      run: nullable(string({ description: 'Run whose rows gave the bounds; null where only cases were counted.', pattern: '^[ -~]+$', maxLength: 80 })),
      dataset: string({ description: 'Data set of these cases.', pattern: ID }),
      datasetDigest: digest('Its bytes.'),
      capability: string({ description: 'Capability.', pattern: ID }),
      confidence: decimal('One-sided confidence of the bounds.'),
      conditions: list(
        object({
          id: string({ description: 'Condition.', pattern: ID }),
          metric: string({ description: 'What is measured.', pattern: ID }),
          operator: oneOf(['>=', '<=']),
          threshold: decimal('Threshold that was proposed.'),
          n: integer({ description: 'Cases in the denominator.', minimum: 0 }),
          value: nullable(decimal('Measured value; null where nothing was measured.')),
          lower: nullable(decimal('One-sided lower bound.')),
          upper: nullable(decimal('One-sided upper bound.')),
        }),
        { description: 'What was proposed, with the numbers that it rests on.', minItems: 1, maxItems: 60 },
      ),
    },
    { description: 'Conditions were drafted from data, for a human to accept.' },
  ),
} as const;
