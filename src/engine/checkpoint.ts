/** Signs the head of an agent's chain: the note goes into the store and, so that a cut tail shows, into artifacts/checkpoint.txt. */
import { rootOf } from '../ledger/merkle.js';
import { signCheckpointNote } from '../ledger/checkpoint.js';
import { Fault } from '../domain/fault.js';
import { CHECKPOINT_FILE, originOf } from './open-ledger.js';
import { checkPublishedCheckpoint } from './published-checkpoint.js';
import type { Session } from './session.js';

export { CHECKPOINT_FILE };

/** @returns the note, or undefined when the newest checkpoint already covers the head @throws {Fault} LEDGER_BROKEN when an earlier one says otherwise */
export async function signCheckpoint(session: Session): Promise<string | undefined> {
  const { store, chain, keys, world } = session;
  const head = await store.head(chain);
  if (!head) return undefined;
  const newest = await store.checkpoint(chain);
  if (newest?.size === head.size) return undefined;
  await checkPublishedCheckpoint(session);
  const signer = await keys.open({ role: 'log', name: chain });
  const note = await signCheckpointNote({ origin: originOf(session.manifest), size: head.size, root: rootOf(head.range) }, signer);
  await store.putCheckpoint(chain, head.size, note);
  await world.files.write(`${session.artifacts}/${CHECKPOINT_FILE}`, note);
  return note;
}

/** Verifier key of the log, as its first entry names it. @throws {Fault} EVIDENCE_MISSING */
export async function logKeyOf({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<string> {
  const key = (await store.read(chain, 0))?.entry.data['log'];
  if (typeof key === 'string') return key;
  throw new Fault('EVIDENCE_MISSING', 'entry 0 does not name the key of the log', { at: 'entry 0', hint: 'agentctl audit verify' });
}
