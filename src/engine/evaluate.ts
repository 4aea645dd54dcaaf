/** One evaluation run, whatever it is for: asks every case, keeps every result row behind a Merkle root, judges each condition. */
import { canonical } from '../domain/canonical.js';
import { digestBytes, hexOf, short, type Digest } from '../domain/digest.js';
import { EXIT, Fault } from '../domain/fault.js';
import { parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { RunningTarget } from '../domain/ports.js';
import type { Entry } from '../domain/entry.js';
import { linesOf, presentationOrder, readCases, type Case } from '../evaluation/dataset.js';
import { judgeOf, recordedResult, type ConditionResult, type Judge } from '../evaluation/judge.js';
import { scoresOf, type Scores } from '../evaluation/composite.js';
import { isAnswered, SCORER, type ResultRow, type ScoredAs } from '../evaluation/score.js';
import { runEvaluation } from '../evaluation/flow/run.js';
import type { Agreement, Dataset, Pacts } from '../evaluation/condition.js';
import { rootOfTexts } from '../ledger/row-root.js';
import { HARNESS } from './inputs.js';
import { keepCheckpoints } from './keep-checkpoints.js';
import { record, textBlob, type Session } from './session.js';
import { startTarget } from './start-target.js';

export interface EvaluationRequest {
  readonly purpose: 'baseline' | 'certification' | 'monitor' | 'shift' | 'observational';
  readonly pacts: Pacts;
  /** Digest of the signed document that promises; null for an observational run. */
  readonly pact: Digest | null;
  /** Measure every condition on this data set instead of its own. */
  readonly on?: string;
  /** Folder to run the agent in; the working tree unless a snapshot is meant. */
  readonly folder?: string;
  readonly concurrency?: number;
}

export interface Evaluation {
  readonly run: string;
  readonly conditions: readonly ConditionResult[];
  readonly scores: Scores;
  readonly cases: number;
  readonly answered: number;
  readonly abstained: number;
  readonly errors: number;
  readonly heldOutUse: number;
  readonly versions: { readonly agent: string; readonly harness: string; readonly dataset: string; readonly scorer: string };
  readonly deliverable: Digest;
  readonly report: JsonObject;
  readonly milliseconds: number;
}

/** One data set under one agreement: what is asked in one go. */
interface Part {
  readonly dataset: Dataset;
  readonly agreement: Agreement;
  readonly cases: readonly Case[];
}

/**
 * Runs, or resumes the run that was interrupted, if nothing that it depends on has changed since.
 * @throws {Fault} DATASET_INVALID, TARGET_FAILED, INTERRUPTED (recorded batches are kept)
 */
export async function evaluate(session: Session, request: EvaluationRequest): Promise<Evaluation> {
  const pacts = request.on === undefined ? request.pacts : movedTo(request.pacts, request.on);
  const parts = await readParts(session, pacts);
  const run = (await openRun(session, request, parts)) ?? (await startRun(session, request, parts));
  const judge = judgeOf(pacts, { observational: request.purpose === 'observational' });
  const tally = new Tally(judge);
  const total = parts.reduce((sum, part) => sum + part.cases.length, 0);
  const child = await startTarget(session, request.folder ?? session.folder);
  const started = session.world.clock.monotonic();
  try {
    for (const [index, part] of parts.entries()) await runPart(session, request, run, part, index, child, tally);
  } finally {
    await child.close();
  }
  const milliseconds = Math.round(session.world.clock.monotonic() - started);
  return finishRun(session, request, { run, parts, tally, total, milliseconds });
}

/** The pact's conditions, measured on another data set. */
function movedTo(pacts: Pacts, dataset: string): Pacts {
  if (!pacts.datasets.some((one) => one.id === dataset)) throw new Fault('DATASET_INVALID', `no data set "${dataset}" under pacts.datasets`, { hint: `declared: ${pacts.datasets.map((one) => one.id).join(', ')}` });
  return { ...pacts, agreements: pacts.agreements.map((agreement) => ({ ...agreement, conditions: agreement.conditions.map((condition) => ({ ...condition, dataset })) })) };
}

async function readParts(session: Session, pacts: Pacts): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const agreement of pacts.agreements) {
    for (const dataset of pacts.datasets.filter((one) => agreement.conditions.some((condition) => condition.dataset === one.id))) {
      const bytes = await session.world.files.read(`${session.folder}/${dataset.file}`);
      if (digestBytes(bytes) !== dataset.sha256) throw new Fault('DATASET_INVALID', `data set ${dataset.id} is not the declared one`, { at: dataset.file, hint: `declared: ${dataset.sha256}` });
      const cases: Case[] = [];
      for await (const one of readCases(linesOf(bytes), { file: dataset.file, pointer: agreement.output.pointer })) cases.push(one);
      parts.push({ dataset, agreement, cases });
    }
  }
  return parts;
}

/** The newest run of this purpose, when it was cut off and is still about the same build, pact and data. */
async function openRun(session: Session, { purpose, pact }: EvaluationRequest, parts: readonly Part[]): Promise<string | undefined> {
  const started = (await session.store.readEvidence(session.chain, 'evaluation.started')).filter((entry) => entry.data['purpose'] === purpose);
  const newest = started.at(-1);
  if (!newest || newest.agent.build !== session.build.digest || newest.data['pact'] !== pact || newest.data['harness'] !== HARNESS) return undefined;
  const run = String(newest.data['run']);
  const finished = (await session.store.readEvidence(session.chain, 'evaluation.finished')).some((entry) => entry.data['run'] === run);
  const same = started.filter((entry) => entry.data['run'] === run).map((entry) => entry.data['datasetDigest']).sort().join();
  return !finished && same === parts.map((part) => part.dataset.sha256).sort().join() ? run : undefined;
}

async function startRun(session: Session, { purpose, pact }: EvaluationRequest, parts: readonly Part[]): Promise<string> {
  const run = `run-${Buffer.from(session.world.random.bytes(8)).toString('hex')}`;
  const earlier = await session.store.readEvidence(session.chain, 'evaluation.started');
  // Two capabilities that are judged on one data set are two parts of one run, and so one use.
  const usesOf = (digest: string) => new Set(earlier.filter((entry) => entry.data['datasetDigest'] === digest).map((entry) => entry.data['run'])).size;
  const drafts = parts.map(({ dataset, cases }) => ({
    type: 'evaluation.started', agent: session.agent, actor: 'agentctl',
    data: {
      run, purpose, dataset: dataset.id, datasetDigest: dataset.sha256, use: dataset.use, cases: cases.length, pact, harness: HARNESS,
      heldOutUse: dataset.use === 'held-out' ? usesOf(dataset.sha256) + 1 : 0,
    },
  }));
  await session.store.append(session.chain, drafts);
  return run;
}

async function runPart(session: Session, request: EvaluationRequest, run: string, part: Part, index: number, target: RunningTarget, tally: Tally): Promise<void> {
  const { world, store, chain, manifest } = session;
  const base = index * 1000;
  const recorded = (await store.readEvidence(chain, 'evaluation.batch')).filter((entry) => entry.data['run'] === run && Math.floor(Number(entry.data['index']) / 1000) === index);
  for (const entry of recorded) for (const row of await rowsOf(session, entry)) tally.add(row);
  const checkpointWhenDue = keepCheckpoints(session);
  const as: ScoredAs = { capability: part.agreement.capability, dataset: part.dataset.id, output: part.agreement.output };
  const summary = await runEvaluation({
    target, as, run, root: rootOfTexts,
    cases: presentationOrder(part.cases, run),
    total: part.cases.length,
    concurrency: request.concurrency ?? manifest.target.concurrency ?? 4,
    progress: world.talk.progress(request.purpose === part.dataset.id ? part.dataset.id : `${request.purpose}: ${part.dataset.id}`),
    clock: world.clock,
    signal: world.surroundings.interrupted,
    resumeAfter: recorded.map((entry) => Number(entry.data['index']) - base),
    onBatch: async (batch) => {
      const text = `${batch.texts.join('\n')}\n`;
      const data = { run, index: base + batch.index, rows: batch.rows.length, root: batch.root, results: digestBytes(text) };
      await record(session, { type: 'evaluation.batch', data }, [textBlob(text, 'application/jsonl')]);
      await checkpointWhenDue();
      for (const row of batch.rows) tally.add(row);
    },
  });
  if (summary.interrupted) throw new Fault('INTERRUPTED', `stopped after ${tally.cases} cases; recorded batches are kept`, { hint: 'run the command again to go on from there' });
}

/** Result rows of a recorded batch, checked against what the entry commits to. @throws {Fault} DIGEST_MISMATCH */
export async function rowsOf(session: Pick<Session, 'store'>, entry: Entry): Promise<readonly ResultRow[]> {
  const digest = entry.data['results'] as Digest;
  const blob = await session.store.blob(digest);
  if (!blob || digestBytes(blob.bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `the results of batch ${String(entry.data['index'])} are gone or changed`, { at: `entry ${entry.seq}` });
  const texts = new TextDecoder().decode(blob.bytes).split('\n').filter((line) => line !== '');
  return texts.map((text) => parseJson(text, `entry ${entry.seq}`) as unknown as ResultRow);
}

class Tally {
  readonly judge: Judge;
  cases = 0;
  answered = 0;
  abstained = 0;
  errors = 0;

  constructor(judge: Judge) {
    this.judge = judge;
  }

  add(row: ResultRow): void {
    this.judge.add(row);
    this.cases += 1;
    if (isAnswered(row)) this.answered += 1;
    if (row.outcome === 'abstain') this.abstained += 1;
    if (row.outcome === 'infrastructure') this.errors += 1;
  }
}

interface Finished {
  readonly run: string;
  readonly parts: readonly Part[];
  readonly tally: Tally;
  readonly total: number;
  readonly milliseconds: number;
}

async function finishRun(session: Session, request: EvaluationRequest, { run, parts, tally, total, milliseconds }: Finished): Promise<Evaluation> {
  if (tally.cases !== total) throw new Fault('INTERNAL', `${tally.cases} results for ${total} cases`);
  const { metadata } = session.manifest;
  const conditions = tally.judge.results();
  const scores = scoresOf(conditions);
  const started = (await session.store.readEvidence(session.chain, 'evaluation.started')).filter((entry) => entry.data['run'] === run);
  const heldOutUse = Math.max(0, ...started.map((entry) => Number(entry.data['heldOutUse'])));
  const versions = {
    agent: `${metadata.name} ${metadata.version} build ${short(session.build.digest)}`,
    harness: `${HARNESS} of agentctl ${session.world.surroundings.version}`,
    dataset: parts.map((part) => `${part.dataset.id} ${hexOf(part.dataset.sha256 as Digest).slice(0, 12)}`).join(', '),
    scorer: SCORER,
  };
  const counts = { cases: tally.cases, answered: tally.answered, abstained: tally.abstained, errors: tally.errors };
  const report: JsonObject = {
    v: 1, run, purpose: request.purpose, build: session.build.digest, pact: request.pact, versions, ...counts, heldOutUse,
    conditions: conditions as unknown as Json, composite: scores.composite, dimensions: scores.dimensions as JsonObject, profile: scores.profile,
  };
  const text = canonical(report);
  const deliverable = digestBytes(text);
  await record(
    session,
    { type: 'evaluation.finished', data: { run, purpose: request.purpose, observational: request.purpose === 'observational', ...counts, conditions: conditions.map(recordedResult), composite: scores.composite, dimensions: scores.dimensions as JsonObject, versions, rowsRoot: await rootOfRun(session, run), deliverable } },
    [textBlob(text)],
  );
  return { run, conditions, scores, ...counts, heldOutUse, versions, deliverable, report, milliseconds };
}

/** Merkle root over the roots of the run's batches, in order. */
async function rootOfRun(session: Session, run: string): Promise<string> {
  const batches = (await session.store.readEvidence(session.chain, 'evaluation.batch')).filter((entry) => entry.data['run'] === run);
  return rootOfTexts(batches.sort((a, b) => Number(a.data['index']) - Number(b.data['index'])).map((entry) => String(entry.data['root'])));
}

/** The exit status of a judged run: no when a condition is not met, indeterminate when one cannot be told. */
export function exitOfConditions(conditions: readonly ConditionResult[]): 0 | 1 | 3 {
  if (conditions.some((one) => one.verdict === 'not-met')) return EXIT.no;
  return conditions.length > 0 && conditions.every((one) => one.verdict === 'met') ? EXIT.yes : EXIT.indeterminate;
}
