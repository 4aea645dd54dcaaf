/** Asks the cases of one data set of a run, and puts what comes of it on record batch by batch. */
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import type { JsonObject } from '../../domain/json.js';
import type { RunningTarget } from '../../domain/ports.js';
import { decidedBy } from '../../evaluation/decided-by.js';
import { askAgain, type AgainPlan } from '../../evaluation/flow/again.js';
import type { Batch } from '../../evaluation/flow/batch.js';
import { runEvaluation } from '../../evaluation/flow/run.js';
import type { ResultRow, ScoredAs } from '../../evaluation/score.js';
import { TextTree } from '../../ledger/row-root.js';
import { keepCheckpoints } from '../keep-checkpoints.js';
import { record, type Session } from '../session.js';
import { batchesOfPart, earlierBatches } from './again.js';
import type { JudgementLog } from './judgements.js';
import { keepBatch, type TakenOver } from './keep-batch.js';
import type { OpenPart } from './parts.js';
import { batchesOf, judgementsOf, rowsOf } from './rows.js';
import { openScorers, type RepliesAt } from './scorers.js';
import type { Tally } from './tally.js';

/** What of the request for a run says how it is asked. */
interface Asking {
  readonly purpose: string;
  readonly concurrency?: number;
  /** Earlier run whose infrastructure errors alone are asked again. */
  readonly again?: string;
  readonly replies?: RepliesAt;
}

/** A run under way. */
export interface Running {
  readonly session: Session;
  readonly request: Asking;
  readonly run: string;
  readonly target: RunningTarget;
  readonly tally: Tally;
  /** What is to be said about judges, by capability; filled as the parts are asked. */
  readonly judges: Record<string, JsonObject>;
  readonly judgements: JudgementLog;
  /** Rows of the whole run. */
  readonly of: number;
}

/**
 * Asks what of the part is not on record yet.
 * @param place of the part in the run
 * @throws {Fault} TARGET_FAILED, INTERRUPTED (recorded batches are kept)
 */
export async function askPart(running: Running, part: OpenPart, place: number): Promise<void> {
  const { session, request: { replies }, judges, judgements } = running;
  const { scorers: declared } = decidedBy(part.agreement, part.dataset.id);
  const open = await openScorers(session, { declared, judgements, ...(replies && { replies }) });
  try {
    // First of all: labelled answers that nobody can read cost no look at held-out cases.
    const about = await open.about();
    await runPart(running, part, place, open.scorers);
    // Each data set of a capability asks the scorers that its own conditions name.
    if (Object.keys(about).length > 0) judges[part.agreement.capability] = { ...judges[part.agreement.capability], ...about };
  } finally {
    await open.close();
  }
}

async function runPart(running: Running, part: OpenPart, place: number, scorers: ScoredAs['scorers']): Promise<void> {
  const { session, request, run, target, tally, judgements } = running;
  const { world, manifest } = session;
  const all = await batchesOf(session, run);
  const recorded = all.filter((entry) => entry.data['part'] === place);
  for (const entry of recorded) {
    for (const row of await rowsOf(session, entry)) tally.add(row);
    for (const judgement of await judgementsOf(session, entry)) judgements.recall(judgement);
  }
  const checkpointWhenDue = keepCheckpoints(session);
  const { capability, repeats, seed } = part.agreement;
  const { output } = decidedBy(part.agreement, part.dataset.id);
  const as: ScoredAs = { capability, dataset: part.dataset.id, ...(output && { output }), ...(scorers && { scorers }) };
  const reading = await part.open();
  const plan = {
    target, as, run, plant: () => new TextTree(),
    cases: reading.cases,
    total: part.count,
    ...(repeats === undefined ? {} : { repeats }),
    ...(seed === undefined ? {} : { seed }),
    concurrency: request.concurrency ?? manifest.target.concurrency ?? 4,
    progress: world.talk.progress(request.purpose === part.dataset.id ? part.dataset.id : `${request.purpose}: ${part.dataset.id}`),
    clock: world.clock,
    signal: world.surroundings.interrupted,
    onRow: (row: ResultRow) => {
      tally.add(row);
      judgements.settle(row.case);
    },
  };
  const keep = async (batch: Batch, taken?: TakenOver) => {
    await keepBatch(session, batch, { run, part: place, before: all.length - recorded.length, log: judgements, ...(taken && { taken }) });
    await checkpointWhenDue();
  };
  const summary = await (request.again === undefined
    ? runEvaluation({ ...plan, recorded: { rows: recorded.reduce((sum, entry) => sum + Number(entry.data['rows']), 0), batches: recorded.length }, onBatch: (batch) => keep(batch) })
    : runAgain(session, await batchesOfPart(session, request.again, place), { ...plan, recorded: recorded.length }, keep)).finally(reading.close);
  if (summary.interrupted) throw await interruption(running);
}

function runAgain(session: Session, entries: readonly Entry[], plan: Omit<AgainPlan, 'earlier' | 'onBatch'>, keep: (batch: Batch, taken: TakenOver) => Promise<void>): Promise<{ readonly interrupted: boolean }> {
  return askAgain({
    ...plan,
    earlier: earlierBatches(session, entries),
    onBatch: async (batch, asked) => {
      const entry = entries[batch.index];
      // Of what was lost no judge had anything to say, so what they said is all about what is taken over.
      await keep(batch, { asked, judgements: entry === undefined ? [] : await judgementsOf(session, entry) });
    },
  });
}

/** What is on record of a run that was cut off says of itself that it is a part. */
async function interruption({ session, request, run, tally, of }: Running): Promise<Fault> {
  await record(session, { type: 'evaluation.stopped', data: { run, purpose: request.purpose, rows: tally.rows, of } });
  return new Fault('INTERRUPTED', `stopped after ${tally.rows} of ${of} answers; they are kept`, { hint: 'run the command again to go on from there' });
}
