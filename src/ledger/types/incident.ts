/** Entry types of incidents that enforcement reads: opened, lifted, closed. */
import { boolean, object, oneOf, string } from '../../domain/schema.js';
import { digestText } from './action.js';

const incident = string({ description: 'Id of the incident.', maxLength: 100 });

export const incidentTypes = {
  'incident.opened': object({
    incident,
    severity: oneOf(['critical', 'major', 'minor']),
    trigger: string({ description: 'What was noticed, as a code.', maxLength: 200 }),
    action: oneOf(['rollback', 'suspend', 'investigate'], { description: 'Immediate action; rollback and suspend stop the agent until lifted.' }),
    drill: boolean(),
  }),
  'incident.lifted': object({ incident }),
  'incident.closed': object({
    incident,
    act: digestText('Digest of the signed act, stored as a blob.'),
    operator: string({ description: 'Operator who closed it.' }),
    ceremony: oneOf(['interactive', 'scripted']),
  }),
} as const;
