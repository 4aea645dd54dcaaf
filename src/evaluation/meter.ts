/** A meter reads result rows one by one and ends in a value with one-sided bounds; its memory does not grow with the run. */
import { brierBounds, brierOf, ranking, rankingBounds, type ConfidenceLevel } from './calibration.js';
import type { Condition } from './condition.js';
import { decimal, decimalAbove, decimalBelow } from './decimal.js';
import { isAnswered, isScored, type ResultRow } from './score.js';
import type { Cluster } from './statistics/clustered.js';
import { leastCases } from './statistics/least-cases.js';
import { exactBounds } from './statistics/proportion.js';
import { leastQuantileSamples, quantileRanks } from './statistics/quantile.js';

/** What was measured. Bounds hold one at a time; null where the cases do not give one. */
export interface Measurement {
  readonly n: number;
  readonly value: string | null;
  readonly lower: string | null;
  readonly upper: string | null;
  /** What the value is made of, such as `512 of 560`. */
  readonly made: string;
  /** How many further cases without a miss would decide it; absent when that is not computable. */
  readonly more?: number;
}

export interface Meter {
  add(row: ResultRow): void;
  measure(confidence: number): Measurement;
}

/** The meter of a condition's metric. */
export function meterOf(condition: Condition): Meter {
  switch (condition.metric) {
    case 'latency-p95': return latencyMeter();
    case 'confidence-auroc': return rankingMeter();
    case 'brier': return brierMeter();
    default: return proportionMeter(condition);
  }
}

/**
 * Whether the row could count towards the condition, told from the reference alone: errors are counted here, since an
 * error hides what the output would have been.
 */
export function concerns(condition: Condition, row: Pick<ResultRow, 'expected' | 'tags'>): boolean {
  const { metric, label, among } = condition;
  if (metric === 'recall') return row.expected === label;
  if (metric !== 'share') return true;
  return (among?.expected === undefined || row.expected === among.expected) && (among?.tag === undefined || row.tags.includes(among.tag));
}

/** Hit, miss, or undefined where the row is not in the denominator. */
function hit(condition: Condition, row: ResultRow): boolean | undefined {
  if (condition.metric === 'error-share') return row.outcome === 'infrastructure';
  if (!isScored(row) || !concerns(condition, row)) return undefined;
  // A case on which the agent crashed or said nothing usable counts against the condition, whichever side is good.
  const against = condition.operator === '<=';
  switch (condition.metric) {
    case 'accuracy': return isAnswered(row) ? row.outcome === 'pass' : undefined;
    case 'precision': return row.output === condition.label ? row.outcome === 'pass' : undefined;
    case 'recall': return row.output === condition.label;
    case 'share': return row.output === null ? against : (condition.outputs ?? []).includes(row.output);
    case 'abstention': return row.output === null ? against : row.outcome === 'abstain';
    default: return undefined;
  }
}

function proportionMeter(condition: Condition): Meter {
  let hits = 0;
  let n = 0;
  return {
    add(row) {
      const is = hit(condition, row);
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

const P95 = 0.95;

function latencyMeter(): Meter {
  const counts = new Map<number, number>();
  let n = 0;
  return {
    add(row) {
      if (!isScored(row)) return;
      // No answer ever came of a crash: it belongs to the slow end, not outside the count.
      const time = row.cause === 'agent_crash' ? Infinity : row.milliseconds;
      counts.set(time, (counts.get(time) ?? 0) + 1);
      n += 1;
    },
    measure(confidence) {
      const sorted = [...counts].sort(([a], [b]) => a - b);
      const at = (rank: number | null) => (rank === null ? null : timeText(timeAt(sorted, rank)));
      const { below, above } = quantileRanks(n, P95, confidence);
      const least = leastQuantileSamples(P95, confidence);
      return { n, value: n === 0 ? null : at(Math.ceil(P95 * n)), lower: at(below), upper: at(above), made: `${n} answers`, ...(n < least ? { more: least - n } : {}) };
    },
  };
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

/** Fewer right or wrong answers than this rank nothing. */
const LEAST_OF_EACH = 10;

function rankingMeter(): Meter {
  const levels = new Map<number, { right: number; wrong: number }>();
  return {
    add(row) {
      const stated = statedConfidence(row);
      if (stated === undefined) return;
      const level = levels.get(stated) ?? { right: 0, wrong: 0 };
      level[row.outcome === 'pass' ? 'right' : 'wrong'] += 1;
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

function brierMeter(): Meter {
  const clusters = new Map<string, Cluster>();
  let n = 0;
  return {
    add(row) {
      const stated = statedConfidence(row);
      if (stated === undefined) return;
      const { n: size, sum } = clusters.get(row.group) ?? { n: 0, sum: 0 };
      clusters.set(row.group, { n: size + 1, sum: sum + brierOf(stated, row.outcome === 'pass') });
      n += 1;
    },
    measure(confidence) {
      const bounds = brierBounds([...clusters.values()], confidence);
      const made = `${n} answers in ${clusters.size} groups`;
      if (!bounds) return { n, value: null, lower: null, upper: null, made };
      return { n, value: decimal(bounds.mean), lower: decimalBelow(bounds.low), upper: decimalAbove(bounds.high), made };
    },
  };
}

/** Confidence of an answer. One that was not stated counts as the worst possible, or leaving it out would pay. */
function statedConfidence(row: ResultRow): number | undefined {
  if (!isAnswered(row) || row.cause === 'agent_crash') return undefined;
  if (row.confidence === null) return row.outcome === 'pass' ? 0 : 1;
  return Number(row.confidence);
}
