/** Sealed segments on record, and the files that hold them: read back whole before anything rests on them. */
import { digestBytes } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { openSegment, type Segment } from '../../ledger/segment.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import type { Session } from '../session.js';

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
export async function readSealed({ world }: Pick<Session, 'world'>, folder: string, { file, digest, root }: SealedSegment): Promise<Segment | undefined> {
  const path = `${folder}/${file}`;
  if (!(await world.files.exists(path))) return undefined;
  const bytes = await world.files.read(path);
  if (digestBytes(bytes) !== digest) throw new Fault('DIGEST_MISMATCH', `${file} is not the segment that was sealed`, { at: path, hint: 'look for another copy of the file' });
  const segment = await openSegment(bytes, verifySignature, file);
  if (segment.root !== root) throw new Fault('LEDGER_BROKEN', `${file} is of another log`, { at: path });
  return segment;
}
