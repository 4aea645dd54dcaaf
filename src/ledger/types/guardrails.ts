/** Entry types of limits and reservations: the schema of `data` by type. */
import { boolean, object, string } from '../../domain/schema.js';

const id = string({ maxLength: 200 });
/** Minor units as a decimal string: exact at any size. */
const minor = string({ pattern: '^\\d{1,40}$' });
const digest = string({ pattern: '^sha256:[0-9a-f]{64}$' });
const instant = string({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' });

export const guardrailsTypes = {
  'reservation.made': object({ id, amount: minor, currency: string({ maxLength: 20 }), action: digest, expiresAt: instant }),
  'reservation.posted': object({ id, actual: minor, breach: boolean() }),
  'reservation.voided': object({ id, reason: string({ maxLength: 200 }) }),
  'reservation.expired': object({ id }),
} as const;
