/** The second opinion on a key: what noble, which shares no line with OpenSSL, derives from a seed. The one file that may use @noble/ed25519. */
import { getPublicKeyAsync } from '@noble/ed25519';

/** @param seed the private key of RFC 8032: 32 bytes */
export async function publicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  return getPublicKeyAsync(seed);
}
