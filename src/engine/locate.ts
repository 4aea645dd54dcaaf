/** Where an agent's manifest and its store lie, seen from the working folder. */
import { Fault } from '../domain/fault.js';
import type { Stores, World } from '../domain/ports.js';

export const MANIFEST_FILE = 'agent.yaml';
export const STORE_FOLDER = '.agentctl';

/** The manifest named, or the nearest agent.yaml up the tree. @throws {Fault} MANIFEST_MISSING */
export async function findManifest(world: Pick<World, 'files' | 'surroundings'>, named: string | undefined): Promise<string> {
  const { cwd } = world.surroundings;
  if (named !== undefined) {
    const path = named.startsWith('/') ? named : `${cwd}/${named}`;
    const info = await world.files.info(path);
    if (info?.kind === 'directory') return findManifest(world, `${path}/${MANIFEST_FILE}`);
    if (info) return path;
    throw new Fault('MANIFEST_MISSING', `no manifest at ${named}`, { at: named, hint: 'agentctl init' });
  }
  for (let folder = cwd; ; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    const path = `${folder}/${MANIFEST_FILE}`;
    if (await world.files.exists(path)) return path;
    if (folder === '') break;
  }
  throw new Fault('MANIFEST_MISSING', `no ${MANIFEST_FILE} here or in a folder above`, { at: cwd, hint: 'agentctl init' });
}

/** The store named, else the nearest one up the tree, else beside the manifest. */
export async function findStore(world: Pick<World, 'surroundings'> & { readonly stores: Pick<Stores, 'exists'> }, folder: string, named: string | undefined): Promise<string> {
  if (named !== undefined) return named.startsWith('/') ? named : `${world.surroundings.cwd}/${named}`;
  for (let here = folder; ; here = here.slice(0, here.lastIndexOf('/'))) {
    if (await world.stores.exists(`${here}/${STORE_FOLDER}`)) return `${here}/${STORE_FOLDER}`;
    if (here === '') return `${folder}/${STORE_FOLDER}`;
  }
}
