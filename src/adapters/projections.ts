/** The projections that every store keeps: folded from the ledger in the same transaction, rebuilt and compared by `verify`. */
import type { Projection } from '../domain/projection.js';
import { enforcementProjections } from '../enforcement/projections.js';
import { apiKeysProjection } from '../identity/api-keys-projection.js';
import { complaintsProjection } from '../ledger/complaints-projection.js';
import { observedProjection } from '../ledger/observed-projection.js';

export const projections: readonly Projection[] = [apiKeysProjection, observedProjection, complaintsProjection, ...enforcementProjections];
