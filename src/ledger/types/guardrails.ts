/** Entry types of limits and reservations: the schema of `data` by type. */
import { boolean, integer, list, nullable, object, oneOf, string } from '../../domain/schema.js';
import { amountOf, durationOf } from '../../domain/manifest.js';

const id = string({ maxLength: 200 });
/** Minor units as a decimal string: exact at any size. */
const minor = string({ pattern: '^\\d{1,40}$' });
const digest = string({ pattern: '^sha256:[0-9a-f]{64}$' });
const instant = string({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });

const count = (description: string) => integer({ description, minimum: 0 });
const currency = string({ description: 'Currency of the limits.', maxLength: 20 });
const policy = string({ description: 'Version of the policy that was measured.', pattern: digest.pattern as string });

export const guardrailsTypes = {
  'guardrails.checked': object(
    {
      financialAuthority: list(string({ maxLength: 300 }), { description: 'Why the agent can move money, from the manifest; empty when it cannot.' }),
      executed: count('Calls that this build started.'),
      executedUndeclared: count('Those of them whose tool is not declared.'),
      deniedUndeclared: count('Undeclared calls that were denied.'),
      ofUndeclared: count('Undeclared calls that were tried.'),
      deniedAmounts: count('Calls with an unreadable or excessive amount that were denied.'),
      ofAmounts: count('Such calls that were tried.'),
      deniedSuspended: count('Declared calls that were denied while suspended.'),
      ofSuspended: count('Such calls that were tried.'),
      worstLoss: amountOf('Most that can be lost until somebody notices.'),
      currency,
      detectionDelay: durationOf('Longest time until somebody notices.', 'P1D'),
      policy,
      network: oneOf(['not restricted'], { description: 'What holds the agent process back from other ways to the outside.' }),
      deliverable: digest,
    },
    { description: 'Limits measured at the decision function.' },
  ),
  'guardrails.simulated': object(
    {
      money: boolean({ description: 'Whether the agent has financial authority.' }),
      replayed: oneOf(['recorded', 'synthetic'], { description: 'Which actions were decided again.' }),
      actions: count('How many.'),
      permitted: count('Permitted.'),
      escalated: count('Left to a human.'),
      denied: count('Denied.'),
      attempts: count('Payments that raced; 0 without money.'),
      granted: nullable(minor),
      limit: nullable(minor),
      connections: count('Connections to the scratch ledger.'),
      currency,
      policy,
    },
    { description: 'The policy tried out; for an agent with money, its limits under a race.' },
  ),
  'reservation.made': object({ id, amount: minor, currency: string({ maxLength: 20 }), action: digest, expiresAt: instant }),
  'reservation.posted': object({ id, actual: minor, breach: boolean() }),
  'reservation.voided': object({ id, reason: string({ maxLength: 200 }) }),
  'reservation.expired': object({ id }),
} as const;
