/** W3C Data Integrity proofs with the cryptosuite eddsa-jcs-2022 (Recommendation of 15 May 2025): a signature that lies inside the JSON document it is about. */
import { canonical } from '../domain/canonical.js';
import { sha256 } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { parseDuration, type Instant } from '../domain/time.js';
import { fromBase58, toBase58 } from '../identity/base-encoding.js';
import { verifySignature } from '../identity/ed25519-verify.js';

export const CRYPTOSUITE = 'eddsa-jcs-2022';
/** How far the clocks of signer and reader may lie apart. */
export const CLOCK_TOLERANCE = 'PT5M';

/** A verification method that may make statements: one that the issuer's DID document lists under `assertionMethod`. */
export interface AssertionKey {
  /** DID URL. */
  readonly id: string;
  readonly publicKey: Uint8Array;
}

export interface ProofTerms {
  readonly created: Instant;
  /** DID URL of the signer's key. */
  readonly verificationMethod: string;
  readonly expires?: Instant;
}

/**
 * The document with its proof (Data Integrity EdDSA Cryptosuites §3.3.1).
 * @throws {Fault} INPUT_INVALID when it has a proof already, or a context that is not an address
 */
export async function addProof(document: JsonObject, signer: Signer, terms: ProofTerms): Promise<JsonObject> {
  if (document['proof'] !== undefined) throw invalid('the document carries a proof already');
  const context = contextOf(document);
  const proof: JsonObject = { type: 'DataIntegrityProof', cryptosuite: CRYPTOSUITE, ...terms, proofPurpose: 'assertionMethod', ...context };
  const signature = await signer.sign(hashData(proof, document));
  return { ...document, proof: { ...proof, proofValue: `z${toBase58(signature)}` } };
}

export interface ProofCheck {
  /** The issuer's keys; whoever else signed is a stranger. */
  readonly keys: readonly AssertionKey[];
  readonly now: Instant;
}

/** A proof that holds, whatever the time. */
export interface OpenedProof {
  /** The document without its proof, with the context that the proof covers: read that, never the document again. */
  readonly signed: JsonObject;
  /** What the proof says of itself, its value aside. */
  readonly terms: JsonObject;
  /** The one that signed. */
  readonly key: AssertionKey;
}

/**
 * Verifies the one proof of a document (§3.3.2), its time aside.
 * @param document from {@link import('../domain/json.js').parseJson}, so that no key stands twice
 * @param keys the issuer's; whoever else signed is a stranger
 * @throws {Fault} INPUT_INVALID for another shape or cryptosuite, KEY_UNFIT when the key is not one of the issuer's, SIGNATURE_INVALID
 */
export async function openProof(document: JsonObject, keys: readonly AssertionKey[]): Promise<OpenedProof> {
  const { proof, ...unsecured } = document;
  const { proofValue, ...terms } = checkedProof(proof);
  const signed = coveredContext(terms, unsecured);
  const named = keys.filter((one) => one.id === terms['verificationMethod']);
  if (named.length === 0) throw new Fault('KEY_UNFIT', `the proof was made with ${shown(terms['verificationMethod'])}, which the issuer does not let make statements`, { at: 'proof' });
  const [hash, signature] = [hashData(terms, signed), signatureOf(proofValue)];
  // A reader may hold two documents of one issuer, an older and a newer one, which give one name to two keys.
  for (const key of named) if (await verifySignature(key.publicKey, hash, signature)) return { signed, terms, key };
  throw new Fault('SIGNATURE_INVALID', `the proof is not a signature of ${String(terms['verificationMethod'])} over this document`, { at: 'proof' });
}

/**
 * {@link openProof}, and `created` and `expires` held against the clock, which the specification leaves to the reader.
 * @returns what was signed
 * @throws {Fault} as {@link openProof}, EVIDENCE_MISSING outside the time of the proof
 */
export async function verifyProof(document: JsonObject, { keys, now }: ProofCheck): Promise<JsonObject> {
  const { signed, terms } = await openProof(document, keys);
  refuseWrongTime(terms, now);
  return signed;
}

/** Milliseconds of an XML Schema dateTimeStamp: a time with its zone. @throws {Fault} INPUT_INVALID */
export function timeOf(value: Json | undefined, name: string): number {
  const time = typeof value === 'string' && DATE_TIME_STAMP.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw invalid(`${name} is ${shown(value)}, not a time with its zone`);
  return time;
}

const DATE_TIME_STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** The hash of the proof comes first: the other order is another cryptosuite's. */
function hashData(proof: JsonObject, document: JsonObject): Uint8Array {
  return Uint8Array.from([...sha256(canonical(proof)), ...sha256(canonical(document))]);
}

function checkedProof(proof: Json | undefined): JsonObject {
  if (Array.isArray(proof)) throw invalid(`a list of ${proof.length} ${proof.length === 1 ? 'proof' : 'proofs'} instead of the one proof`);
  if (!isObject(proof)) throw invalid('the document carries no proof');
  if (proof['type'] !== 'DataIntegrityProof' || proof['cryptosuite'] !== CRYPTOSUITE) throw invalid(`unsupported cryptosuite: ${shown(proof['type'])} ${shown(proof['cryptosuite'])}`);
  if (proof['proofPurpose'] !== 'assertionMethod') throw invalid(`the proof was made for ${shown(proof['proofPurpose'])}, not for statements (assertionMethod)`);
  // What the former proof says would have to be verified too, and a domain or challenge was meant for somebody in particular.
  const foreign = ['previousProof', 'domain', 'challenge'].find((name) => proof[name] !== undefined);
  if (foreign !== undefined) throw invalid(`the proof depends on ${foreign}, which nobody gave`);
  return proof;
}

/** The document as the proof covers it: contexts that were appended later are not part of it. */
function coveredContext(proof: JsonObject, document: JsonObject): JsonObject {
  contextOf(document);
  const signed = proof['@context'];
  if (signed === undefined) return document;
  const own = [document['@context'] ?? []].flat();
  if (![signed].flat().every((one, index) => one === own[index])) throw invalid('the contexts of the document are not those of the proof');
  return { ...document, '@context': signed };
}

/** An inline context could give every word another meaning, and is compared by reference by some readers: addresses only. */
function contextOf({ '@context': context }: JsonObject): { readonly '@context'?: Json } {
  if (context === undefined) return {};
  if (![context].flat().every((one) => typeof one === 'string')) throw invalid('@context holds something else than addresses');
  return { '@context': context };
}

function signatureOf(proofValue: Json | undefined): Uint8Array {
  if (typeof proofValue !== 'string' || !proofValue.startsWith('z') || proofValue.length > 100) throw invalid('proofValue is not base58btc text in multibase');
  return fromBase58(proofValue.slice(1));
}

/** @throws {Fault} EVIDENCE_MISSING for a proof of the future, or one that expired; INPUT_INVALID for a time that is none */
export function refuseWrongTime({ created, expires }: JsonObject, now: Instant): void {
  const reader = Date.parse(now);
  const tolerance = parseDuration(CLOCK_TOLERANCE);
  if (timeOf(created, 'created') > reader + tolerance) throw new Fault('EVIDENCE_MISSING', `the proof says that it was made in the future: ${shown(created)}`, { at: 'proof', hint: 'look at both clocks' });
  if (expires !== undefined && timeOf(expires, 'expires') < reader - tolerance) throw new Fault('EVIDENCE_MISSING', `the proof expired: ${shown(expires)}`, { at: 'proof', hint: 'ask for a newer one' });
}

function shown(value: Json | undefined): string {
  return JSON.stringify(value ?? null).slice(0, 150);
}

function invalid(message: string): Fault {
  return new Fault('INPUT_INVALID', message, { at: 'proof' });
}
