/** A condition in plain words made from its data: the suggestion that lint offers, so every promise can be measurable. */
import type { Condition } from './condition.js';
import { percent } from './decimal.js';

/** The condition as one sentence that names its number. */
export function wording(condition: Condition): string {
  const side = condition.operator === '>=' ? 'at least' : 'at most';
  const rate = `${side} ${percent(condition.threshold)}`;
  const label = `"${condition.label ?? '…'}"`;
  switch (condition.metric) {
    case 'accuracy': return `${rate} of answered cases are right`;
    case 'precision': return `${rate} of the answers ${label} are right`;
    case 'recall': return `${rate} of the cases that deserve ${label} get it`;
    case 'f1': return `the F1 score of ${label} is ${side} ${condition.threshold}`;
    case 'pass-rate': return `${rate} of the cases pass ${condition.scorer ?? '…'}`;
    case 'score-mean': return `the mean score of ${condition.scorer ?? '…'} is ${side} ${condition.threshold}`;
    case 'share': return `${rate} of ${chosen(condition)} end in ${(condition.outputs ?? ['…']).map((one) => `"${one}"`).join(' or ')}`;
    case 'abstention': return `the agent asks a human in ${rate} of the cases`;
    case 'latency-p50': return `50 % of answers arrive within ${condition.threshold} ms`;
    case 'latency-p99': return `99 % of answers arrive within ${condition.threshold} ms`;
    case 'cost-mean': return `an answer costs ${side} ${condition.threshold} on average`;
    case 'tokens-mean': return `an answer takes ${side} ${condition.threshold} tokens on average`;
    case 'latency-p95': return `95 % of answers arrive within ${condition.threshold} ms`;
    case 'confidence-auroc': return `confidence ranks a right answer above a wrong one with probability ${side} ${condition.threshold}`;
    case 'brier': return `the Brier score of the stated confidence is ${side} ${condition.threshold}`;
    case 'ece': return `the expected calibration error of the stated confidence is ${side} ${condition.threshold}`;
    case 'error-share': return `${rate} of the cases are lost to infrastructure errors`;
  }
}

function chosen({ among }: Condition): string {
  const parts = ['the cases'];
  if (among?.expected !== undefined) parts.push(`that deserve "${among.expected}"`);
  if (among?.tag !== undefined) parts.push(`tagged "${among.tag}"`);
  return parts.join(' ');
}
