/** Keys on this machine: people's keys in the configuration folder under a passphrase, service keys in the store, wrapped by what does not lie in it. */
import { Fault } from '../domain/fault.js';
import type { KeyFormat, KeyImport, KeyName, KeyOnDisk, KeyRole, Keys, KeysAt, Random, Signer, SshKey, Wrapping } from '../domain/ports.js';
import { didKeyOf } from '../identity/did-key.js';
import { jwk, privatePem } from '../identity/key-formats.js';
import { NONCE_LENGTH, keyFileText, SCRYPT, type KeyFile, type ScryptCost } from '../identity/key-file.js';
import { newSigner, signerOf } from '../identity/signer.js';
import { keyPlacement } from './key-placement.js';
import { seal, unseal } from './key-cipher.js';
import { KeyFiles, label, readFile, SERVICES, type Held } from './key-files.js';
import { KeyLocks, type OpenLock, type PassphraseSource } from './key-locks.js';
import { encryptedPem, readKeyText } from './key-pem.js';
import { createSecret, removeSecret, replaceSecret, secondName, takePlace } from './secret-file.js';
import { sshReferenceText, sshSigner, type SshTools } from './ssh-signer.js';

export interface KeyStoreOptions {
  readonly configFolder: string;
  /** Asked when a person's key is made or opened; at most once per process unless it was wrong. */
  readonly passphrase: PassphraseSource;
  /** The passphrase that may wrap service keys, from a file: it has to be there when nobody is. */
  readonly servicePassphrase?: PassphraseSource | undefined;
  /** That file. */
  readonly passphraseFile?: string | undefined;
  readonly random: Random;
  /** What new keys cost to guess; by default what the product asks for. */
  readonly cost?: ScryptCost;
  /** What signs with keys that OpenSSH keeps; without it they cannot be opened. */
  readonly ssh?: SshTools;
}

/** What creates a missing key. */
const MAKERS: Readonly<Record<KeyRole, (name: string) => string>> = {
  organisation: () => 'agentctl init',
  operator: (name) => `agentctl operator add ${name}`,
  agent: () => 'agentctl identity register',
  log: () => 'agentctl identity register',
  witness: () => 'agentctl audit witness serve',
};

export function keyStore({ passphrase, servicePassphrase, cost = SCRYPT, ...options }: KeyStoreOptions): KeysAt {
  const locks = new KeyLocks({ ...options, cost, people: passphrase, services: servicePassphrase });
  return (storeFolder) => new KeyFolder(options, locks, storeFolder);
}

class KeyFolder implements Keys {
  readonly #files: KeyFiles;
  readonly #locks: KeyLocks;
  readonly #random: Random;
  readonly #ssh: SshTools | undefined;
  readonly #placement: () => readonly string[];

  constructor({ configFolder, passphraseFile, random, ssh }: Pick<KeyStoreOptions, 'configFolder' | 'passphraseFile' | 'random' | 'ssh'>, locks: KeyLocks, storeFolder: string) {
    this.#files = new KeyFiles(configFolder, storeFolder);
    this.#locks = locks;
    this.#random = random;
    this.#ssh = ssh;
    this.#placement = () => keyPlacement({ configFolder, passphraseFile }, storeFolder);
  }

  async create(name: KeyName): Promise<Signer> {
    return this.#keep(name, await this.#vacant(name), this.#random.bytes(32));
  }

  /** Where a key of this name would lie. @throws {Fault} REFUSED when there is one, of whatever kind */
  async #vacant(name: KeyName): Promise<string> {
    const path = this.#files.path(name);
    if (await this.has(name)) throw new Fault('REFUSED', `the ${label(name)} exists already`, { at: path });
    return path;
  }

  async #keep(name: KeyName, path: string, seed: Uint8Array): Promise<Signer> {
    const signer = await newSigner(seed);
    const open = await this.#locks.fresh(name.role);
    try {
      await createSecret(path, this.#sealed(name, seed, signer.publicKey, open), this.#random);
    } catch (cause) {
      await this.#locks.discard(open.lock);
      throw cause;
    }
    return signer;
  }

  #sealed({ role, name }: KeyName, seed: Uint8Array, publicKey: Uint8Array, { lock, key }: OpenLock): string {
    return keyFileText(seal({ role, name, publicKey, lock, nonce: this.#random.bytes(NONCE_LENGTH) }, seed, key));
  }

  async open(name: KeyName): Promise<Signer> {
    return this.#signer(name, await this.#present(name));
  }

  /** @throws {Fault} KEY_MISSING */
  async #present(name: KeyName): Promise<Held> {
    const held = await this.#files.current(name);
    if (held) return held;
    throw missing(label(name), MAKERS[name.role](name.name), this.#files.path(name));
  }

  async #signer(name: KeyName, { kept, path }: Held): Promise<Signer> {
    return 'ssh' in kept ? this.#askSsh(name, kept.ssh) : signerOf(await this.#seed(name, kept.file, path));
  }

  #askSsh(name: KeyName, ssh: SshKey): Signer {
    if (this.#ssh) return sshSigner(this.#ssh, ssh);
    throw new Fault('KEY_MISSING', `the ${label(name)} is kept by OpenSSH, which cannot be asked here`, { at: ssh.file });
  }

  async #seed(name: KeyName, file: KeyFile, path: string): Promise<Uint8Array> {
    // The name is authenticated: a key file copied over another one does not pass for it.
    if (file.role !== name.role || file.name !== name.name) throw new Fault('KEY_UNFIT', `the file of the ${label(name)} holds the ${label(file)}`, { at: path });
    const seed = unseal(file, await this.#locks.keyTo(file, path)) ?? this.#locks.refuse(file, path);
    const signer = await signerOf(seed);
    if (signer.did !== didKeyOf(file.publicKey)) throw new Fault('KEY_UNFIT', `the ${label(name)} does not belong to the public key in its file`, { at: path });
    return seed;
  }

  async openByDid(role: KeyRole, did: string): Promise<Signer> {
    const keys = await this.list(role);
    const found = keys.find((key) => key.did === did);
    if (found) return this.open({ role, name: found.name });
    const successor = keys.find((key) => key.former.includes(did));
    if (!successor) throw missing(`${role} key of ${did}`, MAKERS[role]('<id>'), this.#files.folder(role));
    const hint = role === 'operator' ? `agentctl identity rotate --role operator --name ${successor.name}` : `agentctl identity rotate --role ${role}`;
    throw new Fault('KEY_MISSING', `the ${role} key of ${did} was replaced on this machine, and this ledger does not know it yet`, { at: this.#files.folder(role), hint });
  }

  async openFormer(role: KeyRole, did: string): Promise<Signer> {
    const held = (await this.#files.all(role)).find((one) => one.number > 0 && one.did === did);
    if (held) return this.#signer({ role, name: held.name }, held);
    throw new Fault('KEY_MISSING', `the former ${role} key ${did} is not on this machine`, { at: this.#files.folder(role), hint: 'restore it from a copy of the key folder' });
  }

  async successor(name: KeyName, ssh?: SshKey): Promise<Signer> {
    // A passphrase that does not open the key that goes would close the one that comes for good.
    await this.open(name);
    const [file, reference] = [this.#files.path(name, 'next'), this.#files.path(name, 'next', 'ssh')];
    // A key that waits under this name has signed nothing that counts.
    await removeSecret(reference);
    if (ssh) {
      await removeSecret(file);
      await createSecret(reference, sshReferenceText(ssh), this.#random);
      return this.#askSsh(name, ssh);
    }
    const waiting = await readFile(file);
    return waiting ? signerOf(await this.#seed(name, waiting, file)) : this.#keep(name, file, this.#random.bytes(32));
  }

  /** The name is never without a key: the old one gets a second name first, then the new one takes its place at once. */
  async replace(name: KeyName, ssh?: SshKey): Promise<Signer> {
    const [came, went] = ssh ? (['ssh', 'json'] as const) : (['json', 'ssh'] as const);
    const signer = await this.successor(name, ssh);
    const current = await this.#present(name);
    const former = (await this.#files.all(name.role)).filter((one) => one.name === name.name && one.number > 0);
    const retired = this.#files.path(name, former.length + 1, 'ssh' in current.kept ? 'ssh' : 'json');
    if (!former.some((one) => one.did === current.did)) await secondName(current.path, retired);
    await takePlace(this.#files.path(name, 'next', came), this.#files.path(name, 'current', came));
    await removeSecret(this.#files.path(name, 'current', went));
    return signer;
  }

  async rewrap(by: Wrapping): Promise<readonly KeyName[]> {
    const held = (await Promise.all(SERVICES.map(async (role) => (await this.#files.all(role)).map((one) => ({ ...one, role }))))).flat();
    const others = held.flatMap(({ kept, ...one }) => ('file' in kept && (kept.file.lock.name === 'scrypt') !== (by === 'passphrase') ? [{ ...one, file: kept.file }] : []));
    for (const { role, name, path, file } of others) {
      const seed = await this.#seed({ role, name }, file, path);
      await replaceSecret(path, this.#sealed({ role, name }, seed, file.publicKey, await this.#locks.wrapped(by)), this.#random);
    }
    // Last: an interruption leaves a wrapping key too many, never a key file that nothing opens.
    for (const { file } of others) await this.#locks.discard(file.lock);
    return others.map(({ role, name }) => ({ role, name }));
  }

  async useSsh(name: KeyName, ssh: SshKey): Promise<void> {
    await this.#vacant(name);
    await createSecret(this.#files.path(name, 'current', 'ssh'), sshReferenceText(ssh), this.#random);
  }

  async exportPrivate(name: KeyName, format: KeyFormat, passphrase: string | null): Promise<string> {
    const { kept, path } = await this.#present(name);
    if ('ssh' in kept) throw new Fault('REFUSED', `the ${label(name)} is kept by OpenSSH`, { at: path, hint: 'it is in a file of OpenSSH already: copy that' });
    const seed = await this.#seed(name, kept.file, path);
    if (format === 'jwk') return jwk(kept.file.publicKey, seed);
    return passphrase === null ? privatePem(seed) : encryptedPem(seed, passphrase);
  }

  async importPrivate(name: KeyName, text: string, { passphrase, expected, refuse }: KeyImport): Promise<Signer> {
    const path = await this.#vacant(name);
    const { seed, publicKey } = await readKeyText(text, passphrase, label(name));
    const did = didKeyOf(publicKey);
    if (expected !== null && did !== expected) throw new Fault('KEY_UNFIT', `this is ${did}, not the ${label(name)}`, { at: expected, hint: 'to use it, name it in agent.yaml first' });
    refuse?.(did);
    return this.#keep(name, path, seed);
  }

  async has(name: KeyName): Promise<boolean> {
    return (await this.#files.current(name)) !== undefined;
  }

  async list(role: KeyRole): Promise<readonly KeyOnDisk[]> {
    const held = await this.#files.all(role);
    const former = (name: string, did: string) => held.filter((one) => one.number > 0 && one.name === name && one.did !== did).map((one) => one.did);
    const current = held.filter((one) => one.number === 0).map(({ name, did, kept }) => ({ name, did, former: former(name, did), ...('ssh' in kept ? { ssh: kept.ssh.file } : {}) }));
    return current.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async placement(): Promise<readonly string[]> {
    return this.#placement();
  }
}

function missing(what: string, command: string, at: string): Fault {
  return new Fault('KEY_MISSING', `the ${what} is not on this machine`, { at, hint: `create it with \`${command}\`, or set AGENTCTL_CONFIG_DIR to where it lies` });
}
