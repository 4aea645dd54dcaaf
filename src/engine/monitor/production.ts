/** Production traffic since the sample before: actions that passed the door, and what telemetry told; sampled by hash, scored without references. */
import type { Entry } from '../../domain/entry.js';
import { sampling } from '../../evaluation/sampling.js';
import { scoreTraffic, trafficRow, type TrafficMeasurement, type TrafficRow } from '../../evaluation/traffic.js';
import type { Session } from '../session.js';
import type { Declared } from './declared.js';
import { recordSample, type Sample } from './sample.js';

/** A request of the traffic before it is sampled. */
interface Seen {
  readonly row: TrafficRow | undefined;
  readonly error: boolean;
}

export interface ProductionSample extends Sample {
  readonly measured: readonly TrafficMeasurement[];
  readonly unseen: readonly string[];
}

/** Errors are looked at whatever their hash. Nothing on record is a complaint of a user yet. */
export async function sampleProduction(session: Session, { spec, pacts }: Declared): Promise<ProductionSample> {
  const { store, chain } = session;
  const before = (await store.readEvidence(chain, 'monitor.sampled')).findLast((entry) => entry.data['source'] === 'production')?.seq ?? -1;
  const since = async (type: string) => (await store.readEvidence(chain, type)).filter((entry) => entry.seq > before);
  const actions = (await since('action.recorded')).filter((entry) => entry.data['source'] === 'production');
  const observed = (await since('action.observed')).filter(isTurn);
  const seen = [...actions.map((entry) => ofAction(entry, spec.sample)), ...observed.map((entry) => ofSpan(entry, spec.sample))];
  const rows = seen.flatMap((one) => one.row ?? []);
  const { measured, unseen, scored } = scoreTraffic(rows, pacts);
  const errors = { seen: seen.filter((one) => one.error).length, sampled: rows.filter((row) => row.stratum === 'errors').length };
  const sample: ProductionSample = {
    run: null, source: 'production', of: seen.length, actions: actions.length, sampled: rows.length, scored, passed: rows.filter((row) => row.error === false).length, decisions: {}, measured, unseen,
  };
  await recordSample(session, spec, sample, rows, { errors: errors.seen, measured: measured.map((one) => ({ ...one })) });
  return sample;
}

/** Whether production traffic is on record at all. */
export async function hasProduction({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<boolean> {
  if ((await store.readEvidence(chain, 'action.recorded', 1000)).some((entry) => entry.data['source'] === 'production')) return true;
  return (await store.readEvidence(chain, 'action.observed', 1000)).some(isTurn);
}

/** Spans that answer somebody: a turn of the agent is the outermost one; what lies inside it is part of it. */
function isTurn({ data }: Entry): boolean {
  return data['parent'] === null || data['operation'] === 'invoke_agent';
}

/** A tool that ran: its time is not that of an answer, so latency is not told. */
function ofAction({ data }: Entry, rate: string): Seen {
  const ran = data['outcome'] !== 'not-run';
  const error = ran && (data['outcome'] !== 'done' || data['post'] === 'failed');
  const stratum = error ? 'errors' : 'random';
  const id = String(data['action']);
  return { error, row: trafficRow(id, stratum, sampling({ id }, rate, stratum), { abstained: data['doubt'] === true, error: ran ? error : null, milliseconds: null }) };
}

function ofSpan({ data }: Entry, rate: string): Seen {
  const error = data['status'] === 'error' || data['error'] !== null;
  const stratum = error ? 'errors' : 'random';
  const [trace, span] = [String(data['trace']), String(data['span'])];
  const kept = sampling({ id: span, trace, ...(typeof data['tracestate'] === 'string' && { tracestate: data['tracestate'] }) }, rate, stratum);
  return { error, row: trafficRow(`${trace}/${span}`, stratum, kept, { abstained: null, error, milliseconds: error ? null : Number(data['milliseconds']) }) };
}
