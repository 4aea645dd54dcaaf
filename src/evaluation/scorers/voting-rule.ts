/** How the votes on one answer are put together: on which scale, and from where on it passes. */
import { passesOf, scaleOf } from './judge.js';
import type { ScorerSpec } from './spec.js';
import { COMPARISONS, type VotingRule } from './votes.js';

/** @param spec of kind judge or jury */
export function ruleOf(spec: ScorerSpec): VotingRule {
  if (spec.pairwise === true) return { scale: COMPARISONS, passes: ['win'] };
  return { scale: scaleOf(spec), passes: passesOf(spec), ...(spec.threshold === undefined ? {} : { threshold: spec.threshold }) };
}
