/** What a sample of the traffic came to, how it is put on record, and how it is read again. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson, type JsonObject } from '../../domain/json.js';
import type { TrafficRow } from '../../evaluation/traffic.js';
import type { MonitoringSection } from '../../steps/05-monitor.js';
import { recordEvidence, textBlob, type Session } from '../session.js';

export interface Sample {
  readonly run: string | null;
  readonly source: 'pilot/replayed' | 'production';
  readonly of: number;
  readonly actions: number;
  readonly sampled: number;
  readonly scored: number;
  readonly passed: number;
  /** How often each decision fell in this replay. */
  readonly decisions: Readonly<Record<string, number>>;
}

/** @param more what only this kind of traffic has */
export async function recordSample(session: Session, { sample: rate }: MonitoringSection, sample: Sample, rows: readonly JsonObject[], more: JsonObject = {}): Promise<void> {
  const { run, source, of, actions, sampled, scored, passed } = sample;
  const text = rows.map((row) => `${canonical(row)}\n`).join('');
  const results = rows.length === 0 ? null : digestBytes(text);
  const data = { run, source, of, actions, sampled, scored, passed, build: session.build.digest, rate, results, ...more };
  await recordEvidence(session, 'monitor', { type: 'monitor.sampled', data }, { blobs: rows.length === 0 ? [] : [textBlob(text, 'application/jsonl')] });
}

/** Samples of the production traffic, oldest first. */
export async function productionSamples({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<readonly Entry[]> {
  return (await store.readEvidence(chain, 'monitor.sampled')).filter((entry) => entry.data['source'] === 'production');
}

/** The newest entry that a sample of the production traffic looked at, -1 without a sample. One of an earlier version says only where it stands itself. */
export function throughOf(sample: Entry | undefined): number {
  const through = sample?.data['through'];
  return typeof through === 'number' ? through : (sample?.seq ?? -1);
}

/** Rows of a sample of the production traffic. @throws {Fault} DIGEST_MISMATCH */
export async function rowsOfSample({ store }: Pick<Session, 'store'>, { seq, data: { results } }: Entry): Promise<readonly TrafficRow[]> {
  if (results === null) return [];
  const at = `entry ${seq}`;
  const blob = await store.blob(results as Digest);
  if (!blob || digestBytes(blob.bytes) !== results) throw new Fault('DIGEST_MISMATCH', 'the rows of the sample are gone or changed', { at, hint: 'agentctl audit verify' });
  return new TextDecoder().decode(blob.bytes).split('\n').filter((line) => line !== '').map((line) => asObject(parseJson(line, at), at) as TrafficRow);
}
