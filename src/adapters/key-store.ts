/** Keys on this machine: people's keys in the configuration folder under a passphrase, service keys in the store, wrapped by a key that lies elsewhere. */
import { join, resolve } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { KeyName, KeyRole, Keys, KeysAt, Random, Signer } from '../domain/ports.js';
import { didKeyOf } from '../identity/did-key.js';
import { NONCE_LENGTH, keyFileText, readKeyFile, SALT_LENGTH, SCRYPT, type KeyFile, type Lock, type ScryptCost } from '../identity/key-file.js';
import { signerOf } from '../identity/signer.js';
import { keyPlacement } from './key-placement.js';
import { passphraseKeys, seal, unseal, type PassphraseKeys } from './key-cipher.js';
import { createSecret, listSecrets, readSecret, removeSecret } from './secret-file.js';

export interface KeyStoreOptions {
  readonly configFolder: string;
  /** Asked when a person's key is made or opened; at most once per process unless it was wrong. */
  readonly passphrase: () => Promise<string>;
  readonly random: Random;
  /** What new keys of people cost to guess; by default what the product asks for. */
  readonly cost?: ScryptCost;
}

/** What creates a missing key. */
const MAKERS: Readonly<Record<KeyRole, (name: string) => string>> = {
  organisation: () => 'agentctl init',
  operator: (name) => `agentctl operator add ${name}`,
  agent: () => 'agentctl identity register',
  log: () => 'agentctl identity register',
  witness: () => 'agentctl audit witness serve',
};
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export function keyStore(options: KeyStoreOptions): KeysAt {
  const passphrases = passphraseKeys(options.passphrase);
  return (storeFolder) => new KeyFolder(options, passphrases, storeFolder);
}

class KeyFolder implements Keys {
  readonly #config: string;
  readonly #store: string;
  readonly #random: Random;
  readonly #cost: ScryptCost;
  readonly #passphrases: PassphraseKeys;

  constructor({ configFolder, random, cost = SCRYPT }: KeyStoreOptions, passphrases: PassphraseKeys, storeFolder: string) {
    this.#config = resolve(configFolder);
    this.#store = resolve(storeFolder);
    this.#random = random;
    this.#cost = cost;
    this.#passphrases = passphrases;
  }

  async create(name: KeyName): Promise<Signer> {
    const path = this.#path(name);
    if (await readSecret(path)) throw new Fault('REFUSED', `the ${label(name)} exists already`, { at: path });
    const seed = this.#random.bytes(32);
    const signer = await signerOf(seed);
    const { lock, key } = isService(name.role) ? await this.#newWrappingKey() : await this.#passphraseLock();
    const file = seal({ ...name, publicKey: signer.publicKey, lock, nonce: this.#random.bytes(NONCE_LENGTH) }, seed, key);
    try {
      await createSecret(path, keyFileText(file), this.#random);
    } catch (cause) {
      if (lock.name === 'wrapping-key') await removeSecret(this.#wrappingPath(lock.id));
      throw cause;
    }
    return signer;
  }

  async open(name: KeyName): Promise<Signer> {
    const path = this.#path(name);
    const file = await this.#read(path);
    if (!file) throw missing(label(name), MAKERS[name.role](name.name), path);
    // The name is authenticated: a key file copied over another one does not pass for it.
    if (file.role !== name.role || file.name !== name.name) throw new Fault('KEY_UNFIT', `the file of the ${label(name)} holds the ${label(file)}`, { at: path });
    const seed = unseal(file, await this.#lockKey(file.lock, path)) ?? this.#refuse(file, path);
    const signer = await signerOf(seed);
    if (signer.did !== didKeyOf(file.publicKey)) throw new Fault('KEY_UNFIT', `the ${label(name)} does not belong to the public key in its file`, { at: path });
    return signer;
  }

  async openByDid(role: KeyRole, did: string): Promise<Signer> {
    const found = (await this.list(role)).find((key) => key.did === did);
    if (!found) throw missing(`${role} key of ${did}`, MAKERS[role]('<id>'), this.#folder(role));
    return this.open({ role, name: found.name });
  }

  async has(name: KeyName): Promise<boolean> {
    return (await readSecret(this.#path(name))) !== undefined;
  }

  async list(role: KeyRole): Promise<readonly { readonly name: string; readonly did: string }[]> {
    const names = (await listSecrets(this.#folder(role))).filter((name) => name.startsWith(`${role}-`) && name.endsWith('.json'));
    const files = await Promise.all(names.map((name) => this.#read(join(this.#folder(role), name))));
    return files.flatMap((file) => (file?.role === role ? [{ name: file.name, did: didKeyOf(file.publicKey) }] : []));
  }

  placement(): Promise<readonly string[]> {
    return keyPlacement(this.#config, this.#store);
  }

  async #passphraseLock(): Promise<{ lock: Lock; key: Uint8Array }> {
    const lock = this.#passphrases.known() ?? { name: 'scrypt' as const, ...this.#cost, salt: this.#random.bytes(SALT_LENGTH) };
    return { lock, key: await this.#passphrases.derive(lock) };
  }

  async #newWrappingKey(): Promise<{ lock: Lock; key: Uint8Array }> {
    const key = this.#random.bytes(32);
    const id = Buffer.from(this.#random.bytes(16)).toString('hex');
    await createSecret(this.#wrappingPath(id), key, this.#random);
    return { lock: { name: 'wrapping-key', id }, key };
  }

  async #lockKey(lock: Lock, path: string): Promise<Uint8Array> {
    if (lock.name === 'scrypt') return this.#passphrases.derive(lock);
    const key = await readSecret(this.#wrappingPath(lock.id));
    if (key?.length === 32) return key;
    throw new Fault('KEY_MISSING', 'the wrapping key of a service key is not on this machine', { at: path, hint: `copy ${this.#wrappingPath(lock.id)} from the machine that made it, or set AGENTCTL_CONFIG_DIR` });
  }

  #refuse(file: KeyFile, path: string): never {
    if (file.lock.name === 'wrapping-key') throw new Fault('KEY_UNFIT', `the file of the ${label(file)} was altered`, { at: path });
    this.#passphrases.forget();
    throw new Fault('PASSPHRASE', `the passphrase does not open the ${label(file)}, or its file was altered`, { at: path, hint: 'check the file that AGENTCTL_PASSPHRASE_FILE names' });
  }

  async #read(path: string): Promise<KeyFile | undefined> {
    const bytes = await readSecret(path);
    return bytes && readKeyFile(bytes.toString('utf8'), path);
  }

  #folder(role: KeyRole): string {
    return join(isService(role) ? this.#store : this.#config, 'keys');
  }

  #path({ role, name }: KeyName): string {
    if (!NAME.test(name)) throw new Fault('USAGE', `${JSON.stringify(name)} cannot name a key`, { hint: 'use lower-case letters, digits, - and _' });
    return join(this.#folder(role), `${role}-${name}.json`);
  }

  #wrappingPath(id: string): string {
    return join(this.#config, 'wrapping', `${id}.key`);
  }
}

function isService(role: KeyRole): boolean {
  return role === 'agent' || role === 'log' || role === 'witness';
}

function label({ role, name }: KeyName): string {
  return `${role} key "${name}"`;
}

function missing(what: string, command: string, at: string): Fault {
  return new Fault('KEY_MISSING', `the ${what} is not on this machine`, { at, hint: `create it with \`${command}\`, or set AGENTCTL_CONFIG_DIR to where it lies` });
}
