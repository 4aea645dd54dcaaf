/** How a run begins: a new one goes on record, and one that was cut off is taken up again while nothing that it depends on has changed. */
import type { Digest } from '../../domain/digest.js';
import type { Session } from '../session.js';
import { HARNESS } from '../inputs.js';
import type { OpenPart, Part } from './parts.js';

interface Purpose {
  readonly purpose: string;
  /** Digest of the signed document; null for an observational run. */
  readonly pact: Digest | null;
  /** Earlier run whose infrastructure errors are asked again. */
  readonly again?: string;
}

/** The newest run of this purpose, when it was cut off and is still about the same build, pact and data. */
export async function openRun({ store, chain, build }: Session, { purpose, pact, again }: Purpose, parts: readonly Part[]): Promise<string | undefined> {
  const started = (await store.readEvidence(chain, 'evaluation.started')).filter((entry) => entry.data['purpose'] === purpose);
  const newest = started.at(-1);
  if (!newest || newest.agent.build !== build.digest || newest.data['pact'] !== pact || newest.data['harness'] !== HARNESS || newest.data['again'] !== again) return undefined;
  const run = String(newest.data['run']);
  const finished = (await store.readEvidence(chain, 'evaluation.finished')).some((entry) => entry.data['run'] === run);
  const same = started.filter((entry) => entry.data['run'] === run).map((entry) => entry.data['datasetDigest']).sort().join();
  return !finished && same === parts.map((part) => part.dataset.sha256).sort().join() ? run : undefined;
}

export function newRun({ world }: Session): string {
  return `run-${Buffer.from(world.random.bytes(8)).toString('hex')}`;
}

export async function recordStart(session: Session, { purpose, pact, again }: Purpose, run: string, parts: readonly OpenPart[]): Promise<void> {
  const earlier = await session.store.readEvidence(session.chain, 'evaluation.started');
  // Two capabilities that are judged on one data set are two parts of one run, and so one use.
  const usesOf = (digest: string) => new Set(earlier.filter((entry) => entry.data['datasetDigest'] === digest).map((entry) => entry.data['run'])).size;
  const drafts = parts.map(({ dataset, count, agreement: { repeats = 1 } }) => ({
    type: 'evaluation.started', agent: session.agent, actor: 'agentctl',
    data: {
      run, purpose, dataset: dataset.id, datasetDigest: dataset.sha256, use: dataset.use, cases: count, ...(repeats > 1 && { repeats }), pact, harness: HARNESS, ...(again !== undefined && { again }),
      heldOutUse: dataset.use === 'held-out' ? usesOf(dataset.sha256) + 1 : 0,
    },
  }));
  await session.store.append(session.chain, drafts);
}
