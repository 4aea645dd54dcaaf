/** After a command that wrote: computes what `status` would say, and for how long, and keeps it. Only makes the next `status` quicker. */
import { EXIT, Fault } from '../domain/fault.js';
import type { Store } from '../domain/ports.js';
import { addDuration, type Instant } from '../domain/time.js';
import { bound } from './as-of.js';
import { gateTime } from './gate-time.js';
import { keyOf, rememberView, stampOf } from './kept-view.js';
import { nextCommand } from './next.js';
import { agentView, lookedAt, trustingStats, type Session } from './session.js';
import { computeStates, type StepStates } from './states.js';

/** Longest and shortest time for which a view is worth keeping. */
const LONGEST = 'P7D';
const SHORTER = ['P1D', 'PT6H', 'PT1H'] as const;

/** What hinders it is no matter of the command that just succeeded: the next `status` meets the same fault and tells it. */
export async function keepView(session: Session): Promise<void> {
  try {
    await keep(session);
  } catch (cause) {
    if (!(cause instanceof Fault) || cause.exit === EXIT.bug) throw cause;
  }
}

/** Stamp and head are taken before anything is read: what changes meanwhile differs from them, and the view is never used. */
async function keep(session: Session): Promise<void> {
  const { world, store, chain, source, folder } = session;
  const looked = lookedAt(session.manifest);
  const stamp = await stampOf(world, folder, looked);
  const head = await store.head(chain);
  if (!head || stamp === undefined) return;
  const now = await trustingStats({ ...session, store: askedOnce(store) });
  const from = await gateTime(now);
  const states = await computeStates(now, from);
  const until = await sameUntil(now, states, from);
  if (until === undefined) return;
  const { steps } = states;
  await rememberView(store, source.path, {
    key: keyOf(world, source.text), head: { size: head.size, hash: head.hash }, from, until, looked, stamp,
    view: { agent: agentView(now), stakes: now.manifest.stakes, steps, next: nextCommand(steps, now.manifest.path) },
  });
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
