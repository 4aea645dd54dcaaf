/** Checkpoints while one process appends for long: the loop calls after each piece of work, and one is signed when it is due. */
import { isDue } from '../ledger/checkpoint-policy.js';
import { signCheckpoint } from './checkpoint.js';
import type { Session } from './session.js';

/** @returns what the loop calls; several at once wait for each other, so that an older checkpoint never overwrites a newer one */
export function keepCheckpoints(session: Session): () => Promise<void> {
  const { store, chain, world } = session;
  let signed = world.clock.monotonic();
  const look = async (): Promise<void> => {
    const [head, newest] = [await store.head(chain), await store.checkpoint(chain)];
    const entries = (head?.size ?? 0) - (newest?.size ?? 0);
    if (!isDue({ entries, milliseconds: world.clock.monotonic() - signed })) return;
    await signCheckpoint(session);
    signed = world.clock.monotonic();
  };
  let turn: Promise<void> = Promise.resolve();
  return () => (turn = turn.then(look));
}
