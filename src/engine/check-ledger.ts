/** Checks an agent's chain before anything is believed: since the last checkpoint for `status`, every byte for `verify`. */
import { readCheckpointNote } from '../ledger/checkpoint.js';
import { verifyLedger } from '../ledger/flow/verify-ledger.js';
import { verifySignature } from '../identity/ed25519-verify.js';
import { Fault } from '../domain/fault.js';
import type { LedgerView } from '../domain/report.js';
import type { Store } from '../domain/ports.js';
import { readCosignatures } from './audit/cosignatures.js';
import { checkDestructions } from './audit/destructions.js';
import { CHECKPOINT_FILE } from './checkpoint.js';
import type { Session } from './session.js';

const EMPTY: Omit<LedgerView, 'chain'> = { size: 0, head: '', verified: 'every byte', checkpoint: null };

/** @throws {Fault} LEDGER_BROKEN naming the first bad place */
export async function checkSinceCheckpoint(session: Session): Promise<LedgerView> {
  return checkChain(session.store, session.chain, 'since the last checkpoint');
}

/** Rehashes every entry, checks every checkpoint, and compares every other table with the chain; what cannot be told is in `unknowns`. @throws {Fault} LEDGER_BROKEN, STORE_TAMPERED */
export async function checkEverything(session: Session): Promise<LedgerView> {
  const view = await checkStore(session.store, session.chain);
  await readCosignatures(session);
  await checkDestructions(session);
  await checkPublishedCheckpoint(session);
  return view;
}

/** The same for every chain of a store, as far as the store itself can tell. @throws {Fault} LEDGER_BROKEN, STORE_TAMPERED */
export async function checkCopy(store: Store): Promise<readonly LedgerView[]> {
  const views: LedgerView[] = [];
  for (const chain of await store.chains()) views.push(await checkStore(store, chain));
  return views;
}

async function checkStore(store: Store, chain: string): Promise<LedgerView> {
  const view = await checkChain(store, chain, 'every byte');
  const unknowns: string[] = [];
  for await (const { table, key, problem, unknown } of store.audit(chain)) {
    if (unknown) unknowns.push(problem);
    else throw new Fault('STORE_TAMPERED', `${table} ${key}: ${problem}`, { at: `${table} ${key}`, hint: 'restore the store from a backup and compare' });
  }
  return unknowns.length > 0 ? { ...view, unknowns } : view;
}

export async function checkChain(store: Store, chain: string, extent: LedgerView['verified']): Promise<LedgerView> {
  if (!(await store.head(chain))) return { chain, ...EMPTY };
  const result = await verifyLedger(store, chain, { verifySignature, extent });
  if (!result.ok) {
    throw new Fault('LEDGER_BROKEN', `the ledger does not hold at entry ${result.seq}: ${result.problem}`, { at: `entry ${result.seq}`, hint: 'agentctl audit verify' });
  }
  return { chain, size: result.size, head: result.hash, verified: extent, checkpoint: result.checkpoint };
}

/** The checkpoint committed beside agent.yaml betrays a cut tail or a rewritten history. */
async function checkPublishedCheckpoint(session: Session): Promise<void> {
  const { files } = session.world;
  const path = `${session.artifacts}/${CHECKPOINT_FILE}`;
  if (await files.exists(path)) await checkPublished(session, await files.readText(path), path);
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
