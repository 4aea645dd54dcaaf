/** Checks an agent's chain before anything is believed: since the last checkpoint for `status`, every byte for `verify`. */
import { verifyLedger } from '../ledger/flow/verify-ledger.js';
import { verifySignature } from '../identity/ed25519-verify.js';
import { Fault } from '../domain/fault.js';
import type { LedgerView } from '../domain/report.js';
import type { Store } from '../domain/ports.js';
import { readCosignatures } from './audit/cosignatures.js';
import { checkDestructions } from './audit/destructions.js';
import { publishedProblem } from './published-checkpoint.js';
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
  const older = await publishedProblem(session);
  return older === undefined ? view : { ...view, unknowns: [...(view.unknowns ?? []), older] };
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
