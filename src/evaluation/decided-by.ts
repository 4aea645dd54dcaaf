/** What decides the cases of one data set under an agreement: the label, the scorers that a condition on it names, or both. */
import type { Agreement, OutputRule } from './condition.js';
import type { ScorerSpec } from './scorers/spec.js';

export interface DecidedBy {
  /** Absent where scorers alone decide: then no case needs a reference label. */
  readonly output?: OutputRule;
  readonly scorers: readonly ScorerSpec[];
}

/** @param dataset id */
export function decidedBy({ output, scorers = [], conditions }: Agreement, dataset: string): DecidedBy {
  const here = conditions.filter((one) => one.dataset === dataset);
  const byLabel = here.some(({ scorer }) => scorer === undefined);
  return { ...(output && byLabel && { output }), scorers: scorers.filter(({ id }) => here.some(({ scorer }) => scorer === id)) };
}
