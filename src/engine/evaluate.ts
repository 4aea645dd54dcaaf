/** One evaluation run, whatever it is for: asks every case, keeps every result row behind a Merkle root, judges each condition. */
import { canonical } from '../domain/canonical.js';
import { digestBytes, type Digest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';
import { EXIT, Fault } from '../domain/fault.js';
import type { Json, JsonObject } from '../domain/json.js';
import { judgeOf, recordedResult, type ConditionResult, type Judge } from '../evaluation/judge.js';
import { scoresOf, type Scores } from '../evaluation/composite.js';
import type { Pacts } from '../evaluation/condition.js';
import { movedTo } from '../evaluation/moved.js';
import { orderOf } from './evaluation/again.js';
import { askPart } from './evaluation/ask-part.js';
import { JudgementLog } from './evaluation/judgements.js';
import { openPart, partsOf, rowsIn, type OpenPart } from './evaluation/parts.js';
import { newRun, openRun, recordStart } from './evaluation/opening.js';
import { rootOfRun } from './evaluation/rows.js';
import type { RepliesAt } from './evaluation/scorers.js';
import { Tally } from './evaluation/tally.js';
import { versionsOf, type Versions } from './evaluation/versions.js';
import { underLock } from './locked.js';
import { record, textBlob, type Session } from './session.js';
import { startTarget } from './start-target.js';

export interface EvaluationRequest {
  readonly purpose: 'baseline' | 'certification' | 'monitor' | 'shift' | 'observational';
  readonly pacts: Pacts;
  /** Digest of the signed document that promises; null for an observational run. */
  readonly pact: Digest | null;
  /** Measure the conditions on this data set instead of their own, but for those that stay. */
  readonly on?: string;
  /** Folder to run the agent in; the working tree unless a snapshot is meant. */
  readonly folder?: string;
  readonly concurrency?: number;
  /** Earlier run whose infrastructure errors alone are asked again; its other rows are taken over. */
  readonly again?: string;
  /** Replies of judges that are recorded or replayed; asked live when absent. */
  readonly replies?: RepliesAt;
}

export interface Evaluation {
  readonly run: string;
  /** The entries that began it, one for each part. */
  readonly started: readonly Entry[];
  readonly conditions: readonly ConditionResult[];
  readonly scores: Scores;
  readonly cases: number;
  /** Right or wrong, failures of the agent's own among them. */
  readonly answered: number;
  /** Failures of the agent's own, by cause. */
  readonly failures: Readonly<Record<string, number>>;
  readonly abstained: number;
  readonly errors: number;
  readonly heldOutUse: number;
  readonly versions: Versions;
  readonly deliverable: Digest;
  readonly report: JsonObject;
  readonly milliseconds: number;
}

/**
 * Runs, or resumes the run that was interrupted, if nothing that it depends on has changed since. One at a time for each
 * purpose: a second process would take the first one's run for one that was cut off, and ask its cases once more.
 * @throws {Fault} DATASET_INVALID, TARGET_FAILED, INTERRUPTED (recorded batches are kept), STORE_LOCKED
 */
export function evaluate(session: Session, request: EvaluationRequest): Promise<Evaluation> {
  const { world, storeFolder, chain } = session;
  return underLock({ world, storeFolder: `${storeFolder}/running/${chain}/${request.purpose}` }, `${request.purpose} run`, () => evaluateAlone(session, request));
}

async function evaluateAlone(session: Session, request: EvaluationRequest): Promise<Evaluation> {
  const pacts = request.on === undefined ? request.pacts : movedTo(request.pacts, request.on);
  await session.world.targets.expectMany();
  const declared = partsOf(pacts);
  const cutOff = await openRun(session, request, declared);
  const run = cutOff ?? newRun(session);
  const parts: OpenPart[] = [];
  const order = request.again === undefined ? run : await orderOf(session, request.again);
  for (const part of declared) parts.push(await openPart(session, part, order));
  if (cutOff === undefined) await recordStart(session, request, run, parts);
  const judges: Record<string, JsonObject> = {};
  const judgements = new JudgementLog();
  const tally = new Tally(judgeOf(pacts, { observational: request.purpose === 'observational' }));
  const target = await startTarget(session, request.folder ?? session.folder);
  const started = session.world.clock.monotonic();
  try {
    for (const [index, part] of parts.entries()) await askPart({ session, request, run, target, tally, judges, judgements, of: rowsIn(parts) }, part, index);
  } finally {
    await target.close();
  }
  const milliseconds = Math.round(session.world.clock.monotonic() - started);
  return finishRun(session, request, { run, parts, tally, judges, judgements, milliseconds });
}

interface Finished {
  readonly run: string;
  readonly parts: readonly OpenPart[];
  readonly tally: Tally;
  readonly judges: JsonObject;
  readonly judgements: JudgementLog;
  readonly milliseconds: number;
}

async function finishRun(session: Session, request: EvaluationRequest, { run, parts, tally, judges, judgements, milliseconds }: Finished): Promise<Evaluation> {
  if (tally.rows !== rowsIn(parts)) throw new Fault('INTERNAL', `${tally.rows} results for ${rowsIn(parts)} questions`);
  const conditions = tally.judge.results();
  const scores = scoresOf(conditions);
  const started = (await session.store.readEvidence(session.chain, 'evaluation.started')).filter((entry) => entry.data['run'] === run);
  const heldOutUse = Math.max(0, ...started.map((entry) => Number(entry.data['heldOutUse'])));
  const versions = versionsOf(session, { parts, judge: judgements.version(), models: tally.models });
  const counts = { cases: parts.reduce((sum, part) => sum + part.count, 0), answered: tally.answered, failures: tally.failures, abstained: tally.abstained, errors: tally.errors };
  const report: JsonObject = {
    v: 1, run, purpose: request.purpose, build: session.build.digest, pact: request.pact, versions, ...counts, heldOutUse,
    conditions: conditions as unknown as Json, composite: scores.composite, dimensions: scores.dimensions as JsonObject, profile: scores.profile,
    ...(Object.keys(judges).length > 0 && { judges }),
  };
  const text = canonical(report);
  const deliverable = digestBytes(text);
  await record(
    session,
    { type: 'evaluation.finished', data: { run, purpose: request.purpose, observational: request.purpose === 'observational', ...counts, conditions: conditions.map(recordedResult), composite: scores.composite, dimensions: scores.dimensions as JsonObject, versions, rowsRoot: await rootOfRun(session, run), deliverable } },
    [textBlob(text)],
  );
  return { run, started, conditions, scores, ...counts, heldOutUse, versions, deliverable, report, milliseconds };
}

/** The exit status of a judged run: no when a condition is not met, indeterminate when one cannot be told. */
export function exitOfConditions(conditions: readonly ConditionResult[]): 0 | 1 | 3 {
  if (conditions.some((one) => one.verdict === 'not-met')) return EXIT.no;
  return conditions.length > 0 && conditions.every((one) => one.verdict === 'met') ? EXIT.yes : EXIT.indeterminate;
}
