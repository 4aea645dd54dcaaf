/** Quantiles of the answer time, bounded by order statistics. Of a case that was repeated the slowest answer counts. */
import type { Meter } from './meter.js';
import { isScored, type ResultRow } from '../score.js';
import { leastQuantileSamples, quantileRanks } from '../statistics/quantile.js';

/** @param quantile in 0..1 */
export function latencyMeter(quantile: number): Meter {
  const counts = new Map<number, number>();
  let n = 0;
  return {
    add(trials) {
      const times = trials.filter(isScored).map(timeOf);
      if (times.length === 0) return;
      const slowest = Math.max(...times);
      counts.set(slowest, (counts.get(slowest) ?? 0) + 1);
      n += 1;
    },
    measure(confidence) {
      const sorted = [...counts].sort(([a], [b]) => a - b);
      const at = (rank: number | null) => (rank === null ? null : timeText(timeAt(sorted, rank)));
      const { below, above } = quantileRanks(n, quantile, confidence);
      const least = leastQuantileSamples(quantile, confidence);
      return { n, value: n === 0 ? null : at(Math.ceil(quantile * n)), lower: at(below), upper: at(above), made: `${n} answers`, ...(n < least ? { more: least - n } : {}) };
    },
  };
}

/** No answer ever came of a crash: it belongs to the slow end, not outside the count. */
function timeOf(row: ResultRow): number {
  return row.cause === 'agent_crash' ? Infinity : row.milliseconds;
}

function timeAt(sorted: readonly (readonly [time: number, count: number])[], rank: number): number {
  let seen = 0;
  for (const [time, count] of sorted) {
    seen += count;
    if (seen >= rank) return time;
  }
  return Infinity;
}

const timeText = (time: number) => (time === Infinity ? null : String(time));
