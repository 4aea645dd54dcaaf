/** Whom a reader trusts: an organisation by its keys, each with its time; and how a key that signed stands with him. */
import { Fault } from '../domain/fault.js';
import { isObject, parseJson } from '../domain/json.js';
import type { Instant } from '../domain/time.js';
import { didWebUrl } from '../identity/did-document.js';
import { keyOfDid } from '../identity/did-key.js';
import { readDidDocument, type VerificationMethod } from '../identity/did-resolver.js';
import type { AssertionsOf } from './credential.js';
import { soleKey, standingOf, type KeyHistory, type KeyPeriod, type Standing } from '../identity/key-history.js';

/** `root` names the organisation (did:key or did:web); its keys are did:keys, in no order. */
export interface TrustRoot extends KeyHistory {
  /** By which name (a DID URL) its document states each key: a credential says so which one signed. */
  readonly methods?: readonly { readonly id: string; readonly did: string }[];
}

const HINT = 'give the did:key of the organisation, or a file that holds it or its did.json';

/**
 * A root as a reader names it. The keys of a did:web are not in its name, and nothing here opens a connection.
 * @throws {Fault} EVIDENCE_MISSING for a did:web, INPUT_INVALID for anything else that is no did:key
 */
export function trustRootOf(did: string, at: string): TrustRoot {
  if (did.startsWith('did:web:')) {
    didWebUrl(did);
    throw new Fault('EVIDENCE_MISSING', `the keys of ${did} are not at hand, and verifying asks nobody`, { at, hint: `agentctl identity resolve ${did} --out root.json, then --trust root.json` });
  }
  try {
    keyOfDid(did);
    return soleKey(did);
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault('INPUT_INVALID', `trust root ${JSON.stringify(did.slice(0, 100))} is not a did:key`, { at, hint: HINT, cause });
    throw cause;
  }
}

/**
 * The root in a file: a bare did:key, or a DID document (did.json) with every key that it states for making statements.
 * @param text of the file
 * @param at its name, for errors
 * @throws {Fault} INPUT_INVALID, KEY_UNFIT
 */
export function readTrustRoot(text: string, at: string): TrustRoot {
  const bare = text.trim();
  if (!bare.startsWith('{')) return trustRootOf(bare, at);
  const document = parseJson(bare, at);
  const id = isObject(document) ? document['id'] : undefined;
  if (typeof id !== 'string' || !id.startsWith('did:')) throw new Fault('INPUT_INVALID', `${at} is no DID document`, { at, hint: HINT });
  // The document of a did:key is a restatement of its name: only the name counts.
  if (id.startsWith('did:key:')) return trustRootOf(id, at);
  const stated = readDidDocument(id, document, at).methods.flatMap((method) => periodOf(method).map((period) => ({ id: method.id, period })));
  if (stated.length === 0) throw new Fault('INPUT_INVALID', `${at} lists no key under assertionMethod`, { at, hint: HINT });
  // Under two names a key may have ended and go on: the one that goes on comes first, and is found.
  const keys = stated.map(({ period }) => period).sort((one, other) => Number(one.ended !== null) - Number(other.ended !== null));
  return { root: id, keys, methods: stated.map((one) => ({ id: one.id, did: one.period.did })) };
}

/** The keys that the documents of trusted organisations state, whenever each of them spoke: that is {@link standingWith}'s question. */
export function statedBy(roots: readonly TrustRoot[]): AssertionsOf {
  return (did) => {
    const known = roots.filter(({ root, methods }) => root === did && methods !== undefined);
    return known.length === 0 ? undefined : known.flatMap(({ methods = [] }) => methods.map((one) => ({ id: one.id, publicKey: keyOfDid(one.did) })));
  };
}

/** A former key may be listed for nothing any more; one that is listed for something else only never made statements. */
function periodOf({ did, relationships, expires, revoked }: VerificationMethod): readonly KeyPeriod[] {
  const former = relationships.length === 0 && (expires ?? revoked) !== undefined;
  if (!former && !relationships.includes('assertionMethod')) return [];
  if (revoked !== undefined) return [{ did, from: null, ended: { at: revoked, cause: 'compromised' } }];
  return [{ did, from: null, ended: expires === undefined ? null : { at: expires, cause: 'superseded' } }];
}

/**
 * Whether a key spoke, at a time, for an organisation that the reader trusts. He may know of an end, or of a later key, that the certificate does
 * not, and the certificate may lead from a key that he knows to a later one: what either of them says against the key counts.
 * @param certified the organisation's keys as the certificate shows them
 */
export function standingWith(roots: readonly TrustRoot[], certified: KeyHistory, did: string, at: Instant): Standing {
  const answers = roots.map((root) => standingBetween(root, certified, did, at));
  return BEST_FIRST.find((standing) => answers.includes(standing)) ?? 'stranger';
}

function standingBetween(root: TrustRoot, certified: KeyHistory, did: string, at: Instant): Standing {
  const own = standingOf(root, did, at);
  if (certified.keys.some((key) => key.did === did)) return worse(own === 'stranger' ? reach(root, certified, did) : own, standingOf(certified, did, at));
  return certified.keys.some((key) => root.keys.some((known) => known.did === key.did)) ? own : 'stranger';
}

const BEST_FIRST: readonly Standing[] = ['valid', 'compromised', 'ended', 'not-yet', 'stranger'];
const WORST_FIRST: readonly Standing[] = ['stranger', 'compromised', 'not-yet', 'ended', 'valid'];

function worse(a: Standing, b: Standing): Standing {
  return WORST_FIRST.find((standing) => standing === a || standing === b) ?? 'stranger';
}

/** For a key that the root does not know: whether the nearest key before it that the root does know was in its right to hand over. */
function reach(root: TrustRoot, { keys }: KeyHistory, did: string): Standing {
  const before = keys.slice(0, Math.max(0, keys.findIndex((key) => key.did === did)));
  const place = before.findLastIndex((key) => root.keys.some((known) => known.did === key.did));
  const [known, next] = [keys[place], keys[place + 1]];
  if (!known || !next || next.from === null) return 'stranger';
  const end = root.keys.find((key) => key.did === known.did)?.ended ?? null;
  // Handing over is the last thing that a key does, at the very moment when it ends.
  return end?.cause === 'superseded' && end.at === next.from ? 'valid' : standingOf(root, known.did, next.from);
}
