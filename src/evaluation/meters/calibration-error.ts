/** Expected calibration error over ten bins of stated confidence. Repeats of a case are no new evidence: the first one counts. */
import { decimal } from '../decimal.js';
import type { Meter } from './meter.js';
import { statedConfidence } from './stated.js';

const BINS = 10;

interface Bin {
  n: number;
  right: number;
  stated: number;
}

export function calibrationErrorMeter(): Meter {
  const bins: readonly Bin[] = Array.from({ length: BINS }, () => ({ n: 0, right: 0, stated: 0 }));
  return {
    add([row]) {
      const stated = row && statedConfidence(row);
      const bin = stated === undefined ? undefined : bins[Math.min(BINS - 1, Math.floor(stated * BINS))];
      if (!row || !bin || stated === undefined) return;
      bin.n += 1;
      bin.right += row.outcome === 'pass' ? 1 : 0;
      bin.stated += stated;
    },
    measure(_confidence) {
      const n = bins.reduce((sum, bin) => sum + bin.n, 0);
      const made = `${n} answers`;
      if (n === 0) return { n, value: null, lower: null, upper: null, made };
      const error = bins.reduce((sum, bin) => sum + Math.abs(bin.right - bin.stated), 0) / n;
      return { n, value: decimal(error), lower: null, upper: null, made };
    },
  };
}
