/** DSSE envelopes (secure-systems-lab DSSE 1.0.2): bytes with their type under a signature that no re-encoding can move. */
import { Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { fromBase64, toBase64 } from '../identity/base-encoding.js';
import { verifySignature } from '../identity/ed25519-verify.js';
import { isSshSignature, verifySshSignature } from '../identity/sshsig.js';

export type EnvelopeSignature = { readonly keyid: string; readonly sig: string };
/** The JSON form: payload and signatures in base64. */
export type Envelope = { readonly payload: string; readonly payloadType: string; readonly signatures: readonly EnvelopeSignature[] };

/** A key to try; `keyid` in an envelope is unsigned and only orders the keys. */
export interface EnvelopeKey {
  readonly keyid: string;
  readonly publicKey: Uint8Array;
}

export interface OpenedEnvelope {
  readonly payloadType: string;
  /** The bytes that were verified: read these, never the envelope again. */
  readonly payload: Uint8Array;
  readonly key: EnvelopeKey;
}

/** Pre-authentication encoding: what is really signed. Lengths count bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload]);
}

export async function signEnvelope(payloadType: string, payload: Uint8Array, signer: Signer, keyid: string = signer.did): Promise<Envelope> {
  const signature = await signer.sign(preAuthEncoding(payloadType, payload));
  return { payload: toBase64(payload), payloadType, signatures: [{ keyid, sig: toBase64(signature) }] };
}

/** The envelope with one more signature over the same bytes. */
export async function addSignature(envelope: Envelope, signer: Signer): Promise<Envelope> {
  const signature = await signer.sign(preAuthEncoding(envelope.payloadType, payloadOf(envelope)));
  return { ...envelope, signatures: [...envelope.signatures, { keyid: signer.did, sig: toBase64(signature) }] };
}

/** The envelope as a file: one line of JSON. */
export function envelopeText(envelope: Envelope): string {
  return `${JSON.stringify(envelope)}\n`;
}

/**
 * Reads an envelope without believing it.
 * @throws {Fault} INPUT_INVALID for anything but exactly payload, payloadType and signatures
 */
export function readEnvelope(source: string | Uint8Array | JsonObject, at = 'envelope'): Envelope {
  const json = isText(source) ? jsonOf(textOf(source, at), at) : source;
  const { payload, payloadType, signatures, ...rest } = json;
  const fit = typeof payload === 'string' && typeof payloadType === 'string' && Array.isArray(signatures) && signatures.length > 0 && Object.keys(rest).length === 0;
  if (!fit) throw new Fault('INPUT_INVALID', 'not a DSSE envelope with payload, payloadType and signatures', { at });
  return { payload, payloadType, signatures: (signatures as readonly Json[]).map((one) => readSignature(one, at)) };
}

/** As {@link envelopeText} writes it: then nothing is there twice, and nothing that a strict reader would refuse. Else the strict reader has the word. */
function jsonOf(text: string, at: string): JsonObject {
  return asWritten(text) ?? asObject(parseJson(text, at), at);
}

function asWritten(text: string): JsonObject | undefined {
  // No escape, so that no text has a second spelling.
  const json = text.startsWith('{"payload":"') && !text.includes('\\') ? parsed(text) : undefined;
  if (!isObject(json)) return undefined;
  const { payload, payloadType, signatures } = json;
  const [one, ...others] = Array.isArray(signatures) ? (signatures as readonly Json[]) : [];
  if (typeof payload !== 'string' || typeof payloadType !== 'string' || !isObject(one) || others.length > 0 || typeof one['keyid'] !== 'string' || typeof one['sig'] !== 'string') return undefined;
  const { keyid, sig } = one;
  const written = `{"payload":"${payload}","payloadType":${JSON.stringify(payloadType)},"signatures":[${JSON.stringify({ keyid, sig })}]}`;
  return text === written || text === `${written}\n` ? json : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isText(source: string | Uint8Array | JsonObject): source is string | Uint8Array {
  return typeof source === 'string' || source instanceof Uint8Array;
}

function textOf(source: string | Uint8Array, at: string): string {
  if (typeof source === 'string') return source;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', 'not UTF-8 text', { at, cause });
  }
}

function readSignature(value: Json, at: string): EnvelopeSignature {
  const { keyid = '', sig, ...rest } = isObject(value) ? value : {};
  if (typeof keyid !== 'string' || typeof sig !== 'string' || Object.keys(rest).length > 0) throw new Fault('INPUT_INVALID', 'a signature must hold keyid and sig', { at });
  return { keyid, sig };
}

/** The payload as bytes, not yet verified. @throws {Fault} INPUT_INVALID */
export function payloadOf(envelope: Envelope): Uint8Array {
  return fromBase64(envelope.payload);
}

/** What a signature may look like: always the 64 bytes of Ed25519, and for people also what OpenSSH makes of their key. */
export interface SignatureForms {
  readonly ssh: boolean;
}
const RAW_ONLY: SignatureForms = { ssh: false };

/**
 * Verifies an envelope against keys and hands on the verified bytes with the key that signed.
 * @throws {Fault} INPUT_INVALID when malformed, SIGNATURE_INVALID when none of the keys signed it
 */
export async function openEnvelope(source: string | Uint8Array | JsonObject, keys: readonly EnvelopeKey[], forms: SignatureForms = RAW_ONLY): Promise<OpenedEnvelope> {
  const envelope = readEnvelope(source);
  const payload = payloadOf(envelope);
  return { payloadType: envelope.payloadType, payload, key: await signingKey({ envelope, payload }, keys, forms) };
}

/**
 * The key that signed an envelope which was read before, and its payload decoded.
 * @throws {Fault} as {@link openEnvelope}
 */
export async function signingKey({ envelope, payload }: { readonly envelope: Envelope; readonly payload: Uint8Array }, keys: readonly EnvelopeKey[], forms: SignatureForms = RAW_ONLY): Promise<EnvelopeKey> {
  const message = preAuthEncoding(envelope.payloadType, payload);
  for (const { keyid, sig } of envelope.signatures) {
    const signature = fromBase64(sig);
    for (const key of [...keys].sort((a, b) => Number(b.keyid === keyid) - Number(a.keyid === keyid))) {
      if (await signed(key.publicKey, message, signature, forms)) return key;
    }
  }
  throw new Fault('SIGNATURE_INVALID', 'no signature of the envelope belongs to a key that was expected');
}

async function signed(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array, { ssh }: SignatureForms): Promise<boolean> {
  if (!isSshSignature(signature)) return verifySignature(publicKey, message, signature);
  if (!ssh) throw new Fault('SIGNATURE_INVALID', 'an SSH key signed where only a key of agentctl counts', { hint: 'SSH keys sign for people: human acts and the pact' });
  return verifySshSignature(publicKey, message, signature);
}
