/** A run that asks again what an earlier one lost to infrastructure errors: which runs may be, and what is taken over from them. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import type { EarlierBatch } from '../../evaluation/flow/again.js';
import type { Session } from '../session.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { batchesOf, rowsOf, textsOf } from './rows.js';
import { runOnRecord } from './runs.js';

const PURPOSES: ReadonlySet<unknown> = new Set(['baseline', 'observational']);

/** A measurement whose lost cases may be asked again. */
export interface Askable {
  readonly run: string;
  /** The entry that made a measurement of it: a run that takes over its rows counts no longer than it. */
  readonly measured: Entry;
}

/**
 * @param word as {@link runOnRecord} takes it
 * @throws {Fault} EVIDENCE_MISSING for a run that is cut off, was no measurement, or is about another build, pact or data; REFUSED for one without infrastructure errors
 */
export async function askable(session: Session, word: string): Promise<Askable> {
  const { run, finished } = await runOnRecord(session, word);
  if (!finished) throw new Fault('EVIDENCE_MISSING', `${run} was cut off: what it has not asked is no infrastructure error`, { at: '--again', hint: 'agentctl baseline run, which goes on from there' });
  const measured = (await session.store.readEvidence(session.chain, 'baseline.measured')).find(({ data }) => data['run'] === run);
  if (!measured || !PURPOSES.has(finished.data['purpose'])) throw new Fault('EVIDENCE_MISSING', `${run} is a ${String(finished.data['purpose'])} run, not a measurement of the baseline`, { at: '--again', hint: 'agentctl baseline run' });
  const [stale] = await staleness(session, measured, await gateTime(session));
  if (stale !== undefined) throw new Fault('EVIDENCE_MISSING', `${run} is stale, so its answers cannot be taken over: ${stale}`, { at: '--again', hint: 'agentctl baseline run' });
  if (finished.data['errors'] === 0) throw new Fault('REFUSED', `${run} lost no case to an infrastructure error, and no other outcome is ever asked again`, { at: '--again', hint: `agentctl baseline show --run ${run}` });
  return { run, measured };
}

/** The run whose order of cases the rows of `run` have: the first of those that were asked again one after the other. */
export async function orderOf({ store, chain }: Pick<Session, 'store' | 'chain'>, run: string): Promise<string> {
  const started = await store.readEvidence(chain, 'evaluation.started');
  let first = run;
  for (let again: unknown = run; typeof again === 'string'; again = started.find(({ data }) => data['run'] === first)?.data['again']) first = again;
  return first;
}

/** The entries of one part of a run, in order. */
export async function batchesOfPart(session: Pick<Session, 'store' | 'chain'>, run: string, part: number): Promise<readonly Entry[]> {
  return (await batchesOf(session, run)).filter(({ data }) => data['part'] === part);
}

/** What the entries commit to; memory holds one batch. @throws {Fault} DIGEST_MISMATCH */
export async function* earlierBatches(session: Pick<Session, 'store'>, entries: readonly Entry[]): AsyncGenerator<EarlierBatch> {
  for (const entry of entries) yield { rows: await rowsOf(session, entry), texts: await textsOf(session, entry, 'results'), transcripts: await textsOf(session, entry, 'transcripts') };
}
