/** Cosignatures of witnesses (C2SP tlog-cosignature, `cosignature/v1`): an Ed25519 signature over a checkpoint and the time when it was seen. */
import type { Signer } from '../domain/ports.js';
import { millisecondsOf, toInstant, type Instant } from '../domain/time.js';
import { signatureLine } from './signature-line.js';
import { verifierKey } from './verifier-key.js';

const TIME_BYTES = 8;

/** The signature line of a witness below a checkpoint: ends in a newline. @param text of the checkpoint */
export async function cosign(text: string, name: string, signer: Signer, now: Instant): Promise<string> {
  const seconds = Math.floor(millisecondsOf(now) / 1000);
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  const signature = await signer.sign(cosignedBytes(text, seconds));
  return signatureLine(verifierKey(name, signer.publicKey, 'cosignature'), Buffer.concat([time, signature]));
}

/** What a cosignature says and over which bytes; undefined when it is none. */
export function readCosignature(text: string, blob: Uint8Array): { readonly time: Instant; readonly message: Uint8Array; readonly signature: Uint8Array } | undefined {
  if (blob.length !== TIME_BYTES + 64) return undefined;
  const seconds = Number(Buffer.from(blob).readBigUInt64BE());
  // Beyond the year 9999 there is no instant to write down, and no honest witness.
  if (seconds <= 0 || seconds > 253_402_300_799) return undefined;
  return { time: toInstant(seconds * 1000), message: cosignedBytes(text, seconds), signature: blob.subarray(TIME_BYTES) };
}

function cosignedBytes(text: string, seconds: number): Uint8Array {
  return new TextEncoder().encode(`cosignature/v1\ntime ${seconds}\n${text}`);
}
