/** What the ledger says about one evaluation run that was judged by a signed pact, or why no dispute can rest on it. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { batchesOf } from '../evaluation/rows.js';
import type { Session } from '../session.js';

export interface RunRecord {
  readonly run: string;
  /** The signature of the pact that the run was judged by. */
  readonly signed: Entry;
  /** One entry for each data set. */
  readonly started: readonly Entry[];
  /** In the order of their `index`. */
  readonly batches: readonly Entry[];
  readonly finished: Entry;
}

/** Runs over the whole pact on its own data sets. */
const WHOLE: ReadonlySet<unknown> = new Set(['baseline', 'certification']);

/** @param named the newest run that was judged unless given @throws {Fault} EVIDENCE_MISSING, REFUSED with the reason */
export async function runRecord({ store, chain }: Pick<Session, 'store' | 'chain'>, named: string | undefined): Promise<RunRecord> {
  const all = await store.readEvidence(chain, 'evaluation.finished');
  const finished = named === undefined ? all.findLast(({ data }) => WHOLE.has(data['purpose'])) : all.find(({ data }) => data['run'] === named);
  const run = named ?? String(finished?.data['run']);
  const of = async (type: string) => (await store.readEvidence(chain, type)).filter(({ data }) => data['run'] === run);
  const started = await of('evaluation.started');
  if (!finished) throw missing(named, started.length > 0);
  const purpose = String(finished.data['purpose']);
  if (!WHOLE.has(purpose)) throw new Fault('REFUSED', `${run} is a ${purpose} run: it held the agent to no promise, or measured on other data than was promised`, { at: run, hint: 'agentctl baseline run' });
  const document = started[0]?.data['pact'];
  const signed = (await store.readEvidence(chain, 'pact.signed')).findLast(({ data, seq }) => data['document'] === document && seq < (started[0]?.seq ?? 0));
  if (!signed) throw new Fault('REFUSED', `${run} was judged by a pact that nobody had signed`, { at: run, hint: 'agentctl pact sign --as <operator>' });
  return { run, signed, started, batches: await batchesOf({ store, chain }, run), finished };
}

function missing(named: string | undefined, began: boolean): Fault {
  if (named === undefined) return new Fault('EVIDENCE_MISSING', 'no run was judged by a signed pact yet', { hint: 'agentctl baseline run' });
  return new Fault('EVIDENCE_MISSING', began ? `${named} was cut off, so nobody can tell what it would have shown` : `there is no run "${named}"`, { at: named, hint: 'agentctl baseline show' });
}
