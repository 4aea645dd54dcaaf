/** Checks an agent's chain before anything is believed: since the last checkpoint for `status`, every byte for `verify`. */
import { readCheckpointNote } from '../ledger/checkpoint.js';
import { verifyLedger } from '../ledger/flow/verify-ledger.js';
import { verifySignature } from '../identity/ed25519-verify.js';
import { Fault } from '../domain/fault.js';
import type { LedgerView } from '../domain/report.js';
import type { Store } from '../domain/ports.js';
import { CHECKPOINT_FILE } from './checkpoint.js';
import type { Session } from './session.js';

const EMPTY: Omit<LedgerView, 'chain'> = { size: 0, head: '', verified: 'every byte', checkpoint: null };

/** @throws {Fault} LEDGER_BROKEN naming the first bad place */
export async function checkSinceCheckpoint(session: Session): Promise<LedgerView> {
  return checkChain(session.store, session.chain, 'since the last checkpoint');
}

/** Rehashes every entry, checks every checkpoint, and compares every other table with the chain. @throws {Fault} LEDGER_BROKEN, STORE_TAMPERED */
export async function checkEverything(session: Session): Promise<LedgerView> {
  const { store, chain } = session;
  const view = await checkChain(store, chain, 'every byte');
  for await (const { table, key, problem } of store.audit(chain)) {
    throw new Fault('STORE_TAMPERED', `${table} ${key}: ${problem}`, { at: `${table} ${key}`, hint: 'restore the store from a backup and compare' });
  }
  await checkPublishedCheckpoint(session);
  return view;
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
async function checkPublishedCheckpoint({ world, store, chain, artifacts }: Session): Promise<void> {
  const path = `${artifacts}/${CHECKPOINT_FILE}`;
  if (await world.files.exists(path)) await checkPublished(store, chain, await world.files.readText(path), path);
}

/** What was published earlier, beside agent.yaml or on other storage, has to be a checkpoint of this very ledger. @throws {Fault} LEDGER_BROKEN, INPUT_INVALID */
export async function checkPublished(store: Store, chain: string, note: string, path: string): Promise<void> {
  const published = readCheckpointNote(note, path);
  const size = (await store.head(chain))?.size ?? 0;
  if (published.size > size) {
    throw new Fault('LEDGER_BROKEN', `the ledger has ${size} entries, but its published checkpoint covers ${published.size}: the tail was cut, or an older copy was restored`, { at: `entry ${size}`, hint: `compare with ${path}` });
  }
  const own = (await store.checkpoints(chain)).find((one) => one.size === published.size);
  if (own?.note !== note) throw new Fault('LEDGER_BROKEN', `the published checkpoint at size ${published.size} is not one of this ledger`, { at: path, hint: 'two copies of the ledger have parted: find out which is genuine' });
}
