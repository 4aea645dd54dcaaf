/** Public keys as JWK (RFC 8037), and the thumbprint (RFC 7638) that HTTP signatures and key directories name them by. */
import { sha256 } from '../domain/digest.js';
import { toBase64Url } from './base-encoding.js';

/** The public key as JWK (RFC 8037). */
export function publicJwk(publicKey: Uint8Array): { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) };
}

/** JWK thumbprint (RFC 7638): the `keyid` of signatures and the `kid` of the key directory. */
export function jwkThumbprint(publicKey: Uint8Array): string {
  return toBase64Url(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${toBase64Url(publicKey)}"}`));
}
