/** The envelope as a Sigstore bundle (v0.3, public key, no transparency log), for verifiers of that world. */
import { canonical } from '../domain/canonical.js';
import type { JsonObject } from '../domain/json.js';
import { Fault } from '../domain/fault.js';
import { fromBase64, toBase64 } from '../identity/base-encoding.js';
import { readEnvelope, type Envelope } from './dsse.js';

const MEDIA_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
/** DER of SubjectPublicKeyInfo for Ed25519 (RFC 8410), up to the key. */
const SPKI = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00] as const;

/** @param hint names the key to the verifier; unsigned, so it only helps to find it */
export function sigstoreBundle(envelope: Envelope, hint: string): JsonObject {
  if (envelope.signatures.length !== 1) throw new Fault('INTERNAL', 'a bundle holds exactly one signature');
  // Other readers know the standard alphabet only.
  const standard = (text: string) => toBase64(fromBase64(text));
  return {
    mediaType: MEDIA_TYPE,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [], timestampVerificationData: { rfc3161Timestamps: [] } },
    dsseEnvelope: {
      payload: standard(envelope.payload),
      payloadType: envelope.payloadType,
      signatures: envelope.signatures.map(({ keyid, sig }) => ({ sig: standard(sig), keyid })),
    },
  };
}

/** The bundle around an envelope, as a file: one text for one envelope. @param text of the envelope */
export function bundleOf(text: string): string {
  const envelope = readEnvelope(text);
  return `${canonical(sigstoreBundle(envelope, envelope.signatures[0]?.keyid ?? ''))}\n`;
}

/** A public key as DER, the form in which other tools take it. */
export function spkiOf(publicKey: Uint8Array): Uint8Array {
  return Uint8Array.from([...SPKI, ...publicKey]);
}

/** A public key as PEM: what `cosign --key` and `openssl` read. */
export function pemOf(publicKey: Uint8Array): string {
  return `-----BEGIN PUBLIC KEY-----\n${toBase64(spkiOf(publicKey))}\n-----END PUBLIC KEY-----\n`;
}
