/** Whether keys lie where a copy of the ledger would take along what opens them. Looks at paths only, and reads no key. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { Surroundings } from '../domain/ports.js';

export interface Unwrapping {
  readonly configFolder: string;
  /** What AGENTCTL_PASSPHRASE_FILE names. */
  readonly passphraseFile: string | undefined;
}

export function unwrapping({ configFolder, variable }: Pick<Surroundings, 'configFolder' | 'variable'>): Unwrapping {
  return { configFolder, passphraseFile: variable('AGENTCTL_PASSPHRASE_FILE') };
}

/** Warnings on where that lies which unwraps service keys, seen from the store. */
export function keyPlacement({ configFolder, passphraseFile }: Unwrapping, storeFolder: string): readonly string[] {
  const [config, store] = [canonicalPath(resolve(configFolder)), canonicalPath(resolve(storeFolder))];
  if (isInside(config, store)) return [`the configuration folder ${config} lies in the store: whoever copies the ledger has the keys that unwrap its signing keys`];
  if (isInside(config, dirname(store))) return [`the configuration folder ${config} lies beside the ledger: a copy of ${dirname(store)} holds both the wrapped log key and what unwraps it`];
  const passphrase = passphraseFile === undefined || holdsKeys(join(config, 'wrapping')) ? undefined : canonicalPath(resolve(passphraseFile));
  if (passphrase !== undefined && isInside(passphrase, dirname(store))) return [`the passphrase file ${passphrase} lies beside the ledger: a copy of ${dirname(store)} holds both the wrapped log key and what unwraps it`];
  return [];
}

/** Where it does, the passphrase opens no service key, or need not. */
function holdsKeys(folder: string): boolean {
  try {
    return existsSync(folder) && readdirSync(folder).length > 0;
  } catch {
    // Whoever may not look into it cannot be told what it holds; doctor says so.
    return true;
  }
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
