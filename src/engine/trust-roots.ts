/** Whom the reader trusts: a did:key, or a file that holds one, bare or as a DID document. */
import { readTrustRoot, trustRootOf, type TrustRoot } from '../attestation/trust-root.js';
import { Fault } from '../domain/fault.js';
import type { World } from '../domain/ports.js';

/** @returns null when the reader has not said. @throws {Fault} INPUT_INVALID, KEY_UNFIT; EVIDENCE_MISSING for a did:web, whose keys have to be fetched first */
export async function readTrustRoots(world: Pick<World, 'files' | 'surroundings'>, roots: readonly string[] | undefined): Promise<readonly TrustRoot[] | null> {
  if (roots === undefined || roots.length === 0) return null;
  return Promise.all(roots.map((root) => readRoot(world, root)));
}

async function readRoot(world: Pick<World, 'files' | 'surroundings'>, root: string): Promise<TrustRoot> {
  if (root.startsWith('did:')) return trustRootOf(root, '--trust');
  const path = absolute(world, root);
  if ((await world.files.info(path))?.kind !== 'file') throw new Fault('INPUT_INVALID', `trust root ${root} is neither a did:key nor a file`, { at: root, hint: 'give the did:key of the organisation, or a file that holds it or its did.json' });
  return readTrustRoot(await world.files.readText(path), root);
}

/** A path as typed, read against the working directory. */
export function absolute({ surroundings }: Pick<World, 'surroundings'>, path: string): string {
  if (path.startsWith('/')) return path;
  return path === '.' ? surroundings.cwd : `${surroundings.cwd}/${path.replace(/^\.\//, '').replace(/\/+$/, '')}`;
}
