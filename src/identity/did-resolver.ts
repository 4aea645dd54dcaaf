/** Reads a DID document that somebody else wrote (DID 1.0, Controlled Identifiers 1.0): which Ed25519 keys speak for the DID, for what, until when. */
import { Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import { toInstant, type Instant } from '../domain/time.js';
import { fromBase64Url } from './base-encoding.js';
import { didKeyOf, keyOfMultikey } from './did-key.js';
import { acceptKey } from './ed25519-key.js';

/** Characters of the longest document that is read; an honest one has some hundred a key. */
export const LARGEST_DOCUMENT = 64 * 1024;

/** What a key may be used for (DID 1.0 §5.3). */
export const RELATIONSHIPS = ['assertionMethod', 'authentication', 'capabilityInvocation', 'capabilityDelegation', 'keyAgreement'] as const;
export type Relationship = (typeof RELATIONSHIPS)[number];

/** An Ed25519 key as its document states it. */
export interface VerificationMethod {
  /** DID URL: the DID and a fragment. */
  readonly id: string;
  /** The key, as did:key. */
  readonly did: string;
  /** Empty for a key that is kept for the record. */
  readonly relationships: readonly Relationship[];
  /** From when on it signs nothing any more (Controlled Identifiers 1.0 §2.2). */
  readonly expires?: Instant;
  readonly revoked?: Instant;
}

/** A key that speaks for a DID, as did:key, until `until` if that is set. */
export interface SpeakingKey {
  readonly did: string;
  readonly id: string;
  readonly until?: Instant;
}

export interface ResolvedDid {
  readonly did: string;
  readonly document: JsonObject;
  readonly alsoKnownAs: readonly string[];
  readonly methods: readonly VerificationMethod[];
  /** Ids of the keys that were left out: of another kind, or under another controller. */
  readonly ignored: readonly string[];
  /** Keys that may make statements for the DID. One that is listed for something else only is not among them. */
  readonly assertionKeys: readonly SpeakingKey[];
}

/**
 * @param at where the text comes from, for errors
 * @throws {Fault} INPUT_INVALID for what is no DID document, KEY_UNFIT for one of another subject or with a key that nobody should trust
 */
export function parseDidDocument(did: string, text: string, at: string): ResolvedDid {
  if (text.length > LARGEST_DOCUMENT) throw new Fault('INPUT_INVALID', `the DID document is longer than ${LARGEST_DOCUMENT} characters`, { at });
  return readDidDocument(did, parseJson(text, at), at);
}

/** {@link parseDidDocument} for a text that was parsed. */
export function readDidDocument(did: string, value: Json, at = did): ResolvedDid {
  const document = asObject(value, at);
  // A document that names another subject says nothing about this one, whoever publishes it.
  if (document['id'] !== did) throw new Fault('KEY_UNFIT', `the DID document is about ${JSON.stringify(document['id'] ?? null).slice(0, 200)}, not ${did}`, { at });
  const { methods, ignored } = methodsOf(did, document, at);
  const alsoKnownAs = listOf(document, 'alsoKnownAs', at).filter((one) => typeof one === 'string');
  return { did, document, alsoKnownAs, methods, ignored, assertionKeys: keysFor({ methods }, 'assertionMethod') };
}

/**
 * The keys that speak for the DID in one relationship. A revoked key is none of them, at whatever time: who stole it sets the date of what it signs.
 * A key that ran out is one, with its end: what it signed before may stand.
 */
export function keysFor({ methods }: Pick<ResolvedDid, 'methods'>, relationship: Relationship): readonly SpeakingKey[] {
  const speaking = methods.filter((one) => one.relationships.includes(relationship) && one.revoked === undefined);
  return speaking.map(({ did, id, expires }) => ({ did, id, ...(expires === undefined ? {} : { until: expires }) }));
}

/** Whether one of the keys is this one, and has not ended by then. */
export function speaksAt(keys: readonly SpeakingKey[], did: string, now: Instant): boolean {
  return keys.some((key) => key.did === did && (key.until === undefined || now < key.until));
}

function methodsOf(did: string, document: JsonObject, at: string): Pick<ResolvedDid, 'methods' | 'ignored'> {
  const uses = new Map<string, Relationship[]>();
  const stated = listOf(document, 'verificationMethod', at).map((one) => asObject(one, `${at}: verificationMethod`));
  for (const relationship of RELATIONSHIPS) {
    for (const entry of listOf(document, relationship, at)) {
      const embedded = isObject(entry);
      if (embedded) stated.push(entry);
      const id = absoluteId(did, embedded ? entry['id'] : entry, `${at}: ${relationship}`);
      uses.set(id, [...(uses.get(id) ?? []), relationship]);
    }
  }
  const methods: VerificationMethod[] = [];
  const ignored: string[] = [];
  const ids = new Set<string>();
  for (const one of stated) {
    const id = absoluteId(did, one['id'], `${at}: verificationMethod`);
    // Two readers would take two different keys.
    if (ids.has(id)) throw new Fault('INPUT_INVALID', `the DID document states ${id} twice`, { at });
    ids.add(id);
    const publicKey = keyIn(one, id);
    if (publicKey === undefined || one['controller'] !== did || !id.startsWith(`${did}#`)) ignored.push(id);
    else methods.push({ id, did: didKeyOf(publicKey), relationships: uses.get(id) ?? [], ...endOf(one, 'expires', id), ...endOf(one, 'revoked', id) });
  }
  return { methods: methods.map((one) => ({ ...one, ...revocationOf(one, methods) })), ignored };
}

/** A key that was stolen is stolen under each of its names. */
function revocationOf({ did }: VerificationMethod, methods: readonly VerificationMethod[]): { readonly revoked?: Instant } {
  const [revoked] = methods.flatMap((one) => (one.did === did && one.revoked !== undefined ? [one.revoked] : [])).sort();
  return revoked === undefined ? {} : { revoked };
}

/** A member that is a list if it is there at all (DID 1.0 §5: a set). */
function listOf(document: JsonObject, name: string, at: string): readonly Json[] {
  const value = document[name] ?? [];
  if (!Array.isArray(value)) throw new Fault('INPUT_INVALID', `${name} must be a list`, { at });
  return value as readonly Json[];
}

/** DID 1.0 §3.2.2: `#key-1` stands for the key of that name of the document's subject. */
function absoluteId(did: string, id: Json | undefined, at: string): string {
  if (typeof id !== 'string' || !/^(did:[a-z0-9]+:[^#\s]+)?#[^#\s]+$/.test(id)) throw new Fault('INPUT_INVALID', `${JSON.stringify(id ?? null).slice(0, 200)} does not name a key`, { at });
  return id.startsWith('#') ? `${did}${id}` : id;
}

const MULTIKEY = ['Multikey', 'Ed25519VerificationKey2020'];
const JWK = ['JsonWebKey', 'JsonWebKey2020'];
const SECRETS = ['secretKeyMultibase', 'privateKeyMultibase', 'secretKeyJwk', 'privateKeyJwk'];

/** Undefined for a key of another kind. @throws {Fault} KEY_UNFIT */
function keyIn(method: JsonObject, id: string): Uint8Array | undefined {
  const { type, publicKeyMultibase: multikey, publicKeyJwk: jwk } = method;
  const secret = SECRETS.some((name) => name in method) || (isObject(jwk) && 'd' in jwk);
  if (secret) throw new Fault('KEY_UNFIT', 'the DID document publishes the private half of a key: whoever reads it can sign', { at: id });
  if (multikey !== undefined && jwk !== undefined) throw new Fault('KEY_UNFIT', 'the key is stated twice', { at: id });
  try {
    // Every Ed25519 Multikey begins like this: multicodec ed01 before 32 bytes, in base58.
    if (MULTIKEY.includes(String(type)) && typeof multikey === 'string' && multikey.startsWith('z6Mk')) return keyOfMultikey(multikey);
    if (JWK.includes(String(type)) && isObject(jwk) && jwk['kty'] === 'OKP' && jwk['crv'] === 'Ed25519') return acceptKey(fromBase64Url(String(jwk['x'])));
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault('KEY_UNFIT', `the DID document states a key that is none: ${cause.message}`, { at: id, cause });
    throw cause;
  }
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** An XML Schema dateTimeStamp, which has a time zone. Read wrongly, an end would come too late. */
function endOf(method: JsonObject, name: 'expires' | 'revoked', id: string): { readonly [K in typeof name]?: Instant } {
  const text = method[name];
  if (text === undefined) return {};
  if (typeof text !== 'string' || !TIMESTAMP.test(text) || Number.isNaN(Date.parse(text))) throw new Fault('INPUT_INVALID', `"${name}" of the key must be a time with its zone`, { at: id });
  return { [name]: toInstant(Date.parse(text)) };
}
