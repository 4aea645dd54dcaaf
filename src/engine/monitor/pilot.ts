/** The pilot stream: recorded requests, replayed through the decision function as if they came now; a share is scored. */
import { digestBytes, digestJson, hexOf } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { TargetReply, TargetRequest } from '../../domain/ports.js';
import { linesOf, readCases, requestOf, type Case } from '../../evaluation/dataset.js';
import { isSampled } from '../../evaluation/sampling.js';
import { scoreReply, type ResultRow, type ScoredAs } from '../../evaluation/score.js';
import { executeAction } from '../../enforcement/gateway/execute.js';
import type { MonitoringSection } from '../../steps/05-monitor.js';
import type { ActiveBuild } from '../active-build.js';
import { gatewayOf } from '../gateway.js';
import { keepCheckpoints } from '../keep-checkpoints.js';
import type { Session } from '../session.js';
import { startTarget } from '../start-target.js';
import type { Declared } from './declared.js';
import { recordSample, type Sample } from './sample.js';

/** More at once would mostly wait for each other at the ledger. */
const WORKERS = 4;

/**
 * Replays every case once. An interrupted replay goes on where it stopped: what is on record is not done again.
 * @param session of the build that runs
 * @throws {Fault} DATASET_INVALID, TARGET_FAILED, INTERRUPTED
 */
export async function replayPilot(session: Session, active: ActiveBuild, declared: Declared, pilot: NonNullable<MonitoringSection['pilot']>): Promise<Sample> {
  const { world, manifest } = session;
  const { cases, as, sha256 } = await readPilot(session, declared, pilot);
  const run = await runId(session, sha256);
  const { ports, context } = await gatewayOf(session, active.folder);
  const done = await recordedActions(session, run);
  if ((manifest.build.tools ?? []).length > 0) world.talk.say('the pilot replay carries out permitted tool calls for real');
  const rows: ResultRow[] = [];
  const decisions: Record<string, number> = {};
  let [next, finished, actions] = [0, 0, 0];
  const progress = world.talk.progress(`pilot: ${pilot.dataset}, replayed`);
  const checkpointWhenDue = keepCheckpoints(session);
  const target = await startTarget(session, active.folder);
  const one = async (entry: Case) => {
    const request = requestOf(entry, run);
    const reply = await askPatiently(target, request);
    for (const proposal of proposalsOf(run, as, request, reply, world.clock.now())) {
      actions += 1;
      if (done.has(proposal.id)) continue;
      const { decision } = (await executeAction(ports, context, proposal)).decision;
      decisions[decision] = (decisions[decision] ?? 0) + 1;
    }
    if (isSampled(request.id, declared.spec.sample)) rows.push(scoreReply({ one: entry, repeat: 0, request, alone: true }, reply, as));
    await checkpointWhenDue();
    progress.update((finished += 1), cases.length);
  };
  const work = async () => {
    for (let entry = cases[next++]; entry !== undefined; entry = cases[next++]) {
      if (world.surroundings.interrupted.aborted) throw new Fault('INTERRUPTED', `stopped after ${finished} of ${cases.length} requests; what is on record is kept`, { hint: 'run the command again to go on from there' });
      await one(entry);
    }
  };
  try {
    const workers = Math.min(WORKERS, manifest.target.concurrency ?? WORKERS);
    const ends = await Promise.allSettled(Array.from({ length: workers }, work));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    progress.end();
    await target.close();
  }
  const sample: Sample = { run, source: 'pilot/replayed', of: cases.length, actions, ...tallyOf(rows), decisions };
  await recordSample(session, declared.spec, sample, rows);
  return sample;
}

async function readPilot({ world, folder, manifest }: Session, { pacts }: Declared, pilot: NonNullable<MonitoringSection['pilot']>): Promise<{ cases: readonly Case[]; as: ScoredAs; sha256: string }> {
  const dataset = pacts.datasets.find((one) => one.id === pilot.dataset);
  const agreement = pacts.agreements.find((one) => pilot.capability === undefined || one.capability === pilot.capability);
  if (!dataset || !agreement) throw new Fault('DATASET_INVALID', `the pilot needs a data set and an agreement of the signed pact: ${pilot.dataset}, ${pilot.capability ?? 'first agreement'}`, { at: 'agent.yaml: monitoring.pilot', hint: 'agentctl pact show' });
  const bytes = await world.files.read(`${folder}/${dataset.file}`);
  if (digestBytes(bytes) !== dataset.sha256) throw new Fault('DATASET_INVALID', `data set ${dataset.id} is not the declared one`, { at: dataset.file, hint: `declared: ${dataset.sha256}` });
  const cases: Case[] = [];
  for await (const one of readCases(linesOf(bytes), { file: dataset.file, kind: manifest.target.kind, ...(agreement.output === undefined ? {} : { pointer: agreement.output.pointer }) })) cases.push(one);
  return { cases, as: { capability: agreement.capability, dataset: dataset.id, ...(agreement.output === undefined ? {} : { output: agreement.output }) }, sha256: dataset.sha256 };
}

/** The same until the replay is finished, so that an interrupted one is recognised. */
async function runId({ store, chain, build }: Session, sha256: string): Promise<string> {
  const finished = (await store.readEvidence(chain, 'monitor.sampled')).filter((entry) => entry.data['source'] === 'pilot/replayed').length;
  return `pilot-${hexOf(digestJson({ sha256, build: build.digest, finished })).slice(0, 16)}`;
}

/** Actions of this replay that were decided, or at least begun, by an earlier attempt. */
async function recordedActions({ store, chain }: Session, run: string): Promise<ReadonlySet<string>> {
  const entries = [...(await store.readEvidence(chain, 'action.intent')), ...(await store.readEvidence(chain, 'action.recorded'))];
  return new Set(entries.map((entry) => String(entry.data['action'])).filter((id) => id.startsWith(`${run}/`)));
}

/** A fault may be the neighbour's; asked again alone it is the agent's own. */
async function askPatiently(target: { ask(request: TargetRequest): Promise<TargetReply> }, request: TargetRequest): Promise<TargetReply> {
  const reply = await target.ask(request);
  return reply.outcome === 'fault' ? target.ask(request) : reply;
}

function proposalsOf(run: string, { capability }: ScoredAs, request: TargetRequest, reply: TargetReply, occurredAt: string): readonly Parameters<typeof executeAction>[2][] {
  if (reply.outcome !== 'answer') return [];
  const { confidence, doubt } = reply;
  // A call whose arguments nobody can read is no action that could be decided on, and never one without arguments.
  return reply.toolCalls.flatMap((call, index) =>
    call.malformed === undefined ? [{ id: `${run}/${request.id}/${index}`, capability, tool: call.tool, arguments: call.arguments, confidence, doubt, source: 'pilot' as const, occurredAt }] : [],
  );
}

function tallyOf(rows: readonly ResultRow[]): Pick<Sample, 'sampled' | 'scored' | 'passed'> {
  const scored = rows.filter((row) => ['pass', 'fail', 'abstain'].includes(row.outcome));
  return { sampled: rows.length, scored: scored.length, passed: scored.filter((row) => row.outcome === 'pass').length };
}
