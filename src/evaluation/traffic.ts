/** Scores sampled traffic by the conditions that need no reference: nobody says what would have been right, yet some promises show. */
import type { Condition, Pacts } from './condition.js';
import { isLatency } from './counts.js';
import { decimal, decimalAbove, decimalBelow } from './decimal.js';
import { weightedShare, type Sampling, type Stratum } from './sampling.js';
import { exactBounds } from './statistics/proportion.js';

/** What the record knows of one request of the traffic. A type, so that it is JSON. */
export type TrafficRow = {
  readonly request: string;
  readonly stratum: Stratum;
  /** Threshold that it was kept by, and how many it stands for, as a decimal. */
  readonly th: string;
  readonly weight: string;
  /** Whether the agent asked a human instead of being sure; null where the record does not say. */
  readonly abstained: boolean | null;
  /** Whether it ended in an error; null where it did not run. */
  readonly error: boolean | null;
  /** From question to answer; null where the record has no such time. */
  readonly milliseconds: number | null;
};

/** A condition over the traffic. Bounds are one-sided at the confidence of the pact, over the effective number of requests. */
export type TrafficMeasurement = {
  readonly condition: string;
  readonly n: number;
  readonly value: string;
  readonly lower: string;
  readonly upper: string;
};

export interface TrafficScores {
  readonly measured: readonly TrafficMeasurement[];
  /** Conditions that traffic cannot tell: they need a reference, or something that the record does not hold. */
  readonly unseen: readonly string[];
  /** Rows that at least one condition could use. */
  readonly scored: number;
}

export function scoreTraffic(rows: readonly TrafficRow[], { confidence, agreements }: Pick<Pacts, 'confidence' | 'agreements'>): TrafficScores {
  const conditions = agreements.flatMap((agreement) => agreement.conditions);
  const measured = conditions.flatMap((condition) => {
    const values = rows.flatMap((row) => {
      const value = valueOf(condition, row);
      return value === undefined ? [] : [{ value: value ? 1 : 0, weight: Number(row.weight) }];
    });
    const found = weightedShare(values);
    if (!found) return [];
    const { low, high } = exactBounds(found.share * found.effective, found.effective, Number(confidence));
    return [{ condition: condition.id, n: values.length, value: decimal(found.share), lower: decimalBelow(low), upper: decimalAbove(high) }];
  });
  const told = new Set(measured.map((one) => one.condition));
  return { measured, unseen: conditions.map((one) => one.id).filter((id) => !told.has(id)), scored: rows.filter((row) => conditions.some((condition) => valueOf(condition, row) !== undefined)).length };
}

/** Latency is the share of answers within the limit; what is no yes or no about one request is not told. */
function valueOf({ metric, threshold }: Condition, row: TrafficRow): boolean | undefined {
  if (metric === 'abstention') return row.abstained ?? undefined;
  if (metric === 'error-share') return row.error ?? undefined;
  return isLatency(metric) && row.milliseconds !== null ? row.milliseconds <= Number(threshold) : undefined;
}

/** The row of a request that fell into the sample; undefined for one that did not. */
export function trafficRow(request: string, stratum: Stratum, { kept, th, weight }: Sampling, seen: Pick<TrafficRow, 'abstained' | 'error' | 'milliseconds'>): TrafficRow | undefined {
  return kept ? { request, stratum, th, weight: weight.toFixed(6), ...seen } : undefined;
}
