/** Entry type of complaints: somebody was not content with what the agent did. Why is personal, and so in the payload. */
import { object, string } from '../../domain/schema.js';
import { ACTION_ID } from './action.js';

export const complaintTypes = {
  'complaint.received': object(
    { request: string({ description: 'Id of the action, or of the trace or `<trace>/<span>` that telemetry told.', pattern: ACTION_ID }) },
    { description: 'Somebody complained about a request. No verdict on the agent: only a reason to look.' },
  ),
} as const;
