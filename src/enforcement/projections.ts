/** Every projection that enforcement relies on. A store that lacks one of them would see nothing where there is something. */
import type { Projection } from '../domain/projection.js';
import { actionsProjection, startsProjection } from './activity.js';
import { approvalByActionProjection, approvalsProjection } from './approvals.js';
import { patternsProjection } from './patterns.js';
import { reservationsProjection } from './reservations.js';
import { suspensionProjection } from './suspension.js';

export const enforcementProjections: readonly Projection[] = [
  reservationsProjection, approvalsProjection, approvalByActionProjection, actionsProjection, startsProjection, patternsProjection, suspensionProjection,
];
