/** What was destroyed on purpose: an entry about it excuses what is gone, so it counts only with the act of the human who answers for it. */
import { digestJson, type Digest } from '../../domain/digest.js';
import type { Entry } from '../../domain/entry.js';
import { Fault } from '../../domain/fault.js';
import { rootFromTiles } from '../../ledger/tile-proofs.js';
import { attestationOf } from '../human-act.js';
import type { Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';

export function pruningSubject(chain: string, { size, root }: { readonly size: unknown; readonly root: unknown }): Digest {
  return digestJson({ chain, size: Number(size), root: String(root) });
}

export function erasureSubject(chain: string, { seq, commit, reason }: { readonly seq: unknown; readonly commit: unknown; readonly reason: unknown }): Digest {
  return digestJson({ agent: chain, entry: Number(seq), commit: String(commit), reason: String(reason) });
}

/** Whoever can write to the file can write such an entry; the act behind it, over this very destruction, he cannot sign. @throws {Fault} DIGEST_MISMATCH, SIGNATURE_INVALID */
export async function checkDestructions(session: Session): Promise<void> {
  const { store, chain, manifest } = session;
  for (const entry of await store.readEvidence(chain, 'payload.erased')) {
    if (entry.data['subject'] !== erasureSubject(chain, { seq: entry.data['seq'], commit: entry.data['commit'], reason: entry.data['reason'] })) throw forged(entry, 'erasure');
    await attestationOf(store, manifest, 'audit', entry);
  }
  for (const entry of await store.readEvidence(chain, 'audit.pruned')) {
    const { size, root, subject } = entry.data;
    if (subject !== pruningSubject(chain, { size, root }) || (await rootFromTiles(tilesOf(store, chain), Number(size))) !== root) throw forged(entry, 'pruning');
    await attestationOf(store, manifest, 'audit', entry);
  }
}

function forged({ seq }: Entry, what: string): Fault {
  return new Fault('DIGEST_MISMATCH', `the signed act of entry ${seq} was made for another ${what}`, { at: `entry ${seq}`, hint: `agentctl audit show ${seq}` });
}
