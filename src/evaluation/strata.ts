/** Strata of the traffic: each request counts in exactly one, errors before complaints before chance, as it is known now. */
import type { Condition, Pacts } from './condition.js';
import { decimal, decimalAbove, decimalBelow } from './decimal.js';
import type { Stratum } from './sampling.js';
import { confidenceSequence, type Stream } from './statistics/confidence-sequence.js';
import { trafficRow, valueOf, type TrafficRequest, type TrafficRow } from './traffic.js';

/** Later ones go before earlier ones. */
const STRATA: readonly Stratum[] = ['random', 'complaints', 'errors'];

/** By request or trace: the entry of the first complaint about it. */
export type Complaints = ReadonlyMap<string, number>;

/** Entry of the first complaint about a request, whether it was named itself or its trace was; undefined without one. */
export function complaintAbout({ id, trace }: Pick<TrafficRequest, 'id' | 'trace'>, complaints: Complaints): number | undefined {
  const found = [id, trace].flatMap((name) => (name === undefined ? [] : (complaints.get(name) ?? [])));
  return found.length === 0 ? undefined : Math.min(...found);
}

export function stratumOf(request: TrafficRequest, complaints: Complaints): Stratum {
  if (request.seen.error === true) return 'errors';
  return complaintAbout(request, complaints) === undefined ? 'random' : 'complaints';
}

/** Those of the requests that fall into the sample. */
export function sampledRows(requests: readonly TrafficRequest[], complaints: Complaints, rate: string): readonly TrafficRow[] {
  return requests.flatMap((request) => trafficRow(request, stratumOf(request, complaints), rate) ?? []);
}

/** Requests that were looked at before, up to entry `through`, and complained about only since: whether or not chance had picked them, they are all scored now. */
export function lateRows(requests: readonly TrafficRequest[], complaints: Complaints, { through, rate }: { readonly through: number; readonly rate: string }): readonly TrafficRow[] {
  const late = requests.filter((request) => request.seq <= through && stratumOf(request, complaints) === 'complaints' && (complaintAbout(request, complaints) ?? -1) > through);
  return sampledRows(late, complaints, rate);
}

/**
 * One row of each request, for an estimate across strata. A row that chance had picked stood for several requests without a
 * complaint, so it goes as soon as there is a complaint about it; left in, what people complain about would count twice.
 */
export function settled(rows: readonly TrafficRow[]): readonly TrafficRow[] {
  const one = new Map<string, TrafficRow>();
  const rank = (row: TrafficRow | undefined) => (row === undefined ? -1 : STRATA.indexOf(row.stratum));
  for (const row of rows) if (rank(row) >= rank(one.get(row.request))) one.set(row.request, row);
  return [...one.values()];
}

/** A condition in one stratum, unweighted; the interval holds at every look. A type, so that it is JSON. */
export type StratumMeasurement = {
  readonly stratum: Stratum;
  readonly condition: string;
  readonly n: number;
  readonly value: string;
  readonly lower: string;
  readonly upper: string;
};

/**
 * Each stratum watched by itself. Nothing that was seen is taken out again, unlike in {@link settled}: which stratum a request
 * is seen in was settled before anybody looked at its score, and that makes the interval hold at every look. To take out what
 * is complained about later would choose by the score. The random stratum is thus about requests without a complaint when they
 * were first looked at.
 * @param rows in the order in which they were looked at. Of several of one trace the first counts: they hang together
 */
export function scoreStrata(rows: readonly TrafficRow[], { confidence, agreements }: Pick<Pacts, 'confidence' | 'agreements'>): readonly StratumMeasurement[] {
  const conditions = agreements.flatMap((agreement) => agreement.conditions);
  return STRATA.flatMap((stratum) => {
    const own = rows.filter((row) => row.stratum === stratum);
    return conditions.flatMap((condition) => {
      const { hits, n } = streamOf(condition, own);
      if (n === 0) return [];
      const { low, high } = confidenceSequence({ hits, n }, 1 - Number(confidence));
      return [{ stratum, condition: condition.id, n, value: decimal(hits / n), lower: decimalBelow(low), upper: decimalAbove(high) }];
    });
  });
}

function streamOf(condition: Condition, rows: readonly TrafficRow[]): Stream {
  const first = new Map<string, boolean>();
  for (const row of rows) {
    const value = valueOf(condition, row);
    const unit = conversationOf(row);
    if (value !== undefined && !first.has(unit)) first.set(unit, value);
  }
  return { hits: [...first.values()].filter((value) => value).length, n: first.size };
}

/** The record names no conversation; the trace is what comes nearest. */
function conversationOf({ request }: TrafficRow): string {
  return /^[0-9a-f]{32}(?=\/[0-9a-f]{16}$)/.exec(request)?.[0] ?? request;
}
