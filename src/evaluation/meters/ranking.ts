/** Whether confidence ranks right answers above wrong ones. Repeats of a case are no new evidence: the first one counts. */
import { ranking, rankingBounds, type ConfidenceLevel } from '../calibration.js';
import { decimal, decimalAbove, decimalBelow } from '../decimal.js';
import type { Meter } from './meter.js';
import { statedConfidence } from './stated.js';

/** Fewer right or wrong answers than this rank nothing. */
const LEAST_OF_EACH = 10;

export function rankingMeter(): Meter {
  const levels = new Map<number, { right: number; wrong: number }>();
  return {
    add([row]) {
      const stated = row && statedConfidence(row);
      if (stated === undefined) return;
      const level = levels.get(stated) ?? { right: 0, wrong: 0 };
      level[row?.outcome === 'pass' ? 'right' : 'wrong'] += 1;
      levels.set(stated, level);
    },
    measure(confidence) {
      const list: readonly ConfidenceLevel[] = [...levels].map(([stated, level]) => ({ confidence: stated, ...level }));
      const right = list.reduce((sum, level) => sum + level.right, 0);
      const wrong = list.reduce((sum, level) => sum + level.wrong, 0);
      const n = right + wrong;
      const made = `${right} right and ${wrong} wrong answers`;
      const ranked = ranking(list);
      if (!ranked) return { n, value: null, lower: null, upper: null, made };
      const value = decimal(ranked.auroc);
      if (Math.min(right, wrong) < LEAST_OF_EACH) return { n, value, lower: null, upper: null, made: `${made}, ${LEAST_OF_EACH} of each are needed` };
      const bounds = rankingBounds(ranked, confidence);
      return { n, value, lower: decimalBelow(bounds.low), upper: decimalAbove(bounds.high), made };
    },
  };
}
