/** Scores sampled traffic by the conditions that need no reference: nobody says what would have been right, yet some promises show. */
import type { Condition, Pacts } from './condition.js';
import { isLatency } from './counts.js';
import { decimal, decimalAbove, decimalBelow } from './decimal.js';
import { sampling, weightedShare, type Request, type Stratum } from './sampling.js';
import { exactBounds } from './statistics/proportion.js';

/** What the record tells of a request by itself. A type, so that it is JSON. */
type Seen = {
  /** Whether the agent asked a human instead of being sure; null where the record does not say. */
  readonly abstained: boolean | null;
  /** Whether it ended in an error; null where it did not run. */
  readonly error: boolean | null;
  /** From question to answer; null where the record has no such time. */
  readonly milliseconds: number | null;
};

/** A request of the traffic before it is sampled. */
export interface TrafficRequest extends Request {
  /** Entry that tells of it. */
  readonly seq: number;
  readonly seen: Seen;
}

/** A request that fell into the sample. */
export type TrafficRow = Seen & {
  readonly request: string;
  /** Entry that tells of it; rows of earlier versions lack it. */
  readonly seq?: number;
  readonly stratum: Stratum;
  /** Threshold that it was kept by, and how many it stands for, as a decimal. */
  readonly th: string;
  readonly weight: string;
};

/** A condition over the traffic. Bounds are one-sided at the confidence of the pact, over the effective number of requests. */
export type TrafficMeasurement = {
  readonly condition: string;
  readonly n: number;
  /** Requests of equal weight that would tell as much. */
  readonly effective: string;
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

/** @param rows at most one of each request */
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
    return [{ condition: condition.id, n: values.length, effective: decimal(found.effective), value: decimal(found.share), lower: decimalBelow(low), upper: decimalAbove(high) }];
  });
  const told = new Set(measured.map((one) => one.condition));
  return { measured, unseen: conditions.map((one) => one.id).filter((id) => !told.has(id)), scored: rows.filter((row) => conditions.some((condition) => valueOf(condition, row) !== undefined)).length };
}

/** Latency is the share of answers within the limit; what is no yes or no about one request is not told. */
export function valueOf({ metric, threshold }: Condition, row: TrafficRow): boolean | undefined {
  if (metric === 'abstention') return row.abstained ?? undefined;
  if (metric === 'error-share') return row.error ?? undefined;
  return isLatency(metric) && row.milliseconds !== null ? row.milliseconds <= Number(threshold) : undefined;
}

/** The row of a request that falls into the sample as a member of its stratum; undefined for one that does not. */
export function trafficRow(request: TrafficRequest, stratum: Stratum, rate: string): TrafficRow | undefined {
  const { kept, th, weight } = sampling(request, rate, stratum);
  return kept ? { request: request.id, seq: request.seq, stratum, th, weight: weight.toFixed(6), ...request.seen } : undefined;
}
