/** Which cases a condition is about, told before anybody knows what the agent said. */
import type { Condition } from './condition.js';
import type { ResultRow } from './score.js';

/**
 * Whether the case could count towards the condition, told from the reference alone: errors are counted here, since an
 * error hides what the output would have been.
 */
export function concerns(condition: Pick<Condition, 'metric' | 'label' | 'among'>, row: Pick<ResultRow, 'expected' | 'tags'>): boolean {
  const { metric, label, among } = condition;
  if (metric === 'recall') return row.expected === label;
  if (metric !== 'share' && metric !== 'pass-rate' && metric !== 'score-mean') return true;
  return (among?.expected === undefined || row.expected === among.expected) && (among?.tag === undefined || row.tags.includes(among.tag));
}

/** The same where the reference may be missing: such a case could be about any label, but its tags are known. */
export function couldConcern(condition: Pick<Condition, 'metric' | 'label' | 'among'>, row: Pick<ResultRow, 'expected' | 'tags'>): boolean {
  const { metric, label, among } = condition;
  return concerns(condition, row.expected === null ? { ...row, expected: (metric === 'recall' ? label : among?.expected) ?? null } : row);
}
