/** Seals and opens key files: AES-256-GCM under a key from a passphrase (scrypt) or from a wrapping key. */
import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { Fault } from '../domain/fault.js';
import { keyFileAad, SCRYPT_MEMORY, TAG_LENGTH, type KeyFile, type KeyFileHead, type Lock } from '../identity/key-file.js';

const CIPHER = 'aes-256-gcm';
type ScryptLock = Extract<Lock, { name: 'scrypt' }>;

export function seal(head: KeyFileHead, seed: Uint8Array, key: Uint8Array): KeyFile {
  const cipher = createCipheriv(CIPHER, key, head.nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(keyFileAad(head));
  const ciphertext = Buffer.concat([cipher.update(seed), cipher.final()]);
  return { ...head, ciphertext, tag: cipher.getAuthTag() };
}

/** The seed, or undefined when key, ciphertext or any authenticated member is not the one that was sealed. */
export function unseal(file: KeyFile, key: Uint8Array): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, file.nonce, { authTagLength: TAG_LENGTH });
  decipher.setAAD(keyFileAad(file));
  decipher.setAuthTag(file.tag);
  const opened = decipher.update(file.ciphertext);
  try {
    return Buffer.concat([opened, decipher.final()]);
  } catch {
    // GCM has one failure only, and the caller says which file it was.
    return undefined;
  }
}

/** Keys derived from the passphrase, once per process and salt: scrypt is slow on purpose. */
export interface PassphraseKeys {
  derive(lock: ScryptLock): Promise<Uint8Array>;
  /** A lock whose key is known already, so that a second new key costs no second derivation. */
  known(): ScryptLock | undefined;
  /** After a failure: ask again, derive again. */
  forget(): void;
}

/** @param passphrase asked at most once, and again after `forget` */
export function passphraseKeys(passphrase: () => Promise<string>): PassphraseKeys {
  let asked: Promise<string> | undefined;
  const derived = new Map<string, { lock: ScryptLock; key: Promise<Uint8Array> }>();
  const forget = () => {
    asked = undefined;
    derived.clear();
  };
  return {
    forget,
    known: () => [...derived.values()][0]?.lock,
    derive(lock) {
      const id = `${lock.N}:${lock.r}:${lock.p}:${Buffer.from(lock.salt).toString('hex')}`;
      const key = derived.get(id)?.key ?? (asked ??= passphrase()).then((text) => scryptKey(text, lock));
      derived.set(id, { lock, key });
      key.catch(forget);
      return key;
    },
  };
}

function scryptKey(passphrase: string, { N, r, p, salt }: ScryptLock): Promise<Uint8Array> {
  if (passphrase === '') throw new Fault('PASSPHRASE', 'the passphrase is empty', { hint: 'a passphrase has at least one character' });
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: SCRYPT_MEMORY }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
