/** What must hold of each published file, given the certificate. Each check answers in one sentence, or faults: 1 refused, 3 cannot be told, 4 false. */
import { counted } from '../../domain/counted.js';
import { openHistory } from '../../attestation/certificate-history.js';
import { payloadOf, readEnvelope } from '../../attestation/dsse.js';
import { verifyOwnership } from '../../attestation/ownership.js';
import { historiesOf, SILENT } from '../../attestation/succession.js';
import { digestBytes, digestJson, short, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { asObject, isObject, parseJson, type Json } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import { fromBase64Url } from '../../identity/base-encoding.js';
import { didWebUrl } from '../../identity/did-document.js';
import { didKeyOf, keyOfDid } from '../../identity/did-key.js';
import { parseDidDocument } from '../../identity/did-resolver.js';
import { acceptKey } from '../../identity/ed25519-key.js';
import { verifySignature } from '../../identity/ed25519-verify.js';
import { jwkThumbprint } from '../../identity/http-signature.js';
import { currentOf, standingOf, type KeyHistory } from '../../identity/key-history.js';
import { openCheckpointNote, parseVerifierKey } from '../../ledger/checkpoint.js';
import { openPublication, PUBLISHED, type Publication } from '../../registries/publication.js';
import type { Published } from './published.js';

export async function listIsSigned({ file, predicate, certificate, keysOf }: Published): Promise<string> {
  const { claim, files } = await openPublication(await file(PUBLISHED.list), keysOf);
  const { agent, organisation } = predicate;
  const expected: Partial<Publication> = { agent: agent.did, organisation: organisation.did, certificate: certificate as Digest };
  const other = (['agent', 'organisation', 'certificate'] as const).find((key) => claim[key] !== expected[key]);
  if (other !== undefined) throw new Fault('DIGEST_MISMATCH', `the list of files is about another ${other}`);
  const changed: string[] = [];
  for (const [path, digest] of files) if (digestBytes(await file(path)) !== digest) changed.push(path);
  if (changed.length > 0) throw new Fault('DIGEST_MISMATCH', `changed since it was signed: ${changed.join(', ')}`);
  return `${counted(files.size, 'file')}, each as ${organisation.name} signed it`;
}

/** Is this place the one of the DID that the reader knows? */
export async function isTheOneAsked({ file, predicate, keysOf, now }: Published, asked: string): Promise<string> {
  const parties = [{ who: 'the agent', did: predicate.agent.did }, { who: predicate.organisation.name, did: predicate.organisation.did }];
  if (asked.startsWith('did:web:')) {
    const path = new URL(didWebUrl(asked)).pathname.slice(1);
    const { assertionKeys } = parseDidDocument(asked, await file(path), path);
    const found = parties.find(({ did }) => assertionKeys.some((key) => standingOf(keysOf(did), key.did, now) === 'valid'));
    if (found) return `${asked} is ${found.who}`;
  }
  const found = parties.find(({ did }) => keysOf(did).keys.some((key) => key.did === asked && standingOf(keysOf(did), asked, now) === 'valid') || did === asked);
  if (!found) throw new Fault('KEY_UNFIT', `${asked} is neither the agent that is certified here nor its organisation`);
  return `${asked} is ${found.who}`;
}

export async function identityIsCertified(published: Published): Promise<string> {
  const { did } = published.predicate.agent;
  const id = await subjectOf(published, PUBLISHED.did, published.keysOf(did));
  if (id.startsWith('did:web:')) await refuseUnconfirmed(published, id);
  return id === did ? id : `${id}, the same key as ${did}`;
}

/** A did:web is what its own address says. What this place says of an address elsewhere has to be read there. */
async function refuseUnconfirmed({ origin, elsewhere, file, predicate, keysOf, now }: Published, id: string): Promise<void> {
  const address = new URL(didWebUrl(id));
  if (origin === undefined) return;
  const here = origin === address.origin;
  if (!here && !elsewhere) throw new Fault('EVIDENCE_MISSING', `${id} is published at ${address.href}: this place cannot confirm it`);
  const text = here ? await file(address.pathname.slice(1)) : await elsewhere?.(address.href) ?? '';
  refuseStrangers(parseDidDocument(id, text, address.href).assertionKeys.map((key) => key.did), keysOf(predicate.agent.did), { place: address.href, now });
}

export async function ownerIsNamed(published: Published): Promise<string> {
  const { organisation, agent } = published.predicate;
  const id = await subjectOf(published, PUBLISHED.organisation, published.keysOf(organisation.did));
  return `${organisation.name} (${id}) answers for ${agent.name}`;
}

/** The subject of a DID document, once the keys that it states are those of the identity. */
async function subjectOf({ file, now }: Published, place: string, history: KeyHistory): Promise<string> {
  const text = await file(place);
  const id = String(asObject(parseJson(text, place), place)['id']);
  const keys = parseDidDocument(id, text, place).assertionKeys.filter(({ until }) => until === undefined || now < until).map((key) => key.did);
  // The document of a did:key restates its name, whatever became of the key; a did:web tells who speaks today.
  if (!id.startsWith('did:key:')) refuseStrangers(keys, history, { place, now });
  else if (id !== history.root || keys.length !== 1 || keys[0] !== id) throw new Fault('KEY_UNFIT', `${place} states another key than ${history.root}`);
  return id;
}

/** While a key is rotated a document may state several; each must be one that speaks, and the newest must be among them. */
function refuseStrangers(stated: readonly string[], history: KeyHistory, { place, now }: { readonly place: string; readonly now: string }): void {
  for (const did of stated) {
    const standing = standingOf(history, did, now);
    if (standing === 'stranger') throw new Fault('KEY_UNFIT', `${place} states another key than ${history.root}`);
    if (standing === 'compromised') throw new Fault('KEY_UNFIT', `${place} still lists a key of a thief: ${SILENT.compromised(did)}`);
    if (standing !== 'valid') throw new Fault('EVIDENCE_MISSING', `${place} is out of date: ${SILENT[standing](did, readable(now))}`);
  }
  const current = currentOf(history)?.did;
  if (current === undefined || !stated.includes(current)) throw new Fault('KEY_UNFIT', `${place} states no key that speaks for ${history.root}`);
}

export async function buildPublished({ file, predicate }: Published): Promise<string> {
  if (digestBytes(await file(PUBLISHED.build)) !== digestJson(predicate.build)) throw new Fault('DIGEST_MISMATCH', `${PUBLISHED.build} is not the certified build`);
  return `${short(digestJson(predicate.build))} is the certified one; which build answers behind the address cannot be seen from here`;
}

export async function pactIsCertified({ file, predicate }: Published): Promise<string> {
  const { pact } = predicate;
  if (digestBytes(payloadOf(readEnvelope(await file(PUBLISHED.pact), PUBLISHED.pact))) !== pact.digest) throw new Fault('DIGEST_MISMATCH', `${PUBLISHED.pact} is not the certified pact`);
  return `${pact.conditions.length} conditions, as certified`;
}

/** Whose log it is, the organisation said in the ownership credential; that nothing was cut off since would need a witness. */
export async function logIsSigned({ file, predicate }: Published): Promise<string> {
  const owned = await verifyOwnership(predicate.ownership.credential, predicate.ownership.acceptance, await historiesOf(predicate.keys ?? [], predicate.organisation.did));
  if (!owned.ok) throw new Fault('SIGNATURE_INVALID', owned.problem);
  const key = parseVerifierKey(owned.ownership.log);
  const certified = await openCheckpointNote(predicate.ledger.checkpoint, [key], verifySignature, 'checkpoint of the certificate');
  const published = await openCheckpointNote(await file(PUBLISHED.checkpoint), [key], verifySignature, PUBLISHED.checkpoint);
  if (certified.size !== predicate.ledger.size || published.size < certified.size) throw new Fault('DIGEST_MISMATCH', `the log had ${predicate.ledger.size} entries when it was certified, and now shows ${published.size}`);
  return `${published.origin}, ${published.size} entries, signed by its own key`;
}

export async function directoryIsOfAgent({ file, predicate, keysOf, now }: Published): Promise<string> {
  const directory = asObject(parseJson(await file(PUBLISHED.keys), PUBLISHED.keys), PUBLISHED.keys);
  const listed = Array.isArray(directory['keys']) ? (directory['keys'] as readonly Json[]) : [];
  refuseStrangers(listed.map(directoryKey), keysOf(predicate.agent.did), { place: PUBLISHED.keys, now });
  return `requests of the agent verify with ${listed.map((one) => jwkThumbprint(keyOfDid(directoryKey(one)))).join(', ')}`;
}

/** A key of the directory as did:key, once its `kid` is its own thumbprint: readers look it up by that. */
function directoryKey(jwk: Json): string {
  const { kty, crv, x, kid } = isObject(jwk) ? jwk : {};
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string') throw new Fault('KEY_UNFIT', `${PUBLISHED.keys} lists a key that is not Ed25519`);
  const publicKey = acceptKey(fromBase64Url(x));
  if (kid !== jwkThumbprint(publicKey)) throw new Fault('KEY_UNFIT', `${PUBLISHED.keys} lists a key under the name of another`);
  return didKeyOf(publicKey);
}

/** From the first certificate to this one, each naming the one before by its digest: a gap or a swap would show. */
export async function historyIsWhole({ file, certificate, keysOf }: Published): Promise<string> {
  const items = await openHistory(await file(PUBLISHED.history), keysOf);
  if (items.at(-1)?.certificate !== certificate) throw new Fault('DIGEST_MISMATCH', 'the history ends in another certificate');
  const gone = items.filter(({ counts }) => !counts).length;
  return `${counted(items.length, 'certificate')}, each naming the one before${gone === 0 ? '' : `; ${gone} of a stolen key, which no longer count${gone === 1 ? 's' : ''}`}`;
}
