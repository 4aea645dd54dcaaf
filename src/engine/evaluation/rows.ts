/** The result rows of a run as the ledger keeps them, batch by batch, each checked against what its entry commits to. */
import { digestBytes, type Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { parseJson } from '../../domain/json.js';
import type { Judgement } from '../../evaluation/flow/judge-scorer.js';
import type { ResultRow } from '../../evaluation/score.js';
import type { Transcript } from '../../evaluation/transcript.js';
import { rootOfTexts } from '../../ledger/row-root.js';
import type { Session } from '../session.js';

/** What the rows of harness 1 lack. */
const ONCE: Pick<ResultRow, 'repeat' | 'scores' | 'usage'> = { repeat: 0, scores: {}, usage: null };

type Kept = Pick<Session, 'store' | 'chain'>;

/** The batches of a run, in order. @throws {Fault} DIGEST_MISMATCH when one is there twice: its cases would count twice */
export async function batchesOf({ store, chain }: Kept, run: string): Promise<readonly Entry[]> {
  const batches = (await store.readEvidence(chain, 'evaluation.batch')).filter((entry) => entry.data['run'] === run);
  batches.sort((a, b) => Number(a.data['index']) - Number(b.data['index']));
  const twice = batches.find(({ data }, at) => data['index'] === batches[at - 1]?.data['index']);
  if (twice) throw new Fault('DIGEST_MISMATCH', `batch ${String(twice.data['index'])} of ${run} is on record twice, so its cases would count twice`, { at: `entry ${twice.seq}`, hint: 'agentctl baseline run' });
  return batches;
}

/** Every row of a run; memory holds one batch. @throws {Fault} DIGEST_MISMATCH */
export async function* rowsOfRun(kept: Kept, run: string): AsyncGenerator<ResultRow> {
  for (const batch of await batchesOf(kept, run)) yield* await rowsOf(kept, batch);
}

/** Merkle root over the roots of the run's batches, in order. */
export async function rootOfRun(kept: Kept, run: string): Promise<string> {
  return rootOfTexts((await batchesOf(kept, run)).map((entry) => String(entry.data['root'])));
}

/** Rows of a batch. @throws {Fault} DIGEST_MISMATCH */
export async function rowsOf(kept: Pick<Session, 'store'>, entry: Entry): Promise<readonly ResultRow[]> {
  return (await textsOf(kept, entry, 'results')).map((text) => ({ ...ONCE, ...(parseJson(text, `entry ${entry.seq}`) as unknown as Omit<ResultRow, keyof typeof ONCE>) }));
}

/** The lines that an entry commits to, as they were written; none where it names none. @throws {Fault} DIGEST_MISMATCH */
export async function textsOf(kept: Pick<Session, 'store'>, entry: Entry, what: 'results' | 'transcripts' | 'judgements'): Promise<readonly string[]> {
  const digest = entry.data[what];
  return digest === undefined ? [] : linesOf(kept, entry, digest, what);
}

/** What the agent said in a batch; nothing where it was not kept. @throws {Fault} DIGEST_MISMATCH */
export async function transcriptsOf(kept: Pick<Session, 'store'>, entry: Entry): Promise<readonly Transcript[]> {
  return (await textsOf(kept, entry, 'transcripts')).map((text) => parseJson(text, `entry ${entry.seq}`) as unknown as Transcript);
}

/** What judges said while a batch was asked; nothing where none was asked, or it was not kept. @throws {Fault} DIGEST_MISMATCH */
export async function judgementsOf(kept: Pick<Session, 'store'>, entry: Entry): Promise<readonly Judgement[]> {
  return (await textsOf(kept, entry, 'judgements')).map((text) => parseJson(text, `entry ${entry.seq}`) as unknown as Judgement);
}

async function linesOf({ store }: Pick<Session, 'store'>, entry: Entry, digest: unknown, what: string): Promise<readonly string[]> {
  const blob = await store.blob(digest as Digest);
  if (!blob || digestBytes(blob.bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `the ${what} of batch ${String(entry.data['index'])} are gone or changed`, { at: `entry ${entry.seq}` });
  return new TextDecoder().decode(blob.bytes).split('\n').filter((line) => line !== '');
}
