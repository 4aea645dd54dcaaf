/** One count of a condition, for tests of what watches it. */
import type { ConditionCount } from '../../src/evaluation/counts.js';

export function counted(change: Partial<ConditionCount> = {}): ConditionCount {
  return { condition: 'right', dimension: 'accuracy', weight: 3, operator: '>=', threshold: '0.85', measure: 'm', hits: '90', n: 100, ...change };
}
