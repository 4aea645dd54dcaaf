/** Keeps a validated manifest by the digest of its text, so that what only shows neither parses YAML nor compiles a schema. Losable, and never used by `verify`. */
import { canonical } from '../domain/canonical.js';
import { digestBytes } from '../domain/digest.js';
import { asObject, parseJson } from '../domain/json.js';
import type { Store, World } from '../domain/ports.js';
import { loadManifest, manifestSchema, type LoadedManifest, type Manifest } from './manifest.js';

/** What the text means depends on the schema that judged it. */
function keyOf(text: string): string {
  // A key of a cache, not evidence: the schema's own text is the same for the same release, and writing it canonically would cost a millisecond a time.
  return `manifest:${digestBytes(`${JSON.stringify(manifestSchema())}\n${text}`)}`;
}

/** The manifest as it was validated before, if the text is the same to the byte; places are not known then. */
export async function recallManifest(world: Pick<World, 'files' | 'yaml' | 'schemas'>, store: Pick<Store, 'cached'>, path: string): Promise<LoadedManifest> {
  const text = await world.files.readText(path);
  const kept = await store.cached(keyOf(text));
  if (kept === undefined) return loadManifest(world, path);
  const manifest = asObject(parseJson(kept, 'kept manifest'), 'kept manifest') as unknown as Manifest;
  return { path, folder: path.slice(0, path.lastIndexOf('/')) || '/', text, manifest, place: () => '1:1' };
}

export async function rememberManifest(store: Pick<Store, 'cache'>, { text, manifest }: LoadedManifest): Promise<void> {
  await store.cache(keyOf(text), canonical(manifest));
}
