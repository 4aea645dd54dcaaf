/** What opens key files: for people a passphrase; for services a key in the configuration folder, or the passphrase of AGENTCTL_PASSPHRASE_FILE where that folder holds none. */
import { join, resolve } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { KeyRole, Random, Wrapping } from '../domain/ports.js';
import { SALT_LENGTH, type KeyFile, type Lock, type ScryptCost } from '../identity/key-file.js';
import { passphraseKeys, type PassphraseKeys } from './key-cipher.js';
import { isService, label } from './key-files.js';
import { createSecret, listSecrets, readSecret, removeSecret } from './secret-file.js';

/** A passphrase that is asked for when it is needed. */
export interface PassphraseSource {
  ask(): Promise<string>;
  /** What to do when it opens nothing. */
  readonly ifWrong: string;
}

export interface KeyLocksOptions {
  readonly configFolder: string;
  readonly random: Random;
  /** What a guess at a passphrase costs, for new keys. */
  readonly cost: ScryptCost;
  readonly people: PassphraseSource;
  /** The passphrase that may wrap service keys; without it they need a key in the configuration folder. */
  readonly services: PassphraseSource | undefined;
}

/** A lock and the key that closes and opens it. */
export interface OpenLock {
  readonly lock: Lock;
  readonly key: Uint8Array;
}

/** Derived once per process: scrypt is slow on purpose. */
type Derived = PassphraseKeys & Pick<PassphraseSource, 'ifWrong'>;

export class KeyLocks {
  readonly #folder: string;
  readonly #random: Random;
  readonly #cost: ScryptCost;
  readonly #people: Derived;
  readonly #services: Derived | undefined;

  constructor({ configFolder, random, cost, people, services }: KeyLocksOptions) {
    this.#folder = join(resolve(configFolder), 'wrapping');
    this.#random = random;
    this.#cost = cost;
    this.#people = derived(people);
    // One passphrase for both is derived once.
    this.#services = services === people ? this.#people : services && derived(services);
  }

  /** For a new key of this role. */
  async fresh(role: KeyRole): Promise<OpenLock> {
    if (!isService(role)) return this.#locked(this.#people);
    const kept = (await listSecrets(this.#folder)).length > 0;
    return this.wrapped(kept || this.#services === undefined ? 'folder' : 'passphrase');
  }

  /** For a key of a service, wrapped in this way. @throws {Fault} PASSPHRASE without AGENTCTL_PASSPHRASE_FILE */
  async wrapped(by: Wrapping): Promise<OpenLock> {
    if (by === 'folder') return this.#newWrappingKey();
    if (this.#services) return this.#locked(this.#services);
    throw new Fault('PASSPHRASE', 'no passphrase file is named that could wrap the service keys', { hint: 'put the passphrase into a file of mode 0600 and set AGENTCTL_PASSPHRASE_FILE to its path' });
  }

  /** The key to a lock. @throws {Fault} KEY_MISSING, PASSPHRASE */
  async keyTo({ lock, role }: Pick<KeyFile, 'lock' | 'role'>, path: string): Promise<Uint8Array> {
    if (lock.name === 'scrypt') return this.#sourceFor(role).derive(lock);
    const wrapping = this.#wrappingPath(lock.id);
    const key = await readSecret(wrapping);
    if (key?.length === 32) return key;
    throw new Fault('KEY_MISSING', 'the wrapping key of a service key is not on this machine', { at: path, hint: `copy ${wrapping} from the machine that made it, set AGENTCTL_CONFIG_DIR to where it lies, or there: agentctl identity rewrap --by passphrase` });
  }

  /** After a key file did not open. @throws {Fault} KEY_UNFIT, PASSPHRASE always */
  refuse(file: KeyFile, path: string): never {
    if (file.lock.name === 'wrapping-key') throw new Fault('KEY_UNFIT', `the file of the ${label(file)} was altered`, { at: path });
    const source = this.#sourceFor(file.role);
    source.forget();
    throw new Fault('PASSPHRASE', `the passphrase does not open the ${label(file)}, or its file was altered`, { at: path, hint: source.ifWrong });
  }

  /** A lock that closes nothing any more leaves no key behind. */
  async discard(lock: Lock): Promise<void> {
    if (lock.name === 'wrapping-key') await removeSecret(this.#wrappingPath(lock.id));
  }

  #sourceFor(role: KeyRole): Derived {
    return (isService(role) ? this.#services : undefined) ?? this.#people;
  }

  async #locked(source: Derived): Promise<OpenLock> {
    const lock = source.known() ?? { name: 'scrypt' as const, ...this.#cost, salt: this.#random.bytes(SALT_LENGTH) };
    return { lock, key: await source.derive(lock) };
  }

  async #newWrappingKey(): Promise<OpenLock> {
    const key = this.#random.bytes(32);
    const id = Buffer.from(this.#random.bytes(16)).toString('hex');
    await createSecret(this.#wrappingPath(id), key, this.#random);
    return { lock: { name: 'wrapping-key', id }, key };
  }

  #wrappingPath(id: string): string {
    return join(this.#folder, `${id}.key`);
  }
}

function derived({ ask, ifWrong }: PassphraseSource): Derived {
  return { ...passphraseKeys(ask), ifWrong };
}
