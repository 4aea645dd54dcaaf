/** Entry types of incidents: opened, lifted, closed (enforcement reads these), scope, notices, drills and tabletops. */
import { INSTANT } from '../../domain/time.js';
import { boolean, integer, nullable, object, oneOf, optional, string } from '../../domain/schema.js';
import { digestText } from './action.js';

const incident = string({ description: 'Id of the incident.', maxLength: 100 });
const count = (description: string) => integer({ description, minimum: 0 });
const milliseconds = integer({ minimum: 0 });
const instant = (description: string) => string({ description, pattern: INSTANT.source });
const act = {
  subject: digestText('What was signed.'),
  act: digestText('Digest of the signed act, stored as a blob.'),
  operator: string({ description: 'Operator who signed.', maxLength: 100 }),
  ceremony: oneOf(['interactive', 'scripted']),
};

export const SEVERITIES = ['sev1', 'sev2', 'sev3'] as const;
export const ACTIONS = ['rollback', 'suspend', 'investigate'] as const;

export const incidentTypes = {
  'incident.opened': object({
    incident,
    severity: oneOf(SEVERITIES, { description: 'sev1 is the worst.' }),
    trigger: string({ description: 'What was noticed, as a code.', maxLength: 200 }),
    action: oneOf(ACTIONS, { description: 'Immediate action; rollback and suspend stop the agent until lifted.' }),
    drill: boolean(),
  }),
  'incident.lifted': object({ incident }),
  'incident.closed': object({ incident, reviewDue: instant('A review has to be decided by then.'), ...act }),
  'incident.scoped': object(
    {
      incident,
      since: nullable(instant('Actions from this time on; null for no limit.')),
      build: nullable(digestText('Only actions of this build; null for any.')),
      affected: count('Actions that were recorded.'),
      executed: count('Of them, actions whose tool was started.'),
      first: nullable(integer({ description: 'Place of the first of them in the ledger.', minimum: 0 })),
      last: nullable(integer({ description: 'Place of the last of them.', minimum: 0 })),
    },
    { description: 'The log was searched backwards for what the incident touched.' },
  ),
  'incident.notified': object(
    {
      incident,
      notices: count('Notices that were rendered.'),
      delivered: count('Of them, notices that arrived: read back from a file, or answered with 2xx.'),
    },
    { description: 'Notices were rendered from the facts and sent to the contacts.' },
  ),
  'incident.drilled': object(
    {
      incident,
      milliseconds: object(
        { detect: milliseconds, suspend: milliseconds, notify: milliseconds, scope: milliseconds, lift: milliseconds },
        { description: 'Machine time, without a human.' },
      ),
      before: oneOf(['permit', 'escalate'], { description: 'What was decided about the action before the suspension.' }),
      tried: optional(oneOf(['recorded', 'made up', 'drill tool'], { description: 'Where the action came from: the record, a declared tool with made-up arguments, or the tool of the drill.' })),
      deniedWhileSuspended: oneOf(['yes'], { description: 'The gateway refused the same action, because of the suspension.' }),
      lifted: oneOf(['yes'], { description: 'After lifting, the decision was as before.' }),
      notices: integer({ description: 'Notices that were rendered; a drill sends none.', minimum: 1 }),
      templates: integer({ description: 'Templates that they were rendered from.', minimum: 1 }),
      affected: count('Actions that the backward audit counted.'),
      deliverable: digestText('The procedure that was rehearsed.'),
    },
    { description: 'The procedure was rehearsed and timed, against the real decision function.' },
  ),
  'incident.tabletop': object(
    { participants: integer({ description: 'How many took part; names and scenario are in the payload.', minimum: 1 }), ...act },
    { description: 'People talked an incident through; one of them signed that it took place.' },
  ),
} as const;
