/** What a scorer is: one question about one answer, which declares what it needs and what it cannot see. */
import type { TargetAnswer } from '../../domain/ports.js';
import type { Case } from '../dataset.js';

/**
 * `unscored`: the scorer declines, such as a judge that failed. `not-evaluable`: the evidence that it needs is absent, such as
 * tool calls that the target does not show. Neither is ever a pass, and neither counts as a failure.
 */
export type Scored = {
  readonly is: 'pass' | 'fail' | 'unscored' | 'not-evaluable';
  /** Decimal in 0..1; null where there is no score. */
  readonly score: string | null;
  /** One line for people, at most 200 printable characters; it may quote the agent. */
  readonly because: string;
};

/** What a scorer reads. */
export const NEEDS = ['output', 'reference', 'tool-calls', 'confidence', 'usage', 'judge', 'command'] as const;
export type Need = (typeof NEEDS)[number];

export interface ScorerCard {
  /** What it decides, in one line. */
  readonly decides: string;
  readonly needs: readonly Need[];
  /** What it cannot see, so that nobody takes a pass for more than it is. */
  readonly blind: string;
  readonly verification: 'deterministic' | 'heuristic' | 'judge';
}

export interface Scorer {
  score(one: Case, answer: TargetAnswer): Scored | Promise<Scored>;
}
