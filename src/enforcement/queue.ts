/** The queue of approvals in figures (row 6.9): an escalation that nobody reads in time is a denial with extra steps. */
import { statusAt, type Approval } from './approvals.js';
import { millisecondsOf, type Instant } from '../domain/time.js';

export interface QueueFigures {
  readonly pending: number;
  /** Age of the oldest open request, in milliseconds; null when none is open. */
  readonly oldest: number | null;
  readonly granted: number;
  readonly denied: number;
  /** Ran out of time before anybody decided. */
  readonly expired: number;
  /** From request to decision, in milliseconds, over requests that a human decided; null when there are none. */
  readonly median: number | null;
  readonly p95: number | null;
}

export function queueFigures(approvals: Iterable<Approval>, now: Instant): QueueFigures {
  const all = [...approvals].map((approval) => ({ ...approval, status: statusAt(approval, now) }));
  const count = (...statuses: readonly string[]) => all.filter(({ status }) => statuses.includes(status)).length;
  const waits = all
    .filter(({ status, decidedAt }) => decidedAt !== null && status !== 'expired')
    .map(({ requestedAt, decidedAt }) => millisecondsOf(decidedAt ?? requestedAt) - millisecondsOf(requestedAt))
    .sort((a, b) => a - b);
  const oldest = all.filter(({ status }) => status === 'pending').map(({ requestedAt }) => millisecondsOf(now) - millisecondsOf(requestedAt));
  return {
    pending: count('pending'),
    oldest: oldest.length === 0 ? null : Math.max(...oldest),
    granted: count('granted', 'consumed'),
    denied: count('denied'),
    expired: count('expired'),
    median: quantile(waits, 0.5),
    p95: quantile(waits, 0.95),
  };
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
