/** Entry types of actions: what was about to run, and what came of it. Arguments, results and reasons are in the payload. */
import { rateOf } from '../../domain/manifest.js';
import { DID_KEY } from '../../domain/names.js';
import { boolean, integer, nullable, object, oneOf, string } from '../../domain/schema.js';

export const ACTION_ID = '^[A-Za-z0-9][A-Za-z0-9._:#/-]{0,127}$';
export const DIGEST = '^sha256:[0-9a-f]{64}$';
export const digestText = (description: string) => string({ description, pattern: DIGEST });
export const operatorDid = (description: string) => string({ description, pattern: DID_KEY });

const action = string({ description: 'Id of the attempt.', pattern: ACTION_ID });
const digest = digestText('Digest of the action, as an approval binds it.');
// The agent may ask for anything, so these are not limited to declared names.
const capability = string({ description: 'Capability that was claimed.', maxLength: 200 });
const tool = string({ description: 'Tool that was asked for.', maxLength: 200 });
const approval = nullable(string({ description: 'Approval that was consumed, or is waited for.' }));
const reservation = nullable(string({ description: 'Reservation that holds the money.' }));
const source = oneOf(['pilot', 'production', 'drill'], { description: 'Where the action came from.' });

export const actionTypes = {
  'action.intent': object({ action, digest, capability, tool, approval, reservation, source, policy: digestText('Version of the policy.') }),
  'action.recorded': object({
    action,
    digest: nullable(digest),
    capability,
    tool,
    decision: oneOf(['permit', 'deny', 'escalate']),
    rule: string({ description: 'Rule that decided, or custom:<id>.', maxLength: 100 }),
    pattern: nullable(digestText('Pattern of the action.')),
    confidence: nullable(rateOf('Confidence that the agent stated.')),
    doubt: boolean({ description: 'Doubt that the agent stated.' }),
    pre: oneOf(['ok', 'failed', 'none'], { description: 'Arguments against the input schema of the tool.' }),
    post: oneOf(['ok', 'failed', 'none'], { description: 'Result against the output schema of the tool.' }),
    outcome: oneOf(['done', 'failed', 'unknown', 'not-run']),
    approval,
    reservation,
    source,
    policy: nullable(digestText('Version of the policy.')),
    milliseconds: integer({ description: 'Run time of the tool.', minimum: 0 }),
  }),
} as const;
