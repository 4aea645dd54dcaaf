/** Shares of cases, with exact bounds. A case that was repeated counts once: as good only if all its repeats were. */
import type { Condition } from '../condition.js';
import { concerns } from '../concerns.js';
import { decimal, decimalAbove, decimalBelow } from '../decimal.js';
import type { Meter } from './meter.js';
import { isRightOrWrong, isScored, wasLost, type ResultRow } from '../score.js';
import { leastCases } from '../statistics/least-cases.js';
import { exactBounds } from '../statistics/proportion.js';

export function proportionMeter(condition: Condition): Meter {
  let hits = 0;
  let n = 0;
  return {
    add(trials) {
      const is = foldedHit(condition, trials);
      if (is === undefined) return;
      n += 1;
      if (is) hits += 1;
    },
    measure(confidence) {
      const made = `${hits} of ${n}`;
      if (n === 0) return { n, value: null, lower: null, upper: null, made };
      const bounds = exactBounds(hits, n, confidence);
      const threshold = Number(condition.threshold);
      const [goal, misses] = condition.operator === '>=' ? [threshold, n - hits] : [1 - threshold, hits];
      const needed = leastCases(goal, confidence, misses);
      return { n, value: decimal(hits / n), lower: decimalBelow(bounds.low), upper: decimalAbove(bounds.high), made, ...(needed > n && needed < Infinity ? { more: needed - n } : {}) };
    },
  };
}

/** Whether the case counts as a hit, by the worst of its repeats: every one must be good, and one bad one is enough. Undefined where it is not in the denominator. */
export function foldedHit(condition: Condition, trials: readonly ResultRow[]): boolean | undefined {
  const [first] = trials;
  if (trials.length === 1 && first) return hit(condition, first);
  const found = trials.map((row) => hit(condition, row)).filter((is) => is !== undefined);
  if (found.length === 0) return undefined;
  return condition.operator === '>=' ? found.every((is) => is) : found.some((is) => is);
}

/** Hit, miss, or undefined where the row is not in the denominator. */
function hit(condition: Condition, row: ResultRow): boolean | undefined {
  if (condition.metric === 'error-share') return wasLost(row);
  if (condition.metric === 'pass-rate') return passed(condition, row);
  if (!isScored(row) || !concerns(condition, row)) return undefined;
  // A case on which the agent crashed or said nothing usable counts against the condition, whichever side is good.
  const against = condition.operator === '<=';
  switch (condition.metric) {
    case 'accuracy': return isRightOrWrong(row) ? row.outcome === 'pass' : undefined;
    case 'precision': return row.output === condition.label ? row.outcome === 'pass' : undefined;
    case 'recall': return row.output === condition.label;
    case 'share': return row.output === null ? against : (condition.outputs ?? []).includes(row.output);
    case 'abstention': return row.output === null ? against : row.outcome === 'abstain';
    default: return undefined;
  }
}

/** Only what the scorer decided is in the denominator. */
function passed(condition: Condition, row: ResultRow): boolean | undefined {
  const is = condition.scorer === undefined || !concerns(condition, row) ? undefined : row.scores[condition.scorer]?.is;
  return is === 'pass' ? true : is === 'fail' ? false : undefined;
}
