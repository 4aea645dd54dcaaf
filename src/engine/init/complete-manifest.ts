/** Completes an agent.yaml that is there: keys for its placeholders, files beside it. What the user wrote stays as it is. */
import { isObject, type Json, type JsonObject } from '../../domain/json.js';
import type { World } from '../../domain/ports.js';
import { MANIFEST_FILE, UNSET_DID } from '../manifest.js';
import { STORE_FOLDER } from '../session.js';
import { writeCompanions, type Written } from './companions.js';
import { ensureKey, organisationKey, type FoundKey } from './keys.js';

export interface Completed {
  readonly written: readonly Written[];
  readonly notes: readonly string[];
  readonly keys: readonly FoundKey[];
}

export async function completeManifest(world: World, folder: string, alreadyInProduction: boolean): Promise<Completed> {
  const path = `${folder}/${MANIFEST_FILE}`;
  const before = await world.files.readText(path);
  const { value } = await world.yaml.parse(before, MANIFEST_FILE);
  const keys = world.keys(`${folder}/${STORE_FOLDER}`);
  const found: FoundKey[] = [];
  const absent: string[] = [];
  let text = before;
  for (const { pointer, did, key } of namedKeys(value)) {
    if (did === UNSET_DID) {
      const made = await ensureKey(keys, key);
      found.push(made);
      text = await world.yaml.edit(text, pointer, made.did);
    } else if (!(await keys.list(key.role)).some((one) => one.did === did || one.former.some((former) => former === did))) {
      absent.push(`${key.role} key "${key.name}"`);
    }
  }
  if (alreadyInProduction && isObject(value) && value['path'] !== 'already-in-production') text = await world.yaml.edit(text, '/path', 'already-in-production');
  const written = await writeCompanions(world, folder, value);
  if (text !== before) await world.files.write(path, text);
  return {
    keys: found,
    written: [...(text === before ? [] : [{ file: MANIFEST_FILE, what: edits(found.length, alreadyInProduction) }]), ...written],
    notes: absent.length === 0 ? [] : [`not on this machine, so these cannot sign here: ${absent.join(', ')}`],
  };
}

function edits(keys: number, path: boolean): string {
  const parts = [...(keys > 0 ? [`${keys} keys filled in`] : []), ...(path ? ['path set'] : [])];
  return `${parts.join(', ')}; everything else is as it was`;
}

type NamedKey = { readonly pointer: string; readonly did: Json; readonly key: { readonly role: 'organisation' | 'operator'; readonly name: string } };

/** Whom a manifest names with a DID; read leniently, since its mistakes are told afterwards. */
function namedKeys(manifest: Json): readonly NamedKey[] {
  const owner = isObject(manifest) && isObject(manifest['owner']) ? manifest['owner'] : {};
  const { organisation, operators } = owner;
  const named: NamedKey[] = [];
  if (isObject(organisation) && typeof organisation['did'] === 'string') {
    named.push({ pointer: '/owner/organisation/did', did: organisation['did'], key: organisationKey(String(organisation['name'])) as NamedKey['key'] });
  }
  (Array.isArray(operators) ? (operators as readonly JsonObject[]) : []).forEach((one, index) => {
    if (isObject(one) && typeof one['did'] === 'string' && typeof one['id'] === 'string') {
      named.push({ pointer: `/owner/operators/${index}/did`, did: one['did'], key: { role: 'operator', name: one['id'] } });
    }
  });
  return named;
}
