/** What a sample of the traffic came to, and how it is put on record. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes } from '../../domain/digest.js';
import type { JsonObject } from '../../domain/json.js';
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
