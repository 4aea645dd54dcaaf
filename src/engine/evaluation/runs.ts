/** Runs on record, and which one somebody means. */
import type { Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { asObject, parseJson } from '../../domain/json.js';
import type { Pacts } from '../../evaluation/condition.js';
import { asMeasured } from '../../evaluation/moved.js';
import { pactsOf } from '../pact/document.js';
import { readBlobText, type Session } from '../session.js';

export interface RunOnRecord {
  readonly run: string;
  /** One entry for each data set. */
  readonly started: readonly Entry[];
  /** Absent while it is only a part. */
  readonly finished?: Entry;
  readonly accepted: boolean;
}

const WORDS = ['newest', 'accepted'] as const;

/**
 * @param word `newest` baseline run, cut off or not; `accepted`; or the id of a run, of whatever purpose, or the beginning of one
 * @throws {Fault} EVIDENCE_MISSING when there is none, USAGE when the word fits several
 */
export async function runOnRecord({ store, chain }: Session, word: string): Promise<RunOnRecord> {
  const started = await store.readEvidence(chain, 'evaluation.started');
  const accepted = (await store.latest(chain, 'baseline.accepted'))?.data['run'];
  const run = idOf(word, started, accepted);
  const finished = (await store.readEvidence(chain, 'evaluation.finished')).find((entry) => entry.data['run'] === run);
  return { run, started: started.filter((entry) => entry.data['run'] === run), ...(finished && { finished }), accepted: accepted === run };
}

function idOf(word: string, started: readonly Entry[], accepted: unknown): string {
  if (word === 'accepted') {
    if (typeof accepted === 'string') return accepted;
    throw new Fault('EVIDENCE_MISSING', 'no run is accepted as the baseline', { hint: 'agentctl baseline accept --as <operator>' });
  }
  const runs = [...new Set(started.filter((entry) => word !== 'newest' || ['baseline', 'observational'].includes(String(entry.data['purpose']))).map((entry) => String(entry.data['run'])))];
  const newest = runs.at(-1);
  if (newest === undefined) throw new Fault('EVIDENCE_MISSING', 'no run is on record', { hint: 'agentctl baseline run' });
  if (word === 'newest') return newest;
  const fitting = runs.includes(word) ? [word] : runs.filter((one) => one.startsWith(word) || one.startsWith(`run-${word}`));
  if (fitting[0] === undefined) throw new Fault('EVIDENCE_MISSING', `there is no run "${word}"`, { hint: `use ${WORDS.join(', ')}, or one of ${runs.slice(-3).join(', ')}` });
  if (fitting.length > 1) throw new Fault('USAGE', `"${word}" fits ${fitting.length} runs`, { hint: `write one of ${fitting.slice(-3).join(', ')}` });
  return fitting[0];
}

/** The pact that a run was judged by, its conditions on the data sets that the run was on; the one of agent.yaml where nothing was promised yet. @throws {Fault} DIGEST_MISMATCH */
export async function pactsOfRun(session: Session, found: RunOnRecord): Promise<Pacts> {
  return asMeasured(await promisedBy(session, found), new Set(datasetsOfRun(found).keys()));
}

async function promisedBy(session: Session, { started }: RunOnRecord): Promise<Pacts> {
  const digest = started[0]?.data['pact'];
  if (digest === null || digest === undefined) return pactsOf(session);
  const text = await readBlobText(session.store, digest as Digest);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', 'the pact that the run was judged by is gone from the store', { at: String(digest), hint: 'agentctl audit verify' });
  return asObject(parseJson(text, 'pact document'), 'pact document')['pacts'] as unknown as Pacts;
}

/** Data sets of a run, by digest. */
export function datasetsOfRun({ started }: RunOnRecord): ReadonlyMap<string, string> {
  return new Map(started.map((entry) => [String(entry.data['dataset']), String(entry.data['datasetDigest'])]));
}
