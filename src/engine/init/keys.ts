/** Makes the keys that a manifest names, once: a second run finds them and makes none. */
import type { KeyName, Keys } from '../../domain/ports.js';
import { slug } from './detect.js';

export interface FoundKey {
  readonly label: string;
  readonly did: string;
  readonly made: boolean;
}

export async function ensureKey(keys: Keys, name: KeyName): Promise<FoundKey> {
  const label = `${name.role} key "${name.name}"`;
  const found = (await keys.list(name.role)).find((key) => key.name === name.name);
  return found ? { label, did: found.did, made: false } : { label, did: (await keys.create(name)).did, made: true };
}

/** An organisation's key is named after it, so that its next agent on this machine gets the same one. */
export function organisationKey(organisation: string): KeyName {
  return { role: 'organisation', name: slug(organisation) ?? 'organisation' };
}
