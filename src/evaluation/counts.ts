/** What one run counted towards each condition: enough to watch it at every look, without its rows. */
import type { Entry } from '../domain/entry.js';
import { asObject, type JsonObject } from '../domain/json.js';
import type { Instant } from '../domain/time.js';
import { DEFAULT_PROFILE } from './composite.js';
import type { Condition, Metric, Operator } from './condition.js';
import type { ConditionResult } from './judge.js';
import { isScored, type ResultRow } from './score.js';
import type { Stream } from './statistics/confidence-sequence.js';

/** A type, so that it is JSON. */
export type ConditionCount = {
  readonly condition: string;
  readonly dimension: string;
  /** What its severity weighs in the dimension. */
  readonly weight: number;
  readonly operator: Operator;
  /** Share that sets off an alarm; for latency the share of answers that must arrive within the limit. */
  readonly threshold: string;
  /** Digest of what was counted and how. A changed one starts a new series. */
  readonly measure: string;
  /** Sum of the values, each in 0..1, as a decimal; null where the metric is no mean of such values. */
  readonly hits: string | null;
  readonly n: number;
};

/** One scheduled run, as whoever watches sees it. */
export interface Look {
  readonly at: Instant;
  readonly run: string;
  readonly build: string;
  readonly counts: readonly ConditionCount[];
  /** Dimension → decimal in 0..1. */
  readonly dimensions: Readonly<Partial<Record<string, string>>>;
  readonly composite: string | null;
}

/** Looks of the `monitor.ran` entries, oldest first. Early ones carry no counts. */
export function looksOf(entries: readonly Entry[]): readonly Look[] {
  return entries.map(({ ts, data }) => ({
    at: ts,
    run: String(data['run']),
    build: String(data['build']),
    counts: (data['counts'] as readonly ConditionCount[] | undefined) ?? [],
    dimensions: asObject(data['dimensions'], 'dimensions') as Record<string, string>,
    composite: typeof data['composite'] === 'string' ? data['composite'] : null,
  }));
}

const SHARES: ReadonlySet<Metric> = new Set<Metric>(['accuracy', 'precision', 'recall', 'share', 'abstention', 'pass-rate', 'error-share']);
const MEANS: ReadonlySet<Metric> = new Set<Metric>(['score-mean', 'brier']);
const LATENCIES: Readonly<Partial<Record<Metric, string>>> = { 'latency-p50': '0.50', 'latency-p95': '0.95', 'latency-p99': '0.99' };

export function isLatency(metric: Metric): boolean {
  return LATENCIES[metric] !== undefined;
}

export interface CountedAs {
  /** Alert threshold. */
  readonly threshold: string;
  readonly measure: string;
  /** Answers within the limit; for latency alone. */
  readonly within?: Stream;
}

/** A quantile is promised by a limit, and kept when that share of the answers lies within it: so latency is counted as a share too. */
export function countOf(result: Pick<ConditionResult, 'id' | 'dimension' | 'severity' | 'metric' | 'operator' | 'n' | 'value'>, { threshold, measure, within }: CountedAs): ConditionCount {
  const { id, dimension, severity, metric, operator, n, value } = result;
  const base = { condition: id, dimension, weight: DEFAULT_PROFILE.weights[severity], measure };
  const share = LATENCIES[metric];
  if (share !== undefined) return { ...base, operator: '>=', threshold: share, hits: within === undefined ? null : String(within.hits), n: within?.n ?? n };
  const sum = Number(value ?? 0) * n;
  const hits = SHARES.has(metric) ? String(Math.round(sum)) : MEANS.has(metric) ? Math.min(n, sum).toFixed(6) : null;
  return { ...base, operator, threshold, hits, n };
}

/** Counts the answers within a limit; no answer ever came of a crash. */
export function withinLimit(rows: Iterable<Pick<ResultRow, 'outcome' | 'cause' | 'milliseconds'>>, limit: number, before: Stream = { hits: 0, n: 0 }): Stream {
  let { hits, n } = before;
  for (const row of rows) {
    if (!isScored(row)) continue;
    n += 1;
    if (row.cause !== 'agent_crash' && row.milliseconds <= limit) hits += 1;
  }
  return { hits, n };
}

/** The count turned so that more is better, and the least share that is promised; undefined where there is none to count. */
export function goodStream({ operator, threshold, hits, n }: Pick<ConditionCount, 'operator' | 'threshold' | 'hits' | 'n'>): (Stream & { readonly least: number }) | undefined {
  if (hits === null) return undefined;
  return operator === '>=' ? { hits: Number(hits), n, least: Number(threshold) } : { hits: n - Number(hits), n, least: 1 - Number(threshold) };
}

/** What a condition measures, apart from the threshold that it is held against; a limit in milliseconds is part of what is counted. */
export function measureOf({ metric, label, scorer, among, outputs }: Condition, threshold: string): JsonObject {
  return { metric, label: label ?? null, scorer: scorer ?? null, among: among === undefined ? null : { ...among }, outputs: outputs ?? null, limit: isLatency(metric) ? threshold : null };
}
