/** Whether keys lie where a copy of the ledger would take along what opens them. Looks at paths only, and reads no key. */
import { realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** Warnings on where the configuration folder lies, seen from the store. */
export async function keyPlacement(configFolder: string, storeFolder: string): Promise<readonly string[]> {
  const [config, store] = [canonicalPath(resolve(configFolder)), canonicalPath(resolve(storeFolder))];
  if (isInside(config, store)) return [`the configuration folder ${config} lies in the store: whoever copies the ledger has the keys that unwrap its signing keys`];
  if (isInside(config, dirname(store))) return [`the configuration folder ${config} lies beside the ledger: a copy of ${dirname(store)} holds both the wrapped log key and what unwraps it`];
  return [];
}

function isInside(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** The path with links resolved as far as it exists. */
function canonicalPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    // Not made yet: its parent decides.
    return dirname(path) === path ? path : join(canonicalPath(dirname(path)), path.slice(dirname(path).length).replace(/^[\\/]/, ''));
  }
}
