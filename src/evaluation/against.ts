/** Which result rows count against a condition: the cases that a dispute is about. */
import type { Condition } from './condition.js';
import { concerns } from './concerns.js';
import { wasLost, type ResultRow } from './score.js';

/** Whether the row counts against the condition. For means and rankings every row counts a little: then it is a wrong answer, or one beyond the threshold. */
export function countsAgainst(condition: Condition, row: ResultRow): boolean {
  if (row.dataset !== condition.dataset || !concerns(condition, row)) return false;
  const { metric, operator, outputs = [], label, scorer, threshold } = condition;
  if (metric === 'error-share') return wasLost(row);
  if (row.outcome === 'infrastructure' || row.outcome === 'not-evaluable') return false;
  switch (metric) {
    case 'recall': return row.output !== label;
    case 'precision': return row.output === label && row.outcome !== 'pass';
    case 'f1': return (row.output === label) !== (row.expected === label);
    case 'share': return row.output === null || outputs.includes(row.output) === (operator === '<=');
    case 'abstention': return row.output === null || (row.outcome === 'abstain') === (operator === '<=');
    case 'pass-rate':
    case 'score-mean': return row.scores[scorer ?? '']?.is !== 'pass';
    case 'latency-p50':
    case 'latency-p95':
    case 'latency-p99': return row.cause === 'agent_crash' || row.milliseconds > Number(threshold);
    case 'cost-mean': return Number(row.usage?.cost ?? 0) > Number(threshold);
    case 'tokens-mean': return (row.usage?.tokens ?? 0) > Number(threshold);
    default: return row.outcome === 'fail';
  }
}
