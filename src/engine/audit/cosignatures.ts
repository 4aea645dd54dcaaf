/** What witnesses signed below this log's checkpoints, verified each time it is read: by the keys that the chain names for them. */
import { Fault } from '../../domain/fault.js';
import type { StoredCosignature } from '../../domain/ports.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { parseNote, parseVerifierKey, vouchersOf, type VerifierKey } from '../../ledger/checkpoint.js';
import type { Session } from '../session.js';

type Reading = Pick<Session, 'store' | 'chain'>;

/** @param over only those below the checkpoint over so many entries @throws {Fault} STORE_TAMPERED naming the row that does not hold */
export async function readCosignatures({ store, chain }: Reading, over?: number): Promise<readonly StoredCosignature[]> {
  const rows = (await store.cosignatures(chain)).filter(({ size }) => over === undefined || size === over);
  if (rows.length === 0) return rows;
  const keys = await witnessKeys({ store, chain });
  const texts = new Map((await store.checkpoints(chain)).map(({ size, note }) => [size, parseNote(note, `checkpoint ${size}`).text]));
  for (const row of rows) if (!(await holds(row, texts.get(row.size), keys))) throw tampered(row);
  return rows;
}

async function witnessKeys({ store, chain }: Reading): Promise<readonly VerifierKey[]> {
  const named = (await store.readEvidence(chain, 'audit.anchored')).map(({ data }) => data['key']);
  return [...new Set(named.filter((key) => typeof key === 'string'))].map(parseVerifierKey);
}

async function holds({ name, line }: StoredCosignature, text: string | undefined, keys: readonly VerifierKey[]): Promise<boolean> {
  if (text === undefined) return false;
  try {
    const vouched = await vouchersOf(parseNote(`${text}\n${line}`, name), keys, verifySignature);
    return vouched.length === 1 && vouched[0]?.key.name === name;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function tampered({ size, name }: StoredCosignature): Fault {
  const at = `cosignatures ${size} ${name}`;
  return new Fault('STORE_TAMPERED', `${at}: is not what a witness of this log signed`, { at, hint: 'restore the store from a backup and compare' });
}
