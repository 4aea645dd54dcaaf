/** Entries that something rests on today, however old they are: the newest of each kind that steps look at, and the runs that they name. */
import { KEY_CHANGES } from '../../attestation/succession.js';
import { decodeEntry } from '../../ledger/entry.js';
import { isPruned } from '../../ledger/pruned.js';
import { STEPS } from '../../steps/index.js';
import { gateTime } from '../gate-time.js';
import type { Session } from '../session.js';

/** Kinds of which no step needs the newest one: they speak of a moment. */
const OF_A_MOMENT: readonly string[] = ['ledger.opened', 'clock.jumped', 'audit.checkpointed', 'audit.exported', 'audit.sealed', 'audit.anchored', 'audit.pruned', 'payload.erased', 'action.intent', 'action.recorded', 'action.observed', 'complaint.received'];

/** @returns whether an entry may not be pruned yet */
export async function neededEvidence(session: Session): Promise<(entry: { readonly seq: number; readonly type: string }) => boolean> {
  const { store, chain } = session;
  const now = await gateTime(session);
  const newest = new Map<string, number>();
  const runs = new Map<string, number[]>();
  const valid = new Set<number>();
  for await (const row of store.scan(chain)) {
    if (isPruned(row)) continue;
    const { seq, type, data, validUntil } = decodeEntry(row.body, `entry ${row.seq}`);
    if (!OF_A_MOMENT.includes(type) && !/^(approval|reservation)\./.test(type)) newest.set(type, seq);
    if (typeof data['run'] === 'string') runs.set(data['run'], [...(runs.get(data['run']) ?? []), seq]);
    // Every signature of an identity is judged by all its keys.
    if ((validUntil !== undefined && validUntil >= now) || KEY_CHANGES.some((one) => one === type)) valid.add(seq);
  }
  const needed = new Set([...newest.values(), ...valid]);
  for (const type of new Set(STEPS.flatMap((step) => step.verbs.flatMap((verb) => verb.produces)))) {
    const run = (await store.latest(chain, type))?.data['run'];
    if (typeof run === 'string') for (const seq of runs.get(run) ?? []) needed.add(seq);
  }
  return ({ seq }) => needed.has(seq);
}
