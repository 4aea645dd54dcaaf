/** Entry type of waivers: a signed, expiring exception for one probe. The reason is free text and stands in the payload. */
import { STEP_IDS } from '../../domain/step.js';
import { INSTANT } from '../../domain/time.js';
import { object, oneOf, string } from '../../domain/schema.js';
import { digestText, operatorDid } from './action.js';

export const waiverTypes = {
  'waiver.granted': object(
    {
      probe: string({ description: 'Probe that is excepted.', pattern: '^[a-z]+\\.[a-z0-9-]+$', maxLength: 100 }),
      step: oneOf(STEP_IDS, { description: 'Step that it belongs to.' }),
      expiresAt: string({ description: 'End of the exception.', pattern: INSTANT.source }),
      subject: digestText('What was signed: digest of agent, probe, expiry and reason.'),
      act: digestText('Digest of the signed act, stored as a blob.'),
      operator: operatorDid('DID of the human who answers for it.'),
      ceremony: oneOf(['interactive', 'scripted']),
    },
    { description: 'A human accepted for a while that one probe is not met.' },
  ),
} as const;
