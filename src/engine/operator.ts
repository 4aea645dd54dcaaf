/** `agentctl operator`: the humans who may act. Their keys lie on their machines, their public halves and roles in agent.yaml. */
import { Fault } from '../domain/fault.js';
import { operatorBy } from '../domain/manifest.js';
import { ID, ROLES, type Role } from '../domain/names.js';
import type { Report } from '../domain/report.js';
import type { KeyName, World } from '../domain/ports.js';
import type { Histories } from '../attestation/succession.js';
import { didKeyOf } from '../identity/did-key.js';
import { currentOf, soleKey } from '../identity/key-history.js';
import { ensureKey, type FoundKey } from './init/keys.js';
import { keyRecords } from './key-history.js';
import { underLock } from './locked.js';
import { findManifest, loadManifest, type LoadedManifest } from './manifest.js';
import { outcome } from './outcome.js';
import { findStore, STORE_FOLDER, type Flags } from './session.js';
import { readSshKey } from './ssh-key.js';
import { suggest } from './suggest.js';

export interface OperatorInput {
  readonly id: string;
  readonly roles: readonly string[];
  readonly name?: string;
  /** .pub file of an Ed25519 key that OpenSSH keeps. */
  readonly sshKey?: string;
}

/**
 * Makes the operator's key in the configuration folder, or notes which SSH key it is, and enters the operator in agent.yaml, comments kept.
 * @throws {Fault} USAGE, REFUSED when the id is taken, STORE_LOCKED, PASSPHRASE, INPUT_INVALID and KEY_UNFIT for an SSH key that cannot be used
 */
export async function addOperator(world: World, flags: Flags, input: OperatorInput): Promise<Report> {
  const roles = [...new Set(input.roles.flatMap((role) => role.split(',')).map(roleOf))];
  // A manifest with mistakes must not leave a store folder behind.
  const { path, folder } = await loadManifest(world, await findManifest(world, flags.manifest));
  const storeFolder = await findStore(world, folder, flags.store);
  // Of two at once that each write what they read, the later would undo the earlier: it is read again when nobody else writes.
  return underLock({ world, storeFolder }, 'operator add', async () => enter(world, await loadManifest(world, path), { ...input, roles }));
}

async function enter(world: World, source: LoadedManifest, input: OperatorInput & { readonly roles: readonly Role[] }): Promise<Report> {
  const { roles } = input;
  const known = operatorBy(source.manifest, input.id);
  if (known) throw new Fault('REFUSED', `${input.id} is an operator already: ${known.roles.join(', ')}`, { at: `${source.path}: owner.operators`, hint: `to change the roles, edit owner.operators in ${source.path}` });
  if (!new RegExp(ID).test(input.id)) throw new Fault('USAGE', `${JSON.stringify(input.id)} cannot be an operator id`, { hint: 'use lower-case letters, digits, dashes and underscores' });
  const name = { role: 'operator', name: input.id } as const;
  const key = input.sshKey === undefined ? await ensureKey(keysOf(world, source), name) : await sshKey(world, source, name, input.sshKey);
  refuseShared(source, key.did);
  const text = await world.yaml.edit(source.text, '/owner/operators/-', { id: input.id, name: input.name ?? input.id, did: key.did, roles });
  await world.files.write(source.path, text);
  return outcome({
    step: null, verb: 'operator add', headline: `${input.id} may act as ${roles.join(', ')}`,
    facts: [
      { label: key.made ? 'made' : 'found', value: `${key.label}: ${key.did}` },
      { label: 'written', value: `${source.path}: owner.operators` },
    ],
    notes: ['the owner section changed, so the identity has to be registered again'],
    next: 'agentctl identity register',
    data: { id: input.id, did: key.did, roles, made: key.made },
  });
}

async function sshKey(world: World, source: LoadedManifest, name: KeyName, given: string): Promise<FoundKey> {
  const key = await readSshKey(world, given);
  const did = didKeyOf(key.publicKey);
  refuseShared(source, did);
  await keysOf(world, source).useSsh(name, key);
  return { label: `SSH key ${given}`, did, made: false };
}

/** One pair of hands must not count as two, and to end the key of one would silently end the other. @throws {Fault} REFUSED */
function refuseShared({ path, manifest }: LoadedManifest, did: string): void {
  const other = manifest.owner.operators.find((one) => one.did === did);
  if (other) throw new Fault('REFUSED', `${other.id} signs with this very key already`, { at: `${path}: owner.operators`, hint: 'each operator has a key of their own' });
}

/** Operators with their roles, the key that speaks for each, and whether it is on this machine. Opens no key. */
export async function listOperators(world: World, flags: Flags): Promise<Report> {
  const source = await loadManifest(world, await findManifest(world, flags.manifest));
  const here = await keysOf(world, source).list('operator');
  const histories = await recordedKeys(world, flags, source);
  const operators = source.manifest.owner.operators.map(({ id, name, roles, did }) => {
    const speaks = currentOf(histories(did))?.did ?? null;
    // A key that came after the one the ledger knows is here as well: rotate puts it on record.
    const key = here.find((one) => [one.did, ...one.former].includes(speaks ?? did));
    return { id, name, roles: [...roles], did, speaks, keyHere: speaks !== null && key !== undefined, ssh: key?.ssh ?? null };
  });
  const open = ROLES.filter((role) => !operators.some((one) => one.roles.includes(role)));
  return outcome({
    step: null, verb: 'operator list', headline: operators.length === 1 ? 'one operator' : `${operators.length} operators`,
    tables: [{ title: 'operators', columns: ['id', 'name', 'roles', 'key', 'did'], rows: operators.map((one) => [one.id, one.name, one.roles.join(', '), whereabouts(one), one.speaks === null || one.speaks === one.did ? one.did : `${one.did}, now ${one.speaks}`]) }],
    notes: open.length === 0 ? [] : [`roles that nobody holds: ${open.join(', ')}`],
    next: open.length === 0 ? null : `agentctl operator add <id> --role ${open[0] ?? 'legal'}`,
    data: { operators },
  });
}

function whereabouts({ speaks, keyHere, ssh }: { readonly speaks: string | null; readonly keyHere: boolean; readonly ssh: string | null }): string {
  if (speaks === null) return 'withdrawn';
  if (!keyHere) return 'elsewhere';
  return ssh === null ? 'here' : 'here, SSH';
}

/** Which key speaks for whom, as far as the ledger says; where there is none yet, everybody has the one that he is named after. */
async function recordedKeys(world: World, flags: Flags, { manifest, folder }: LoadedManifest): Promise<Histories> {
  const place = await findStore(world, folder, flags.store);
  if (!(await world.stores.exists(place))) return soleKey;
  const store = await world.stores.open(place, { readonly: true });
  try {
    return (await keyRecords(store, manifest)).histories;
  } finally {
    await store.close();
  }
}

function keysOf(world: World, { folder }: LoadedManifest) {
  return world.keys(`${folder}/${STORE_FOLDER}`);
}

function roleOf(text: string): Role {
  const role = ROLES.find((one) => one === text.trim());
  if (role !== undefined) return role;
  const near = suggest(text, ROLES);
  throw new Fault('USAGE', `no role "${text}"`, { at: '--role', hint: near === undefined ? `roles: ${ROLES.join(', ')}` : `did you mean "${near}"?` });
}
