/** A Signer over a seed in memory: what the key store hands out after opening a key. */
import { Fault } from '../domain/fault.js';
import type { Signer } from '../domain/ports.js';
import { didKeyOf } from './did-key.js';
import { signingKey } from './ed25519-sign.js';
import { publicKeyOf } from './ed25519.js';

/** @param seed 32 bytes, the Ed25519 private key */
export async function signerOf(seed: Uint8Array): Promise<Signer> {
  const { publicKey, sign } = signingKey(seed);
  return { did: didKeyOf(publicKey), publicKey, sign: async (bytes) => sign(bytes) };
}

/**
 * The same for a key that is new here: two implementations have to agree on its public half before anything is trusted to it.
 * @throws {Fault} INTERNAL
 */
export async function newSigner(seed: Uint8Array): Promise<Signer> {
  const signer = await signerOf(seed);
  if (didKeyOf(await publicKeyOf(seed)) !== signer.did) throw new Fault('INTERNAL', 'OpenSSL and noble derive different public keys from one seed');
  return signer;
}
