/** What a scorer misses in a case, told before the agent is asked: without it, nothing the agent says could pass or fail. */
import type { TargetAnswer } from '../../domain/ports.js';
import type { Case } from '../dataset.js';
import { SCORERS } from './index.js';
import { complaintsAboutScorer } from './lint.js';
import { referenceOf } from './reading.js';
import type { ScorerSpec } from './spec.js';

/** Shows everything that an answer can show, so that what cannot be told of it is the fault of the case. */
const SHOWN: TargetAnswer = { outcome: 'answer', output: '', confidence: null, doubt: false, reason: null, toolCalls: [], traced: true, milliseconds: 0 };

/** @returns why the scorer can decide nothing about the case, or undefined where it can, or where only the project's own code knows */
export function lackingFor(spec: ScorerSpec): (one: Case) => string | undefined {
  if (complaintsAboutScorer(spec).length > 0) return () => undefined;
  const score = SCORERS[spec.kind].make?.(spec);
  if (score !== undefined) return (one) => {
    const { is, because } = score(one, SHOWN);
    return is === 'not-evaluable' ? because : undefined;
  };
  return (one) => (spec.pairwise === true && referenceOf(spec, one) === undefined ? 'the case has no reference to compare with' : undefined);
}
