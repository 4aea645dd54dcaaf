/** Entry types of approvals: asked, granted, refused, used, too late. The full arguments are in the payload of the request. */
import { ROLES } from '../../domain/names.js';
import { INSTANT } from '../../domain/time.js';
import { integer, list, object, oneOf, string } from '../../domain/schema.js';
import { digestText, operatorDid } from './action.js';

/** Why a human refused: a code, since free text may be personal. */
export const REFUSALS = ['wrong', 'unjustified', 'too-risky', 'not-my-call', 'other'] as const;

const id = string({ description: 'Id of the request.', maxLength: 100 });
const action = digestText('Digest of the action that the approval is bound to.');
const vote = {
  id,
  action,
  subject: digestText('What was signed: digest of request id, action and expiry.'),
  operator: operatorDid('DID of the human who decided.'),
  act: digestText('Digest of the signed act, stored as a blob.'),
  ceremony: oneOf(['interactive', 'scripted']),
};

export const escalationTypes = {
  'approval.requested': object({
    id,
    action,
    tool: string({ maxLength: 200 }),
    capability: string({ maxLength: 200 }),
    rule: string({ description: 'Trigger that asked first.', maxLength: 100 }),
    expiresAt: string({ pattern: INSTANT.source }),
    roles: list(oneOf(ROLES), { minItems: 1 }),
    quorum: integer({ minimum: 1, maximum: 3 }),
  }),
  'approval.granted': object(vote),
  'approval.denied': object({ ...vote, reason: oneOf(REFUSALS) }),
  'approval.consumed': object({ id, action }),
  'approval.expired': object({ id, action }),
  // Only a test that passed can be written down.
  'escalation.tested': object(
    {
      trigger: oneOf(['doubt'], { description: 'Trigger that made the action wait.' }),
      beforeApproval: oneOf(['not-moved']),
      afterApproval: oneOf(['moved-once']),
      replay: oneOf(['refused'], { description: 'The same approval a second time.' }),
      changed: oneOf(['refused'], { description: 'Other arguments under the approval.' }),
      forged: oneOf(['refused'], { description: 'An approval without a genuine signature.' }),
      expired: oneOf(['refused'], { description: 'An approval past its time.' }),
      subject: vote.subject,
      act: vote.act,
      operator: operatorDid('DID of the human who approved in the drill.'),
      ceremony: vote.ceremony,
      policy: digestText('Version of the policy.'),
      deliverable: digestText('The document escalation.json.'),
      milliseconds: integer({ description: 'Machine time of the drill.', minimum: 0 }),
    },
    { description: 'The way over a human was rehearsed, and the file system showed that it holds.' },
  ),
} as const;
