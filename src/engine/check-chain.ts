/** A chain, its checkpoints and nothing beside them: all that a glance needs. */
import type { Store } from '../domain/ports.js';
import { Fault } from '../domain/fault.js';
import type { LedgerView } from '../domain/report.js';
import { verifySignature } from '../identity/ed25519-verify.js';
import { verifyLedger } from '../ledger/flow/verify-ledger.js';
import type { Session } from './session.js';

const EMPTY: Omit<LedgerView, 'chain'> = { size: 0, head: '', verified: 'every byte', checkpoint: null };

/** @throws {Fault} LEDGER_BROKEN naming the first bad place */
export async function checkSinceCheckpoint(session: Session): Promise<LedgerView> {
  return checkChain(session.store, session.chain, 'since the last checkpoint');
}

export async function checkChain(store: Store, chain: string, extent: LedgerView['verified']): Promise<LedgerView> {
  if (!(await store.head(chain))) return { chain, ...EMPTY };
  const result = await verifyLedger(store, chain, { verifySignature, extent });
  if (!result.ok) {
    throw new Fault('LEDGER_BROKEN', `the ledger does not hold at entry ${result.seq}: ${result.problem}`, { at: `entry ${result.seq}`, hint: 'agentctl audit verify' });
  }
  return { chain, size: result.size, head: result.hash, verified: extent, checkpoint: result.checkpoint };
}
