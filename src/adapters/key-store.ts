/** Keys on this machine: people's keys in the configuration folder under a passphrase, service keys in the store, wrapped by a key that lies elsewhere. */
import { join, resolve } from 'node:path';
import { Fault } from '../domain/fault.js';
import type { KeyFormat, KeyImport, KeyName, KeyOnDisk, KeyRole, Keys, KeysAt, Random, Signer, SshKey } from '../domain/ports.js';
import { didKeyOf } from '../identity/did-key.js';
import { jwk, privatePem } from '../identity/key-formats.js';
import { NONCE_LENGTH, keyFileText, readKeyFile, SALT_LENGTH, SCRYPT, type KeyFile, type Lock, type ScryptCost } from '../identity/key-file.js';
import { signerOf } from '../identity/signer.js';
import { keyPlacement } from './key-placement.js';
import { passphraseKeys, seal, unseal, type PassphraseKeys } from './key-cipher.js';
import { encryptedPem, readKeyText } from './key-pem.js';
import { createSecret, listSecrets, readSecret, removeSecret, secondName, takePlace } from './secret-file.js';
import { readSshReference, sshReferenceText, sshSigner, type SshTools } from './ssh-signer.js';

export interface KeyStoreOptions {
  readonly configFolder: string;
  /** Asked when a person's key is made or opened; at most once per process unless it was wrong. */
  readonly passphrase: () => Promise<string>;
  readonly random: Random;
  /** What new keys of people cost to guess; by default what the product asks for. */
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
  readonly #ssh: SshTools | undefined;

  constructor({ configFolder, random, cost = SCRYPT, ssh }: KeyStoreOptions, passphrases: PassphraseKeys, storeFolder: string) {
    this.#config = resolve(configFolder);
    this.#store = resolve(storeFolder);
    this.#random = random;
    this.#cost = cost;
    this.#passphrases = passphrases;
    this.#ssh = ssh;
  }

  async create(name: KeyName): Promise<Signer> {
    return this.#keep(name, await this.#vacant(name), this.#random.bytes(32));
  }

  /** Where a key of this name would lie. @throws {Fault} REFUSED when there is one, of whatever kind */
  async #vacant(name: KeyName): Promise<string> {
    const path = this.#path(name);
    if (await this.has(name)) throw new Fault('REFUSED', `the ${label(name)} exists already`, { at: path });
    return path;
  }

  async #keep(name: KeyName, path: string, seed: Uint8Array): Promise<Signer> {
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
    if (file) return this.#unlock(name, file, path);
    const ssh = await readSshReference(this.#sshPath(name));
    if (!ssh) throw missing(label(name), MAKERS[name.role](name.name), path);
    if (!this.#ssh) throw new Fault('KEY_MISSING', `the ${label(name)} is kept by OpenSSH, which cannot be asked here`, { at: ssh.file });
    return sshSigner(this.#ssh, ssh);
  }

  async #unlock(name: KeyName, file: KeyFile, path: string): Promise<Signer> {
    return signerOf(await this.#seed(name, file, path));
  }

  async #seed(name: KeyName, file: KeyFile, path: string): Promise<Uint8Array> {
    // The name is authenticated: a key file copied over another one does not pass for it.
    if (file.role !== name.role || file.name !== name.name) throw new Fault('KEY_UNFIT', `the file of the ${label(name)} holds the ${label(file)}`, { at: path });
    const seed = unseal(file, await this.#lockKey(file.lock, path)) ?? this.#refuse(file, path);
    const signer = await signerOf(seed);
    if (signer.did !== didKeyOf(file.publicKey)) throw new Fault('KEY_UNFIT', `the ${label(name)} does not belong to the public key in its file`, { at: path });
    return seed;
  }

  async openByDid(role: KeyRole, did: string): Promise<Signer> {
    const keys = await this.list(role);
    const found = keys.find((key) => key.did === did);
    if (found) return this.open({ role, name: found.name });
    const successor = keys.find((key) => key.former.includes(did));
    if (!successor) throw missing(`${role} key of ${did}`, MAKERS[role]('<id>'), this.#folder(role));
    const hint = role === 'operator' ? `agentctl identity rotate --role operator --name ${successor.name}` : `agentctl identity rotate --role ${role}`;
    throw new Fault('KEY_MISSING', `the ${role} key of ${did} was replaced on this machine, and this ledger does not know it yet`, { at: this.#folder(role), hint });
  }

  async openFormer(role: KeyRole, did: string): Promise<Signer> {
    for (const { name, path, file } of await this.#files(role)) {
      if (name.place === 'current' || didKeyOf(file.publicKey) !== did) continue;
      return this.#unlock({ role, name: file.name }, file, path);
    }
    throw new Fault('KEY_MISSING', `the former ${role} key ${did} is not on this machine`, { at: this.#folder(role), hint: 'restore it from a copy of the key folder' });
  }

  /** The name is never without a key: the old one gets a second name first, then the new one takes its place at once. */
  async replace(name: KeyName): Promise<Signer> {
    const path = this.#path(name);
    const current = await this.#read(path);
    if (!current) throw await this.#irreplaceable(name, path);
    const next = this.#path(name, '.next');
    const waiting = await this.#read(next);
    const signer = waiting ? await this.#unlock(name, waiting, next) : await this.#keep(name, next, this.#random.bytes(32));
    const former = (await this.#files(name.role)).filter((one) => one.name.key === name.name && one.name.place === 'former');
    if (!former.some((one) => sameKey(one.file, current))) await secondName(path, this.#path(name, `.${former.length + 1}.retired`));
    await takePlace(next, path);
    return signer;
  }

  async #irreplaceable(name: KeyName, path: string): Promise<Fault> {
    if (!(await this.has(name))) return missing(label(name), MAKERS[name.role](name.name), path);
    return new Fault('REFUSED', `the ${label(name)} is kept by OpenSSH, which signs no successor`, { at: this.#sshPath(name), hint: 'withdraw it, and add the operator with another key under another id' });
  }

  async useSsh(name: KeyName, ssh: SshKey): Promise<void> {
    await this.#vacant(name);
    await createSecret(this.#sshPath(name), sshReferenceText(ssh), this.#random);
  }

  async exportPrivate(name: KeyName, format: KeyFormat, passphrase: string | null): Promise<string> {
    const path = this.#path(name);
    const file = await this.#read(path);
    if (!file && (await this.has(name))) throw new Fault('REFUSED', `the ${label(name)} is kept by OpenSSH`, { at: this.#sshPath(name), hint: 'ssh-keygen -p -m PKCS8 -f a copy of it' });
    if (!file) throw missing(label(name), MAKERS[name.role](name.name), path);
    const seed = await this.#seed(name, file, path);
    if (format === 'jwk') return jwk(file.publicKey, seed);
    return passphrase === null ? privatePem(seed) : encryptedPem(seed, passphrase);
  }

  async importPrivate(name: KeyName, text: string, { passphrase, expected }: KeyImport): Promise<Signer> {
    const path = await this.#vacant(name);
    const { seed, publicKey } = await readKeyText(text, passphrase, label(name));
    const did = didKeyOf(publicKey);
    if (expected !== null && did !== expected) throw new Fault('KEY_UNFIT', `this is ${did}, not the ${label(name)}`, { at: expected, hint: 'to use it, name it in agent.yaml first' });
    return this.#keep(name, path, seed);
  }

  async has(name: KeyName): Promise<boolean> {
    return (await readSecret(this.#path(name))) !== undefined || (await readSecret(this.#sshPath(name))) !== undefined;
  }

  async list(role: KeyRole): Promise<readonly KeyOnDisk[]> {
    const files = await this.#files(role);
    const former = (name: string, did: string) => files.filter((one) => one.name.key === name && one.name.place === 'former').map((one) => didKeyOf(one.file.publicKey)).filter((one) => one !== did);
    const native = files.filter((one) => one.name.place === 'current').map(({ file }) => ({ name: file.name, did: didKeyOf(file.publicKey) }));
    return [...native, ...(await this.#sshKeys(role))].map((key) => ({ ...key, former: former(key.name, key.did) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #sshKeys(role: KeyRole): Promise<readonly { readonly name: string; readonly did: string }[]> {
    const names = (await listSecrets(this.#folder(role))).filter((file) => file.startsWith(`${role}-`) && file.endsWith('.ssh')).map((file) => file.slice(role.length + 1, -'.ssh'.length));
    const read = await Promise.all(names.map(async (name) => ({ name, ssh: await readSshReference(this.#sshPath({ role, name })) })));
    return read.flatMap(({ name, ssh }) => (ssh ? [{ name, did: didKeyOf(ssh.publicKey) }] : []));
  }

  /** Every key file of a role; the former ones of a key in their order. */
  async #files(role: KeyRole): Promise<readonly { readonly name: FileName; readonly path: string; readonly file: KeyFile }[]> {
    const names = (await listSecrets(this.#folder(role))).flatMap((file) => fileName(role, file) ?? []).sort((a, b) => a.number - b.number);
    const read = await Promise.all(names.map(async (name) => ({ name, path: join(this.#folder(role), name.file), file: await this.#read(join(this.#folder(role), name.file)) })));
    return read.flatMap(({ name, path, file }) => (file?.role === role ? [{ name, path, file }] : []));
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

  #path({ role, name }: KeyName, place = ''): string {
    if (!NAME.test(name)) throw new Fault('USAGE', `${JSON.stringify(name)} cannot name a key`, { hint: 'use lower-case letters, digits, - and _' });
    return join(this.#folder(role), `${role}-${name}${place}.json`);
  }

  #sshPath({ role, name }: KeyName): string {
    return join(this.#folder(role), `${role}-${name}.ssh`);
  }

  #wrappingPath(id: string): string {
    return join(this.#config, 'wrapping', `${id}.key`);
  }
}

interface FileName {
  readonly file: string;
  /** Name of the key. */
  readonly key: string;
  readonly place: 'current' | 'former';
  /** Which of its keys, from 1; 0 for the current one. */
  readonly number: number;
}

/** What a file of the folder is; undefined for one that waits to take its place, or is no key of this role. */
function fileName(role: KeyRole, file: string): FileName | undefined {
  const [, owner, key = '', number] = /^([a-z]+)-([a-z0-9][a-z0-9_-]{0,62})(?:\.(\d{1,4})\.retired)?\.json$/.exec(file) ?? [];
  if (owner !== role) return undefined;
  return number === undefined ? { file, key, place: 'current', number: 0 } : { file, key, place: 'former', number: Number(number) };
}

function sameKey(a: KeyFile, b: KeyFile): boolean {
  return didKeyOf(a.publicKey) === didKeyOf(b.publicKey);
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
