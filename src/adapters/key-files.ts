/** Where keys lie, and under which names: people's in the configuration folder, those of services in the store; one file each, former ones under a number. */
import { join, resolve } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { KeyName, KeyRole, SshKey } from '../domain/ports.js';
import { didKeyOf } from '../identity/did-key.js';
import { readKeyFile, type KeyFile } from '../identity/key-file.js';
import { listSecrets, readSecret } from './secret-file.js';
import { readSshReference } from './ssh-signer.js';

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;
const FILE = /^([a-z]+)-([a-z0-9][a-z0-9_-]{0,62})(?:\.(\d{1,4})\.retired)?\.(json|ssh)$/;

/** A key on this machine: sealed in a file of ours, or kept by OpenSSH and named by a reference. */
export interface Held {
  readonly name: string;
  /** Which of the former keys of its name, from 1; 0 for the one that signs. */
  readonly number: number;
  readonly path: string;
  readonly did: string;
  readonly kept: { readonly file: KeyFile } | { readonly ssh: SshKey };
}

/** Ends of file names: of the key that signs, of one that waits to take its place, of a former one. */
export type Place = 'current' | 'next' | number;

export class KeyFiles {
  readonly #config: string;
  readonly #store: string;

  constructor(configFolder: string, storeFolder: string) {
    this.#config = resolve(configFolder);
    this.#store = resolve(storeFolder);
  }

  folder(role: KeyRole): string {
    return join(isService(role) ? this.#store : this.#config, 'keys');
  }

  /** @throws {Fault} USAGE for what cannot name a key */
  path({ role, name }: KeyName, place: Place = 'current', kind: 'json' | 'ssh' = 'json'): string {
    if (!NAME.test(name)) throw new Fault('USAGE', `${JSON.stringify(name)} cannot name a key`, { hint: 'use lower-case letters, digits, - and _' });
    const middle = place === 'current' ? '' : place === 'next' ? '.next' : `.${place}.retired`;
    return join(this.folder(role), `${role}-${name}${middle}.${kind}`);
  }

  /** The key that signs under a name. */
  async current(key: KeyName): Promise<Held | undefined> {
    const [path, sshPath] = [this.path(key), this.path(key, 'current', 'ssh')];
    const [file, ssh] = [await readFile(path), await readSshReference(sshPath)];
    if (file && ssh) return (await this.all(key.role)).find((one) => one.number === 0 && one.name === key.name);
    if (file) return { name: key.name, number: 0, path, did: didKeyOf(file.publicKey), kept: { file } };
    return ssh && { name: key.name, number: 0, path: sshPath, did: didKeyOf(ssh.publicKey), kept: { ssh } };
  }

  /** Every key of a role, the former ones in their order. */
  async all(role: KeyRole): Promise<readonly Held[]> {
    const read = await Promise.all((await listSecrets(this.folder(role))).map((file) => this.#held(role, file)));
    return withoutLeftovers(read.flatMap((one) => one ?? []).sort((a, b) => a.number - b.number));
  }

  /** Undefined for what waits to take its place, or is no key of this role. */
  async #held(role: KeyRole, name: string): Promise<Held | undefined> {
    const [, owner, key = '', number = '0', kind] = FILE.exec(name) ?? [];
    if (owner !== role) return undefined;
    const path = join(this.folder(role), name);
    if (kind === 'json') {
      const file = await readFile(path);
      return file?.role === role ? { name: file.name, number: Number(number), path, did: didKeyOf(file.publicKey), kept: { file } } : undefined;
    }
    const ssh = await readSshReference(path);
    return ssh && { name: key, number: Number(number), path, did: didKeyOf(ssh.publicKey), kept: { ssh } };
  }
}

/** Where one kind of key follows the other, an interruption may leave both: the one that has its number already only waits to be removed. */
function withoutLeftovers(held: readonly Held[]): readonly Held[] {
  const current = (name: string) => held.filter((one) => one.number === 0 && one.name === name);
  const retired = ({ name, did }: Held) => held.some((one) => one.number > 0 && one.name === name && one.did === did);
  return held.filter((one) => one.number > 0 || current(one.name).length === 1 || !retired(one));
}

export async function readFile(path: string): Promise<KeyFile | undefined> {
  const bytes = await readSecret(path);
  return bytes && readKeyFile(bytes.toString('utf8'), path);
}

/** Keys that no person holds: they lie in the store. */
export const SERVICES = ['agent', 'log', 'witness'] as const satisfies readonly KeyRole[];

export function isService(role: KeyRole): boolean {
  return SERVICES.some((one) => one === role);
}

export function label({ role, name }: KeyName): string {
  return `${role} key "${name}"`;
}
