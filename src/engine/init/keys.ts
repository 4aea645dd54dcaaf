/** Makes the keys that a manifest names, once: a second run finds them and makes none. */
import type { KeyName, Keys } from '../../domain/ports.js';
import { slug } from './detect.js';

/** Leaves room for a number in the 63 characters of a name. */
const LONGEST = 58;

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

/**
 * The first of the names that an organisation's keys may have on this machine whose key fits: the plain one, then numbered ones,
 * since the key of an identity that ended stays under its name.
 * @param fits asked with undefined where the name is free
 */
export async function organisationKeyWhere(keys: Keys, organisation: string, fits: (did: string | undefined) => boolean): Promise<{ readonly key: KeyName; readonly did: string | undefined }> {
  const { role, name } = organisationKey(organisation);
  const here = new Map((await keys.list(role)).map((key) => [key.name, key.did]));
  for (let number = 1; ; number += 1) {
    const key = { role, name: number === 1 ? name : `${name.slice(0, LONGEST)}-${number}` };
    const did = here.get(key.name);
    if (fits(did)) return { key, did };
  }
}
