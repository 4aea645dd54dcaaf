/** Requests of the production traffic on record: actions that passed the door, and turns that telemetry told. */
import type { Entry } from '../../domain/entry.js';
import type { Complaints } from '../../evaluation/strata.js';
import type { TrafficRequest } from '../../evaluation/traffic.js';
import type { Session } from '../session.js';

type Kept = Pick<Session, 'store' | 'chain'>;

/** In the order of the record each. */
export interface Requests {
  readonly actions: readonly TrafficRequest[];
  readonly turns: readonly TrafficRequest[];
}

export async function requestsOnRecord({ store, chain }: Kept): Promise<Requests> {
  const actions = (await store.readEvidence(chain, 'action.recorded')).filter(isProduction);
  const turns = (await store.readEvidence(chain, 'action.observed')).filter(isTurn);
  return { actions: actions.map(ofAction), turns: turns.map(ofSpan) };
}

/** Whether production traffic is on record at all. */
export async function hasProduction({ store, chain }: Kept): Promise<boolean> {
  if ((await store.readEvidence(chain, 'action.recorded', 1000)).some(isProduction)) return true;
  return (await store.readEvidence(chain, 'action.observed', 1000)).some(isTurn);
}

/** What was complained about up to entry `through`. */
export async function complaintsOnRecord({ store, chain }: Kept, through: number): Promise<Complaints> {
  const states = [...(await store.projection(chain, 'complaints'))].map(([request, { seq }]): [string, number] => [request, Number(seq)]);
  return new Map(states.filter(([, seq]) => seq <= through));
}

function isProduction({ data }: Entry): boolean {
  return data['source'] === 'production';
}

/** Spans that answer somebody: a turn of the agent is the outermost one; what lies inside it is part of it. */
function isTurn({ data }: Entry): boolean {
  return data['parent'] === null || data['operation'] === 'invoke_agent';
}

/** A tool that ran: its time is not that of an answer, so latency is not told. */
function ofAction({ seq, data }: Entry): TrafficRequest {
  const ran = data['outcome'] !== 'not-run';
  const error = ran && (data['outcome'] !== 'done' || data['post'] === 'failed');
  return { id: String(data['action']), seq, seen: { abstained: data['doubt'] === true, error: ran ? error : null, milliseconds: null } };
}

function ofSpan({ seq, data }: Entry): TrafficRequest {
  const error = data['status'] === 'error' || data['error'] !== null;
  const trace = String(data['trace']);
  const state = data['tracestate'];
  return { id: `${trace}/${String(data['span'])}`, seq, trace, ...(typeof state === 'string' && { tracestate: state }), seen: { abstained: null, error, milliseconds: error ? null : Number(data['milliseconds']) } };
}
