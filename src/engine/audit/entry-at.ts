/** The entry that somebody names by its number, or why there is none to be had. */
import { Fault } from '../../domain/fault.js';
import { prunedSize } from '../../ledger/pruned.js';
import type { Session } from '../session.js';
import { prunedSegments } from './sealed.js';

/** The number of an entry as it was typed. @throws {Fault} USAGE */
export function numberOf(word = ''): number {
  if (/^(0|[1-9]\d{0,14})$/.test(word)) return Number(word);
  throw new Fault('USAGE', `"${word}" is no number of an entry`, { hint: 'agentctl audit log --last 20' });
}

/** EVIDENCE_MISSING: past the end of the log, or pruned and then in a sealed file. */
export async function noEntry(session: Pick<Session, 'store' | 'chain'>, seq: number): Promise<Fault> {
  const { store, chain } = session;
  const at = `entry ${seq}`;
  if (seq > 0 && seq < prunedSize(await store.latest(chain, 'audit.pruned'))) {
    const file = (await prunedSegments(session)).find((one) => one.from <= seq && seq < one.size)?.file;
    return new Fault('EVIDENCE_MISSING', `the text of entry ${seq} was pruned${file === undefined ? '' : `: ${file} holds it`}`, { at, hint: 'unpack the sealed file with tar and read its entries' });
  }
  return new Fault('EVIDENCE_MISSING', `there is no entry ${seq}: the log has ${(await store.head(chain))?.size ?? 0}`, { at, hint: 'agentctl audit log --last 20' });
}
