/** F1 of one label. It is a rising function of the share of true positives among everything that is or is called the label, and that share is binomial. */
import type { Condition } from '../condition.js';
import { decimal, decimalAbove, decimalBelow } from '../decimal.js';
import type { Meter } from './meter.js';
import { isScored, type ResultRow } from '../score.js';
import { exactBounds } from '../statistics.js';

/** Bounds: F1 = 2J / (1 + J) for J = TP / (TP + FP + FN), with exact bounds of J. A case that was repeated is right only if every repeat was. */
export function f1Meter({ label }: Condition): Meter {
  let right = 0;
  let wrong = 0;
  return {
    add(trials) {
      const found = trials.filter((row) => isScored(row) && (row.expected === label || row.output === label));
      if (found.length === 0) return;
      if (found.every((row) => isTruePositive(row, label))) right += 1;
      else wrong += 1;
    },
    measure(confidence) {
      const n = right + wrong;
      const made = `${right} right of ${n} that are or are called ${label ?? ''}`;
      if (n === 0) return { n, value: null, lower: null, upper: null, made };
      const bounds = exactBounds(right, n, confidence);
      return { n, value: decimal(f1(right / n)), lower: decimalBelow(f1(bounds.low)), upper: decimalAbove(f1(bounds.high)), made };
    },
  };
}

function isTruePositive(row: ResultRow, label: string | undefined): boolean {
  return row.expected === label && row.output === label;
}

const f1 = (jaccard: number) => (2 * jaccard) / (1 + jaccard);
