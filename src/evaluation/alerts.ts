/** When a measured run has to wake somebody: a condition beyond its alert threshold, a composite below its own. */
import type { Scores } from './composite.js';
import { scoresOf } from './composite.js';
import { verdictOf, type ConditionResult } from './judge.js';

export interface AlertThresholds {
  /** By condition id; the pact's own threshold where there is none. */
  readonly conditions?: { readonly [id: string]: string };
  readonly composite: string;
}

export interface Breach {
  readonly kind: 'condition' | 'composite';
  /** Null for the composite. */
  readonly condition: string | null;
  readonly value: string;
  readonly threshold: string;
}

export interface Watched {
  readonly breaches: readonly Breach[];
  /** Conditions for which the data set has no case, so that nobody watches them. */
  readonly unmeasured: readonly string[];
  /** Scores over the measured conditions. */
  readonly scores: Scores;
}

/**
 * A condition breaches when its one-sided bound proves it: one look rings falsely with at most the probability that the
 * pact's confidence leaves. The fewest cases that may decide a promise do not hold back an alarm; the bound knows n.
 */
export function watch(results: readonly ConditionResult[], thresholds: AlertThresholds): Watched {
  const measured = results.filter((one) => one.value !== null);
  const breaches: Breach[] = [];
  for (const one of measured) {
    const threshold = thresholds.conditions?.[one.id] ?? one.threshold;
    if (one.value !== null && verdictOf({ operator: one.operator, threshold }, one) === 'not-met') breaches.push({ kind: 'condition', condition: one.id, value: one.value, threshold });
  }
  const scores = scoresOf(measured);
  if (scores.composite !== null && Number(scores.composite) < Number(thresholds.composite)) {
    breaches.push({ kind: 'composite', condition: null, value: scores.composite, threshold: thresholds.composite });
  }
  return { breaches, unmeasured: results.filter((one) => one.value === null).map((one) => one.id), scores };
}
