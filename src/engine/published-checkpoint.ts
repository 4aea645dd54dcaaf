/** What was published of a ledger earlier, beside agent.yaml or to an anchor, against the ledger as it is. */
import { Fault } from '../domain/fault.js';
import { readCheckpointNote } from '../ledger/checkpoint.js';
import { findStore } from './locate.js';
import { CHECKPOINT_FILE } from './open-ledger.js';
import type { Session } from './session.js';

/**
 * The checkpoint committed beside agent.yaml betrays a cut tail or a rewritten history. Nothing is signed before it was asked: signing
 * overwrites it.
 *
 * @throws {Fault} LEDGER_BROKEN
 */
export async function checkPublishedCheckpoint(session: Session): Promise<void> {
  const path = pathOf(session);
  const note = await noteAt(session, path);
  if (note !== undefined) await checkPublished(session, note, path);
}

/**
 * The same for whoever looks at a store in a place of its own. A backup ends where it was made, so that it ends early proves nothing.
 *
 * @returns what cannot be told @throws {Fault} LEDGER_BROKEN
 */
export async function publishedProblem(session: Session): Promise<string | undefined> {
  const path = pathOf(session);
  const note = await noteAt(session, path);
  if (note === undefined) return undefined;
  const [published, head] = [readCheckpointNote(note, path).size, (await session.store.head(session.chain))?.size ?? 0];
  const elsewhere = session.flags.store !== undefined && session.storeFolder !== (await findStore(session.world, session.folder, undefined));
  if (elsewhere && published > head) return `this store ends at ${head} entries, and artifacts/${CHECKPOINT_FILE} covers ${published}: it is an older copy, or its tail was cut`;
  await checkPublished(session, note, path);
  return undefined;
}

function pathOf({ artifacts }: Session): string {
  return `${artifacts}/${CHECKPOINT_FILE}`;
}

/** @returns undefined when there is none @throws {Fault} LEDGER_BROKEN when it is none */
async function noteAt({ world: { files } }: Session, path: string): Promise<string | undefined> {
  if (!(await files.exists(path))) return undefined;
  const note = await files.readText(path);
  try {
    readCheckpointNote(note, path);
    return note;
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    throw new Fault('LEDGER_BROKEN', `${path} is no checkpoint, so nothing tells whether the tail of the ledger was cut`, { at: path, cause, hint: 'restore the file from version control; without one, remove it knowingly' });
  }
}

/**
 * What was published earlier, beside agent.yaml or to an anchor, has to be a checkpoint of this very ledger, to the byte.
 *
 * @param place where the note comes from @param anchor name of the anchor that kept it
 * @returns entries that it covers
 * @throws {Fault} LEDGER_BROKEN, INPUT_INVALID
 */
export async function checkPublished({ store, chain }: Pick<Session, 'store' | 'chain'>, note: string, place: string, anchor?: string): Promise<number> {
  const published = readCheckpointNote(note, place);
  const size = (await store.head(chain))?.size ?? 0;
  if (published.size > size) throw cutTail(size, anchor === undefined ? `its published checkpoint covers ${published.size}` : `${anchor} has seen ${published.size}`, place);
  const own = (await store.checkpoints(chain)).find((one) => one.size === published.size);
  if (own?.note !== note) throw parted(`the ${anchor === undefined ? 'published checkpoint' : `checkpoint of ${anchor}`} at size ${published.size} is not one of this ledger`, place);
  return published.size;
}

/** @param claim who says that there were more */
export function cutTail(size: number, claim: string, place: string): Fault {
  return new Fault('LEDGER_BROKEN', `the ledger has ${size} entries, but ${claim}: the tail was cut, or an older copy was restored`, { at: `entry ${size}`, hint: `compare with ${place}` });
}

export function parted(message: string, at: string): Fault {
  return new Fault('LEDGER_BROKEN', message, { at, hint: 'the ledger was rewritten, or two copies have parted: find out which is genuine' });
}
