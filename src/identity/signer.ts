/** A Signer over a seed in memory: what the key store hands out after opening a key. */
import type { Signer } from '../domain/ports.js';
import { didKeyOf } from './did-key.js';
import { publicKeyOf, signBytes } from './ed25519.js';

/** @param seed 32 bytes, the Ed25519 private key */
export async function signerOf(seed: Uint8Array): Promise<Signer> {
  const publicKey = await publicKeyOf(seed);
  return { did: didKeyOf(publicKey), publicKey, sign: (bytes) => signBytes(seed, bytes) };
}
