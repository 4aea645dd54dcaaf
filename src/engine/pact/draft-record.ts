/** Puts a draft on record, so that anybody can see later on which numbers the thresholds of a pact rest. */
import type { Draft } from '../../evaluation/draft.js';
import { record, type Session } from '../session.js';
import type { DraftSource } from './draft-source.js';

export async function recordDraft(session: Session, { run, measured, capability, confidence }: DraftSource, { drafted }: Draft): Promise<void> {
  const conditions = drafted.map(({ condition: { id, metric, operator, threshold }, measured: { n, value, lower, upper } }) => ({ id, metric, operator, threshold, n, value, lower: six(lower), upper: six(upper) }));
  await record(session, { type: 'pact.drafted', data: { run, dataset: measured.id, datasetDigest: measured.sha256, capability, confidence, conditions } });
}

/** The ledger keeps six digits. */
function six(bound: string | null): string | null {
  return bound === null || !bound.includes('.') ? bound : Number(bound).toFixed(6);
}
