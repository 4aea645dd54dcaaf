/** Checks every byte of an agent's chain and store before anything is believed, and what was published of it; a glance is check-chain. */
import { Fault } from '../domain/fault.js';
import type { LedgerView } from '../domain/report.js';
import type { Store } from '../domain/ports.js';
import { checkChain } from './check-chain.js';
import { readCosignatures } from './audit/cosignatures.js';
import { checkDestructions } from './audit/destructions.js';
import { publishedProblem } from './published-checkpoint.js';
import type { Session } from './session.js';

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
