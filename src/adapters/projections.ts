/** The projections that every store keeps: folded from the ledger in the same transaction, rebuilt and compared by `verify`. */
import type { Projection } from '../domain/projection.js';
import { approvalsProjection } from '../enforcement/approvals.js';
import { patternsProjection } from '../enforcement/patterns.js';
import { reservationsProjection } from '../enforcement/reservations.js';
import { suspensionProjection } from '../enforcement/suspension.js';
import { apiKeysProjection } from '../identity/api-keys-projection.js';

export const projections: readonly Projection[] = [apiKeysProjection, reservationsProjection, approvalsProjection, suspensionProjection, patternsProjection];
