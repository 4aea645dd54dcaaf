/** Production traffic since the sample before: sampled by hash, errors and complaints all, and scored without references. */
import { lateRows, sampledRows, settled, stratumOf } from '../../evaluation/strata.js';
import { scoreTraffic, type TrafficMeasurement } from '../../evaluation/traffic.js';
import type { Session } from '../session.js';
import type { Declared } from './declared.js';
import { complaintsOnRecord, requestsOnRecord } from './requests.js';
import { productionSamples, recordSample, throughOf, type Sample } from './sample.js';

export interface ProductionSample extends Sample {
  readonly errors: number;
  readonly complaints: number;
  /** Requests of earlier samples that were complained about since. */
  readonly late: number;
  /** Over the requests of this sample alone. */
  readonly measured: readonly TrafficMeasurement[];
  readonly unseen: readonly string[];
}

/** What is in the sample once is not looked at again, unless somebody complains about it afterwards. */
export async function sampleProduction(session: Session, { spec: { sample: rate }, spec, pacts }: Declared): Promise<ProductionSample> {
  const { store, chain } = session;
  const before = throughOf((await productionSamples(session)).at(-1));
  // Fixed before anything is read: what is appended meanwhile is for the next sample.
  const through = ((await store.head(chain))?.size ?? 0) - 1;
  const complaints = await complaintsOnRecord(session, through);
  const onRecord = await requestsOnRecord(session);
  const isNew = ({ seq }: { readonly seq: number }) => before < seq && seq <= through;
  const [actions, turns] = [onRecord.actions.filter(isNew), onRecord.turns.filter(isNew)];
  const seen = [...actions, ...turns];
  const rows = sampledRows(seen, complaints, rate);
  const late = settled(lateRows([...onRecord.actions, ...onRecord.turns], complaints, { through: before, rate }));
  const { measured, unseen, scored } = scoreTraffic(settled(rows), pacts);
  const seenAs = (stratum: 'errors' | 'complaints') => seen.filter((request) => stratumOf(request, complaints) === stratum).length;
  const sample: ProductionSample = {
    run: null, source: 'production', of: seen.length, actions: actions.length, sampled: rows.length, scored, passed: rows.filter((row) => row.error === false).length, decisions: {},
    errors: seenAs('errors'), complaints: seenAs('complaints'), late: late.length, measured, unseen,
  };
  await recordSample(session, spec, sample, [...rows, ...late], {
    errors: sample.errors, complaints: sample.complaints, late: late.length, through, measured: measured.map((one) => ({ ...one })),
  });
  return sample;
}
