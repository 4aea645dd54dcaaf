/** After a command that wrote: computes what `status` would say, and for how long, and keeps it. Only makes the next `status` quicker. */
import { EXIT, Fault } from '../domain/fault.js';
import type { Store, World } from '../domain/ports.js';
import { addDuration, type Instant } from '../domain/time.js';
import { bound } from './as-of.js';
import { checkSinceCheckpoint } from './check-chain.js';
import { gateTime } from './gate-time.js';
import { fileOf, folderOf, stampOf, type KeptStatus } from './kept-status.js';
import { lookedAt, openSession, trustingStats, type Flags, type Session } from './session.js';
import { computeStates, type StepStates } from './states.js';
import { standingReport } from './status.js';

/** Longest and shortest time for which an answer is worth keeping. */
const LONGEST = 'P7D';
const SHORTER = ['P1D', 'PT6H', 'PT1H'] as const;

/**
 * Called once the store is closed, since only then the ledger's file holds all that was written.
 * What hinders it is no matter of the command that just succeeded: the next `status` meets the same fault and tells it.
 */
export async function keepStatus(world: World, flags: Flags): Promise<void> {
  try {
    const session = await openSession(world, flags, { mutates: false, quick: true });
    try {
      await keep(session);
    } finally {
      await session.store.close();
    }
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.exit === EXIT.bug) throw cause;
  }
}

/** The stamp is taken before anything is read: what changes meanwhile differs from it, and the answer is never used. */
async function keep(session: Session): Promise<void> {
  const { world, store, chain, source } = session;
  const place = { manifest: source.path, storeFolder: session.storeFolder };
  const looked = lookedAt(session.manifest);
  const stamp = await stampOf(world, place, looked, Number.POSITIVE_INFINITY);
  const head = await store.head(chain);
  if (!head || stamp === undefined) return;
  const now = await trustingStats({ ...session, store: askedOnce(store) });
  const from = await gateTime(now);
  const states = await computeStates(now, from);
  // Why a step is waived may be personal: it stays in the ledger, where it can be erased.
  if (states.steps.some((step) => step.findings.some((finding) => finding.waived))) return;
  const until = await sameUntil(now, states, from);
  if (until === undefined) return;
  const report = await standingReport(now, states.steps, await checkSinceCheckpoint(session));
  await world.files.makeFolder(folderOf(fileOf(place)), 0o700);
  await world.files.write(fileOf(place), JSON.stringify({ looked, stamp, from, until, report } satisfies KeptStatus), 0o600);
  // What others append from here on, the stamp will tell.
  if ((await store.head(chain))?.size !== head.size) await world.files.remove(fileOf(place));
}

/** Until when nothing changes by time alone. Whatever looks at the clock compares it with a fixed instant, so that two ends that agree vouch for all between them. */
async function sameUntil(session: Session, states: StepStates, from: Instant): Promise<Instant | undefined> {
  const answer = answerOf(states);
  const expiry = states.steps.flatMap((step) => step.evidence.flatMap(({ validUntil }) => (validUntil !== undefined && validUntil >= from ? [validUntil] : [])));
  const [longest = from] = [addDuration(from, LONGEST), ...expiry].sort();
  for (const until of [longest, ...SHORTER.map((span) => addDuration(from, span)).filter((until) => until < longest)]) {
    if (answerOf(await computeStates(session, until)) === answer) return until;
  }
  return undefined;
}

/** The same judging at several times asks the same questions: each is put to the store once. */
function askedOnce(store: Store): Store {
  const kept = new Map<string, Promise<unknown>>();
  const once = <A extends readonly unknown[], T>(name: string, ask: (...words: A) => Promise<T>) => (...words: A): Promise<T> => {
    const key = JSON.stringify([name, ...words]);
    const answer = kept.get(key) ?? ask(...words);
    kept.set(key, answer);
    return answer as Promise<T>;
  };
  const { latest, readEvidence, count, blob, payload, projection, ...rest } = bound(store);
  return {
    ...rest,
    latest: once('latest', latest), readEvidence: once('readEvidence', readEvidence), count: once('count', count),
    blob: once('blob', blob), payload: once('payload', payload), projection: once('projection', projection),
  };
}

/** Deliverables count too: they show figures that no finding prints. */
function answerOf({ steps, deliverables }: StepStates): string {
  return JSON.stringify([steps, [...deliverables]]);
}
