/** F1 of one label. A case that was repeated is right only if every repeat was. */
import type { Condition } from '../condition.js';
import { decimal, decimalAbove, decimalBelow } from '../decimal.js';
import { isScored, type ResultRow } from '../score.js';
import { f1Bounds, f1Of } from '../statistics/f1.js';
import type { Meter } from './meter.js';

export function f1Meter({ label }: Condition): Meter {
  let [truePositives, falsePositives, falseNegatives] = [0, 0, 0];
  return {
    add(trials) {
      const found = trials.filter((row) => isScored(row) && (row.expected === label || row.output === label));
      if (found.length === 0) return;
      if (found.every((row) => isTruePositive(row, label))) truePositives += 1;
      else if (found[0]?.expected === label) falseNegatives += 1;
      else falsePositives += 1;
    },
    measure(confidence) {
      const counts = { truePositives, falsePositives, falseNegatives };
      const n = truePositives + falsePositives + falseNegatives;
      const made = `${truePositives} right of ${n} that are or are called ${label ?? ''}`;
      const value = f1Of(counts);
      if (value === undefined) return { n, value: null, lower: null, upper: null, made };
      const bounds = f1Bounds(counts, confidence);
      return { n, value: decimal(value), lower: decimalBelow(bounds.low), upper: decimalAbove(bounds.high), made };
    },
  };
}

function isTruePositive(row: ResultRow, label: string | undefined): boolean {
  return row.expected === label && row.output === label;
}
