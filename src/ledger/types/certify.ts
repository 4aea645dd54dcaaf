/** Entry types of certification runs, sign-offs and certificates: the schema of `data` by type. */
import { integer, nullable, object, oneOf, optional, string } from '../../domain/schema.js';
import { ID } from '../../domain/names.js';

const digest = (description: string) => string({ description, pattern: '^sha256:[0-9a-f]{64}$' });
const instant = (description: string) => string({ description, pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });
const run = string({ description: 'Id of the evaluation run.', pattern: '^[ -~]+$', maxLength: 80 });
const ceremony = oneOf(['interactive', 'scripted'], { description: 'Whether a human or a stand-in signed.' });

export const REVOCATIONS = ['key-compromise', 'build-withdrawn', 'evidence-false', 'agent-retired', 'superseded'] as const;

export const certifyTypes = {
  'certificate.measured': object(
    {
      run,
      deliverable: digest('The report of the run.'),
      pact: digest('The signed pact document that it was judged by.'),
      verdict: oneOf(['met', 'not-met', 'insufficient'], { description: 'met: every condition of the pact is.' }),
      conditions: integer({ description: 'How many conditions were judged.', minimum: 0 }),
      cases: integer({ description: 'How many cases were asked.', minimum: 0 }),
    },
    { description: 'All conditions were measured afresh, on this very build.' },
  ),
  'certificate.signedoff': object(
    {
      subject: digest('The candidate: build, pact and policy sections.'),
      act: digest('Envelope of the human act, over the candidate.'),
      operator: string({ description: 'Operator who signed.', pattern: ID }),
      ceremony,
      run,
    },
    { description: 'An operator answers for the candidate.' },
  ),
  'certificate.issued': object(
    {
      deliverable: digest('The envelope, as the bytes of certificate.dsse.json.'),
      certificate: digest('The signed statement: the name under which verifiers know the certificate.'),
      candidate: digest('What was signed off.'),
      build: digest('The certified build.'),
      run,
      previous: nullable(digest('The certificate that this one renews.')),
      validUntil: instant('End of validity.'),
      signOffs: integer({ description: 'How many operators signed off.', minimum: 1 }),
      ceremony,
      credential: optional(digest('The same as a verifiable credential, as the bytes of certificate.vc.json.')),
      summary: optional(digest('The simple verification result, as the bytes of certificate.svr.dsse.json.')),
      statusList: optional(string({ description: 'Address of the status list that tells whether it was revoked.', pattern: '^https://[ -~]+$' })),
      statusIndex: optional(integer({ description: 'Its place in that list, drawn at random and never used again.', minimum: 0 })),
    },
    { description: 'The organisation issued a certificate, which was verified before it was handed out.' },
  ),
  'certificate.revoked': object(
    {
      certificate: digest('The signed statement of the certificate that no longer counts.'),
      cause: oneOf(REVOCATIONS, { description: 'Why, in a word; the reason in words is in the payload.' }),
      statusIndex: nullable(integer({ description: 'Its place in the status list; null when it has none.', minimum: 0 })),
    },
    { description: 'A certificate was revoked, before its end.' },
  ),
} as const;
