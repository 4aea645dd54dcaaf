/** Why a condition is not met, in one line: value, the bound that decides, and what it must be. */
import type { ConditionResult } from './judge.js';

/** Such as `late-notes not met: value 0.03, upper bound 0.0506 must be <= 0.05`. */
export function unmetLine({ id, verdict, operator, threshold, value, lower, upper, because }: Omit<ConditionResult, 'statement'>): string {
  const [name, bound] = operator === '>=' ? ['lower', lower] : ['upper', upper];
  const line = `${id} ${verdict === 'not-met' ? 'not met' : 'has insufficient evidence'}: value ${value ?? '-'}, ${name} bound ${bound ?? '-'} must be ${operator} ${threshold}`;
  if (verdict === 'not-met') return line;
  // Either too few fit cases, which no bound tells, or how many more would decide.
  const more = because.includes(' bound ') ? because.split('; ').slice(1).join('; ') : because;
  return more === '' ? line : `${line} (${more})`;
}
