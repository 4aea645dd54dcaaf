/** How far stated confidence lies from the share that is right, with bounds over groups. Repeats of a case are no new evidence: the first one counts. */
import { decimal, decimalAbove, decimalBelow } from '../decimal.js';
import { calibrationError, EMPTY_CALIBRATION_GROUP, eceBounds, withAnswer, type CalibrationGroup } from '../statistics/calibration-error.js';
import type { Meter } from './meter.js';
import { statedConfidence } from './stated.js';

export function calibrationErrorMeter(): Meter {
  const groups = new Map<string, CalibrationGroup>();
  let n = 0;
  return {
    add([row]) {
      const stated = row && statedConfidence(row);
      if (!row || stated === undefined) return;
      groups.set(row.group, withAnswer(groups.get(row.group) ?? EMPTY_CALIBRATION_GROUP, stated, row.outcome === 'pass'));
      n += 1;
    },
    measure(confidence) {
      const made = `${n} answers in ${groups.size} groups`;
      const all = [...groups.values()];
      const error = calibrationError(all);
      if (error === undefined) return { n, value: null, lower: null, upper: null, made };
      const bounds = eceBounds(all, confidence);
      return { n, value: decimal(error), lower: bounds ? decimalBelow(bounds.low) : null, upper: bounds ? decimalAbove(bounds.high) : null, made };
    },
  };
}
