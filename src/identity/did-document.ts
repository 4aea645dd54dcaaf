/** DID documents (DID 1.0) for did:key and did:web, and where a did:web document is published. */
import { Fault } from '../domain/fault.js';
import type { Json, JsonObject } from '../domain/json.js';
import { didKeyOf, keyOfDid, multikeyOf } from './did-key.js';
import { readDidDocument } from './did-resolver.js';
import { soleKey, type KeyHistory, type KeyPeriod } from './key-history.js';

const CONTEXT = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'] as const;
const WEB = 'did:web:';

/** The document that a did:key stands for: one key for every purpose. */
export function didKeyDocument(publicKey: Uint8Array): JsonObject {
  const multikey = multikeyOf(publicKey);
  const did = `did:key:${multikey}`;
  const id = `${did}#${multikey}`;
  return {
    '@context': CONTEXT,
    id: did,
    verificationMethod: [method(id, did, publicKey)],
    authentication: [id],
    assertionMethod: [id],
    capabilityInvocation: [id],
    capabilityDelegation: [id],
  };
}

/** The document to publish for a did:web with one key. `alsoKnownAs` links the did:key, so that both names lead to one key. */
export function didWebDocument(did: string, publicKey: Uint8Array, alsoKnownAs: readonly string[] = []): JsonObject {
  return didWebHistory(did, soleKey(didKeyOf(publicKey)), alsoKnownAs);
}

/**
 * The document to publish for a did:web whose keys changed: the one that speaks now is listed for statements and authentication. The former ones
 * keep their ids and show when they ended, and are listed for nothing.
 */
export function didWebHistory(did: string, { keys }: KeyHistory, alsoKnownAs: readonly string[] = []): JsonObject {
  didWebUrl(did);
  const stated = keys.map((period, index) => ({ period, id: `${did}#key-${index + 1}` }));
  const current = stated.filter(({ period }) => period.ended === null).map(({ id }) => id);
  return {
    '@context': CONTEXT,
    id: did,
    ...(alsoKnownAs.length > 0 ? { alsoKnownAs } : {}),
    verificationMethod: stated.map(({ period, id }) => ({ ...method(id, did, keyOfDid(period.did)), ...endOf(period) })),
    assertionMethod: current,
    authentication: current,
  };
}

/** The document of an identity: under its web address if it has one, naming the did:key as well; otherwise that which its first key stands for. */
export function didDocumentOf(history: KeyHistory, web: string | undefined): JsonObject {
  return web === undefined ? didKeyDocument(keyOfDid(history.root)) : didWebHistory(didWebOf(web), history, [history.root]);
}

/** Controlled Identifiers 1.0 §2.2. Only a compromised key is revoked: readers believe nothing that it ever signed. */
function endOf({ ended }: KeyPeriod): JsonObject {
  if (ended === null) return {};
  return ended.cause === 'compromised' ? { revoked: ended.at } : { expires: ended.at };
}

function method(id: string, controller: string, publicKey: Uint8Array): JsonObject {
  return { id, type: 'Multikey', controller, publicKeyMultibase: multikeyOf(publicKey) };
}

/**
 * The DID of a place on the web: `https://example.com:3000/user/alice` is `did:web:example.com%3A3000:user:alice`.
 * @throws {Fault} INPUT_INVALID unless https, without query, fragment and credentials
 */
export function didWebOf(url: string): string {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (place?.protocol !== 'https:' || place.search || place.hash || place.username || place.password) {
    throw new Fault('INPUT_INVALID', `${JSON.stringify(url)} cannot carry a did:web`, { hint: 'give an https URL such as https://example.com/agents/mail-triage' });
  }
  const segments = place.pathname.split('/').filter((segment) => segment !== '');
  return WEB + [place.host.replaceAll(':', '%3A'), ...segments].join(':');
}

/**
 * Where the document of a did:web lies (W3C CCG did:web): `…/did.json`, or `/.well-known/did.json` without a path.
 * @throws {Fault} INPUT_INVALID
 */
export function didWebUrl(did: string): string {
  const [host = '', ...path] = did.startsWith(WEB) ? did.slice(WEB.length).split(':') : [];
  const fit = /^[A-Za-z0-9.-]+(%3A\d{1,5})?$/i.test(host) && path.every((segment) => /^(?!\.{1,2}$)[A-Za-z0-9._~-]+$/.test(segment));
  if (!fit) throw new Fault('INPUT_INVALID', `${JSON.stringify(did.slice(0, 200))} is not a did:web`);
  const folder = path.length > 0 ? path.join('/') : '.well-known';
  return `https://${host.replace(/%3A/i, ':')}/${folder}/did.json`;
}

/**
 * The keys that may make statements for `did` now and without end: those that its document lists under `assertionMethod`.
 * @throws {Fault} INPUT_INVALID, KEY_UNFIT
 */
export function assertionKeys(document: Json, did: string): readonly { readonly id: string; readonly publicKey: Uint8Array }[] {
  const lasting = readDidDocument(did, document).assertionKeys.filter((key) => key.until === undefined);
  return lasting.map((key) => ({ id: key.id, publicKey: keyOfDid(key.did) }));
}
