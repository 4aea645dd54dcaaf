/** did:key for Ed25519 (W3C CCG did-key): the public key as an identifier that needs no registry. */
import { Fault } from '../domain/fault.js';
import { fromBase58, toBase58 } from './base-encoding.js';
import { acceptKey } from './ed25519-key.js';

const METHOD = 'did:key:';
/** Multicodec `ed25519-pub` as a varint. */
const PREFIX = [0xed, 0x01] as const;

/** Multikey text of a public key: `z6Mk…` (Controlled Identifiers 1.0, Multikey). */
export function multikeyOf(publicKey: Uint8Array): string {
  return `z${toBase58(Uint8Array.from([...PREFIX, ...publicKey]))}`;
}

/** @throws {Fault} KEY_UNFIT for another kind of key, a wrong length or a weak point */
export function keyOfMultikey(text: string): Uint8Array {
  const bytes = text.startsWith('z') && text.length < 100 ? decode(text) : undefined;
  // No second spelling is left: base58 writes a number in one way only, and zeros in front would take the place of the prefix.
  if (!bytes || bytes[0] !== PREFIX[0] || bytes[1] !== PREFIX[1]) throw unfit(text);
  return acceptKey(bytes.slice(PREFIX.length));
}

export function didKeyOf(publicKey: Uint8Array): string {
  return `${METHOD}${multikeyOf(publicKey)}`;
}

/** Keys by name, read before: the same few sign everything. */
const known = new Map<string, Uint8Array>();
const REMEMBERED = 1000;

/** @throws {Fault} KEY_UNFIT */
export function keyOfDid(did: string): Uint8Array {
  const found = known.get(did);
  if (found) return found;
  if (!did.startsWith(METHOD)) throw unfit(did);
  const publicKey = keyOfMultikey(did.slice(METHOD.length));
  if (known.size >= REMEMBERED) known.clear();
  known.set(did, publicKey);
  return publicKey;
}

function decode(text: string): Uint8Array {
  try {
    return fromBase58(text.slice(1));
  } catch (cause) {
    throw unfit(text, cause);
  }
}

function unfit(text: string, cause?: unknown): Fault {
  return new Fault('KEY_UNFIT', `${JSON.stringify(text.slice(0, 80))} is not an Ed25519 did:key`, { cause, hint: 'an Ed25519 did:key starts with did:key:z6Mk' });
}
