/** Means over trials, with bounds that count near duplicates and repeats of a case as one piece of evidence. */
import { brierOf } from '../calibration.js';
import type { Condition } from '../condition.js';
import { concerns } from '../concerns.js';
import { decimal, decimalAbove, decimalBelow } from '../decimal.js';
import { GroupedValues } from './grouped-values.js';
import type { Meter } from './meter.js';
import type { ResultRow } from '../score.js';
import { clusteredBounds, clusteredMean, clusteredUnitBounds } from '../statistics/clustered.js';
import { statedConfidence } from './stated.js';

type ValueOf = (row: ResultRow) => number | undefined;

export function meanMeter(condition: Condition): Meter {
  const { valueOf, unit } = measured(condition);
  const values = new GroupedValues();
  return {
    add(trials) {
      for (const row of trials) {
        const value = valueOf(row);
        if (value !== undefined) values.add(row.group, value);
      }
    },
    measure(confidence) {
      const n = values.size;
      const mean = clusteredMean(values.clusters());
      const made = `${n} answers in ${mean ? mean.degrees + 1 : Math.min(n, 1)} groups`;
      if (!mean) return { n, value: null, lower: null, upper: null, made };
      const { low, high } = unit ? clusteredUnitBounds(mean, confidence) : clusteredBounds(mean, confidence);
      return { n, value: decimal(mean.mean), lower: decimalBelow(Math.max(0, low)), upper: decimalAbove(high), made };
    },
  };
}

/** `unit`: whether the values lie in 0..1. */
function measured(condition: Condition): { readonly valueOf: ValueOf; readonly unit: boolean } {
  switch (condition.metric) {
    case 'cost-mean': return { valueOf: ({ usage }) => (usage?.cost ? Number(usage.cost) : undefined), unit: false };
    case 'tokens-mean': return { valueOf: ({ usage }) => usage?.tokens ?? undefined, unit: false };
    case 'score-mean': return { valueOf: (row) => scoreOf(condition, row), unit: true };
    default: return { valueOf: brier, unit: true };
  }
}

/** What a trial adds to the mean of the condition; undefined where it is not in the denominator. */
export function meanValue(condition: Condition, row: ResultRow): number | undefined {
  return measured(condition).valueOf(row);
}

function brier(row: ResultRow): number | undefined {
  const stated = statedConfidence(row);
  return stated === undefined ? undefined : brierOf(stated, row.outcome === 'pass');
}

function scoreOf(condition: Condition, row: ResultRow): number | undefined {
  const found = condition.scorer === undefined || !concerns(condition, row) ? undefined : row.scores[condition.scorer];
  if (found === undefined || (found.is !== 'pass' && found.is !== 'fail')) return undefined;
  // A scorer that only says yes or no gives its mean all the same.
  return found.score === null ? Number(found.is === 'pass') : Number(found.score);
}
