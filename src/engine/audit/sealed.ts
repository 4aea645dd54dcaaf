/** Sealed segments on record, and the files that hold them: read back whole before anything rests on them. */
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { openSegment, type Segment } from '../../ledger/segment.js';
import { rootFromTiles } from '../../ledger/tile-proofs.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import type { Session } from '../session.js';
import { tilesOf } from '../tiles-of.js';

export interface SealedSegment {
  readonly from: number;
  readonly size: number;
  readonly root: string;
  readonly digest: string;
  readonly file: string;
}

/** Where segments lie: the folder that was named, else one in the store. */
export function sealedFolder({ storeFolder, chain, world }: Pick<Session, 'storeFolder' | 'chain' | 'world'>, named: string | undefined): string {
  if (named === undefined) return `${storeFolder}/sealed/${chain}`;
  return named.startsWith('/') ? named : `${world.surroundings.cwd}/${named}`;
}

/** Every segment that was sealed, oldest first. */
export async function sealedSegments({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<readonly SealedSegment[]> {
  return (await store.readEvidence(chain, 'audit.sealed')).map(({ data }) => ({
    from: Number(data['from']), size: Number(data['size']), root: String(data['root']), digest: String(data['digest']), file: String(data['file']),
  }));
}

/**
 * The file of a segment, verified to the byte against its entry and by itself.
 * @returns undefined when the file is not there
 * @throws {Fault} DIGEST_MISMATCH, LEDGER_BROKEN, SIGNATURE_INVALID
 */
export async function readSealed({ world }: Pick<Session, 'world'>, folder: string, { file, digest, root }: SegmentName & { readonly root?: string }): Promise<Segment | undefined> {
  const path = `${folder}/${file}`;
  if (!(await world.files.exists(path))) return undefined;
  const bytes = await world.files.read(path);
  if (digestBytes(bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `${file} is not the segment that was sealed`, { at: path, hint: 'look for another copy of the file' });
  const segment = await openSegment(bytes, verifySignature, file);
  if (root !== undefined && segment.root !== root) throw new Fault('LEDGER_BROKEN', `${file} is of another log`, { at: path });
  return segment;
}

/** What a pruning names of a segment. */
export type SegmentName = Pick<SealedSegment, 'from' | 'size' | 'digest' | 'file'>;

/**
 * Segments on record, here or among those that an earlier pruning names, whose files hold every entry before `size`, one behind the other.
 * @throws {Fault} REFUSED when an entry is in none of them, and what reading them may throw
 */
export async function covering(session: Session, folder: string, size: number): Promise<readonly SegmentName[]> {
  const chosen: SegmentName[] = [];
  const known = [...(await prunedSegments(session)), ...(await sealedSegments(session))];
  for (let at = 0; at < size; at = chosen.at(-1)?.size ?? size) {
    const next = known.filter((one) => one.from <= at && one.size > at).sort((a, b) => b.size - a.size)[0];
    if (!next) throw new Fault('REFUSED', `entry ${at} is not sealed`, { at: `entry ${at}`, hint: 'agentctl audit seal' });
    if (!(await readSealed(session, folder, next))) throw new Fault('REFUSED', `the sealed file ${next.file} is not there`, { at: `${folder}/${next.file}`, hint: 'agentctl audit prune --sealed <folder>' });
    chosen.push({ from: next.from, size: next.size, digest: next.digest, file: next.file });
  }
  return chosen;
}

/** The segments that hold what was pruned. */
export async function prunedSegments({ store, chain }: Pick<Session, 'store' | 'chain'>): Promise<readonly SegmentName[]> {
  const named = (await store.latest(chain, 'audit.pruned'))?.data['segments'];
  return Array.isArray(named) ? (named as unknown as readonly SegmentName[]) : [];
}

/**
 * Reads every sealed file that is there and compares it with the hashes that the chain kept.
 * @returns what could not be looked at, one line each: `unknown` where the file alone holds the entries, `absent` where the ledger has them too
 * @throws {Fault} DIGEST_MISMATCH, LEDGER_BROKEN, SIGNATURE_INVALID
 */
export async function spanSealed(session: Session, folder: string): Promise<{ readonly unknown: readonly string[]; readonly absent: readonly string[] }> {
  const pruned = await prunedSegments(session);
  const kept = (await sealedSegments(session)).filter(({ digest }) => !pruned.some((one) => one.digest === digest));
  const unknown = (await absentOf(session, folder, pruned)).map(({ file, from, size }) => `entries ${from} to ${size - 1} are pruned, and ${file}, which holds them, is not in ${folder}: they were not read`);
  // A file that ends within a tile is sealed again, whole: the longer one stands for it.
  const replaced = ({ from, size }: SegmentName) => kept.some((other) => other.from <= from && other.size > size);
  const absent = (await absentOf(session, folder, kept)).filter((one) => !replaced(one)).map(({ file }) => `${file} was sealed and is not in ${folder}; the ledger holds its entries too`);
  return { unknown, absent };
}

async function absentOf(session: Session, folder: string, names: readonly SegmentName[]): Promise<readonly SegmentName[]> {
  const absent: SegmentName[] = [];
  for (const name of names) {
    const segment = await readSealed(session, folder, name);
    if (!segment) absent.push(name);
    else if (segment.root !== (await rootFromTiles(tilesOf(session.store, session.chain), name.size))) throw new Fault('LEDGER_BROKEN', `${name.file} holds other entries than the log had`, { at: `${folder}/${name.file}` });
  }
  return absent;
}
