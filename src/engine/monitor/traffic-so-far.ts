/** What the production traffic of a build tells so far: from the samples on record, by the complaints that are known now. */
import type { Pacts } from '../../evaluation/condition.js';
import { lateRows, scoreStrata, settled, type StratumMeasurement } from '../../evaluation/strata.js';
import { scoreTraffic, type TrafficMeasurement, type TrafficRow } from '../../evaluation/traffic.js';
import type { Session } from '../session.js';
import { complaintsOnRecord, requestsOnRecord } from './requests.js';
import { productionSamples, rowsOfSample, throughOf } from './sample.js';

/** A type, so that it is JSON. */
export type TrafficSoFar = {
  readonly across: readonly TrafficMeasurement[];
  readonly apart: readonly StratumMeasurement[];
  /** Complaints that no sample has taken up yet. */
  readonly waiting: number;
};

/** Since the build of the newest sample was first sampled: another build starts afresh. @param rate share of the traffic that is sampled */
export async function trafficSoFar(session: Pick<Session, 'store' | 'chain'>, rate: string, pacts: Pick<Pacts, 'confidence' | 'agreements'>): Promise<TrafficSoFar> {
  const samples = await productionSamples(session);
  const newest = samples.at(-1);
  const through = throughOf(newest);
  const other = samples.findLastIndex((one) => one.data['build'] !== newest?.data['build']);
  const complaints = await complaintsOnRecord(session, Number.POSITIVE_INFINITY);
  const waiting = [...complaints.values()].filter((seq) => seq > through).length;
  const rows: TrafficRow[] = [];
  for (const sample of samples.slice(other + 1)) rows.push(...(await rowsOfSample(session, sample)));
  if (waiting > 0) {
    const { actions, turns } = await requestsOnRecord(session);
    rows.push(...lateRows([...actions, ...turns], complaints, { through, rate }));
  }
  // A complaint about what another build answered was taken up here, and tells nothing of this one.
  const begin = throughOf(samples[other]);
  const own = rows.filter(({ seq }) => seq === undefined || seq > begin);
  return { across: scoreTraffic(settled(own), pacts).measured, apart: scoreStrata(own, pacts), waiting };
}
