/** Ed25519 (RFC 8032): sign. The one file that may use @noble/ed25519. */
import { getPublicKeyAsync, signAsync } from '@noble/ed25519';

/** Pure Ed25519 over the bytes: deterministic, 64 bytes. `seed` is the 32-byte private key. */
export async function signBytes(seed: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
  return signAsync(bytes, seed);
}

export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  return getPublicKeyAsync(seed);
}
