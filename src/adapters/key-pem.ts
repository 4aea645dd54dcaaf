/** PKCS#8 under a passphrase, by OpenSSL: for other programs to read, weaker than our own key files. */
import { createPrivateKey } from 'node:crypto';
import { Fault } from '../domain/fault.js';
import { ENCRYPTED, pemLabel, pkcs8, readPrivateKey, type KeyPair } from '../identity/key-formats.js';

/** EncryptedPrivateKeyInfo (RFC 5958) with PBES2: AES-256-CBC, and only the 2,048 rounds of PBKDF2 that Node gives it. */
export function encryptedPem(seed: Uint8Array, passphrase: string): string {
  const key = createPrivateKey({ key: Buffer.from(pkcs8(seed)), format: 'der', type: 'pkcs8' });
  return key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase }).toString();
}

/**
 * A private key in PEM, encrypted or not, or as JWK.
 * @throws {Fault} INPUT_INVALID, KEY_UNFIT, PASSPHRASE
 */
export async function readKeyText(text: string, passphrase: () => Promise<string>, at: string): Promise<KeyPair> {
  if (pemLabel(text) !== ENCRYPTED) return readPrivateKey(text, at);
  return readPrivateKey(decrypted(text, await passphrase(), at), at);
}

function decrypted(text: string, passphrase: string, at: string): string {
  try {
    return createPrivateKey({ key: text, format: 'pem', passphrase }).export({ format: 'pem', type: 'pkcs8' }).toString();
  } catch (cause) {
    throw new Fault('PASSPHRASE', 'the passphrase does not open the PEM, or it is damaged', { at, cause });
  }
}
