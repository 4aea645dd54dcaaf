/** Entry types of reviews: what was looked at, and what was decided. */
import { ID } from '../../domain/names.js';
import { INSTANT } from '../../domain/time.js';
import { integer, nullable, object, oneOf, string } from '../../domain/schema.js';
import { digestText } from './action.js';

const count = (description: string) => integer({ description, minimum: 0 });
const instant = (description: string) => string({ description, pattern: INSTANT.source });

export const DECISIONS = ['promote', 'hold', 'demote', 'retire'] as const;

export const reviewTypes = {
  'review.run': object(
    {
      kind: oneOf(['launch-readiness', 'periodic'], { description: 'The first review looks at everything so far.' }),
      from: instant('Begin of the window.'),
      to: instant('End of the window.'),
      actions: count('Actions in the window, drills left out.'),
      escalations: count('Actions that were put before a human.'),
      denials: count('Actions that were refused.'),
      nearMisses: count('Actions listed as near-misses or of low confidence.'),
      alerts: count('Alerts.'),
      incidents: count('Incidents, drills left out.'),
      waivers: count('Waivers granted.'),
      evaluations: count('Evaluation runs that finished.'),
      ratings: nullable(count('Ratings by counterparties; null when none were imported.')),
      deliverable: digestText('The review data, as artifacts/review.json.'),
      html: digestText('The page that was made from it.'),
    },
    { description: 'A review was put together from the ledger.' },
  ),
  'review.decided': object(
    {
      deliverable: digestText('The review that was decided on.'),
      decision: oneOf(DECISIONS, { description: 'What becomes of the agent.' }),
      actions: count('Actions that were agreed; their texts are in the payload.'),
      due: instant('The next review is due by then.'),
      subject: digestText('What was signed: digest of review, decision and actions.'),
      act: digestText('Digest of the signed act, stored as a blob.'),
      operator: string({ description: 'Operator who decided.', pattern: ID }),
      ceremony: oneOf(['interactive', 'scripted']),
    },
    { description: 'A human decided on a review.' },
  ),
} as const;
