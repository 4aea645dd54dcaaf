/** Whom the reader trusts: a did:key, or a file that holds one, bare or as a DID document. */
import { Fault } from '../domain/fault.js';
import { isObject, parseJson } from '../domain/json.js';
import type { World } from '../domain/ports.js';
import { assertionKeys } from '../identity/did-document.js';
import { didKeyOf, keyOfDid } from '../identity/did-key.js';

const HINT = 'give the did:key of the organisation, or a file that holds it or its did.json';

/** @returns did:keys, or null when the reader has not said. @throws {Fault} INPUT_INVALID, KEY_UNFIT */
export async function readTrustRoots(world: Pick<World, 'files' | 'surroundings'>, roots: readonly string[] | undefined): Promise<readonly string[] | null> {
  if (roots === undefined || roots.length === 0) return null;
  return (await Promise.all(roots.map((root) => readRoot(world, root)))).flat();
}

async function readRoot(world: Pick<World, 'files' | 'surroundings'>, root: string): Promise<readonly string[]> {
  if (root.startsWith('did:')) return [checkedDid(root, '--trust')];
  const path = absolute(world, root);
  if ((await world.files.info(path))?.kind !== 'file') throw new Fault('INPUT_INVALID', `trust root ${root} is neither a did:key nor a file`, { at: root, hint: HINT });
  const text = (await world.files.readText(path)).trim();
  if (!text.startsWith('{')) return [checkedDid(text, root)];
  const document = parseJson(text, root);
  const id = isObject(document) ? document['id'] : undefined;
  if (typeof id !== 'string') throw new Fault('INPUT_INVALID', `${root} is no DID document`, { at: root, hint: HINT });
  // The document of a did:key is a restatement of its name: only the name counts.
  if (id.startsWith('did:key:')) return [checkedDid(id, root)];
  const keys = assertionKeys(document, id);
  if (keys.length === 0) throw new Fault('INPUT_INVALID', `${root} lists no key under assertionMethod`, { at: root, hint: HINT });
  return keys.map((key) => didKeyOf(key.publicKey));
}

function checkedDid(text: string, at: string): string {
  try {
    keyOfDid(text);
    return text;
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault('INPUT_INVALID', `trust root ${JSON.stringify(text.slice(0, 100))} is not a did:key`, { at, hint: HINT, cause });
    throw cause;
  }
}

/** A path as typed, read against the working directory. */
export function absolute({ surroundings }: Pick<World, 'surroundings'>, path: string): string {
  if (path.startsWith('/')) return path;
  return path === '.' ? surroundings.cwd : `${surroundings.cwd}/${path.replace(/^\.\//, '').replace(/\/+$/, '')}`;
}
