/** Puts one batch of a run on record: the root over its rows in the chain, rows and what was said as blobs beside it. */
import { canonical } from '../../domain/canonical.js';
import { digestBytes } from '../../domain/digest.js';
import type { StoredBlob } from '../../domain/ports.js';
import type { Judgement } from '../../evaluation/flow/judge-scorer.js';
import type { Batch } from '../../evaluation/flow/batch.js';
import { record, textBlob, type Session } from '../session.js';
import type { JudgementLog } from './judgements.js';

const LINES = 'application/jsonl';

/** Of a batch that takes the place of one of an earlier run. */
export interface TakenOver {
  /** Rows that were asked in this run. */
  readonly asked: number;
  /** What judges said of the others. */
  readonly judgements: readonly Judgement[];
}

export interface KeptWith {
  readonly run: string;
  /** Place of the data set in the run. */
  readonly part: number;
  /** Batches of other parts that are on record. */
  readonly before: number;
  readonly log: JudgementLog;
  readonly taken?: TakenOver;
}

export async function keepBatch(session: Session, batch: Batch, { run, part, before, log, taken }: KeptWith): Promise<void> {
  const [results, transcripts] = [linesBlob(batch.results), linesBlob(batch.transcripts)];
  for (const judgement of taken?.judgements ?? []) log.recall(judgement);
  const said = [...(taken?.judgements ?? []).map((one) => canonical(one)), ...log.take()];
  const judged = said.length === 0 ? undefined : textBlob(said.map((line) => `${line}\n`).join(''), LINES);
  const data = {
    run, part, index: before + batch.index, rows: batch.rows, ...(taken && { asked: taken.asked }), root: batch.root,
    results: digestBytes(results.bytes), transcripts: digestBytes(transcripts.bytes), ...(judged && { judgements: digestBytes(judged.bytes) }),
  };
  await record(session, { type: 'evaluation.batch', data }, [results, transcripts, ...(judged ? [judged] : [])]);
}

function linesBlob(bytes: Uint8Array): StoredBlob {
  return { mediaType: LINES, bytes };
}
