/** What `monitor status` shows of the watching: intervals that hold at every look, the rate of false alarms, and drift with its uncertainty. */
import { span } from '../../evaluation/span.js';
import type { Table } from '../../domain/report.js';
import type { Look } from '../../evaluation/counts.js';
import { decimal, decimalAbove, decimalBelow, percent } from '../../evaluation/decimal.js';
import { suspected, type DimensionDrift, type Drift } from '../../evaluation/drift.js';
import { watchedAt, watchedTogether, type Watched } from '../../evaluation/sequence.js';
import type { WatchedSeries } from '../../evaluation/watched-series.js';

export function falseAlarmWords(look: Look, alpha: number): string {
  return `at most ${percent(alpha)} that any of ${watchedTogether(look)} watched together ever rings falsely, however often one looks, until a build, data set or scorer is replaced`;
}

export function driftWords(drift: Drift, limit: number): string {
  const doubtful = suspected(drift, String(limit));
  return doubtful.length === 0 ? drift.because : `${drift.because}; ${doubtful.map(doubtWords).join('; ')}`;
}

function doubtWords({ dimension, best, newest, percent: fell, low, high }: DimensionDrift): string {
  const span = low === null || high === null ? 'no count on record tells whether by chance' : `which chance could do: ${low} to ${high} below the days before`;
  return `${dimension} fell by ${fell} % (${best} to ${newest}), ${span}`;
}

/** @param alpha chance of any false alarm, ever */
export function watchedTables(looks: readonly Look[], alpha: number, series: readonly WatchedSeries[]): readonly Table[] {
  const watched = watchedAt(looks, alpha);
  if (watched.length === 0) return [];
  const scores = series.filter((one) => one.kind !== 'condition').flatMap((one) => {
    const point = one.points.at(-1);
    return point === undefined || point.at !== looks.at(-1)?.at ? [] : [[one.id, point.run ?? 'none', point.value ?? 'none', span(point.low, point.high)]];
  });
  return [
    { title: 'Conditions since the last reset', columns: ['condition', 'rings unless', 'share', 'n', 'runs', 'interval', 'rings'], rows: watched.map(rowOf) },
    { title: 'Dimensions since the last reset', columns: ['dimension', 'last run', 'share', 'interval'], rows: scores },
  ];
}

function rowOf({ condition, operator, threshold, value, n, looks, interval, alarm }: Watched): readonly string[] {
  if (interval === null) return [condition, 'its own bound holds', 'none', String(n), String(looks), 'each run alone', 'by run'];
  return [condition, `${operator} ${threshold}`, value === null ? 'none' : decimal(value), String(n), String(looks), span(decimalBelow(interval.low), decimalAbove(interval.high)), alarm ? 'yes' : 'no'];
}
