/** What must hold of each published file, given the certificate. Each check answers in one sentence, or faults: 3 cannot be told, 4 false. */
import { verifyAgentCard } from '../../attestation/agent-card.js';
import { CERTIFICATION, type CertificatePredicate } from '../../attestation/certificate.js';
import { payloadOf, readEnvelope } from '../../attestation/dsse.js';
import { verifyOwnership } from '../../attestation/ownership.js';
import { openStatement, peekStatement } from '../../attestation/statement.js';
import { digestBytes, digestJson, short } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import { asObject, isObject, parseJson, type Json } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import { assertionKeys, didWebUrl } from '../../identity/did-document.js';
import { didKeyOf, keyOfDid } from '../../identity/did-key.js';
import { verifySignature } from '../../identity/ed25519.js';
import { jwkThumbprint } from '../../identity/http-signature.js';
import { openCheckpointNote, parseVerifierKey } from '../../ledger/checkpoint.js';
import { PUBLISHED } from '../../registries/publication.js';
import { certificationParams } from '../../steps/11-trust.js';

/** What a check of one link sees: the files, as they were fetched once, and the certificate that the organisation signed. */
export interface Published {
  readonly file: (path: string) => Promise<string>;
  readonly predicate: CertificatePredicate;
  readonly certificate: string;
  readonly origin: string | undefined;
}

export async function identityIsCertified({ file, predicate, origin }: Published): Promise<string> {
  const { id } = await didDocument(await file(PUBLISHED.did), PUBLISHED.did, predicate.agent.did);
  if (id.startsWith('did:web:') && origin !== undefined && !didWebUrl(id).startsWith(`${origin}/`)) {
    throw new Fault('EVIDENCE_MISSING', `${id} is published at ${didWebUrl(id)}: this place cannot confirm it`);
  }
  return id === predicate.agent.did ? id : `${id}, the same key as ${predicate.agent.did}`;
}

export async function ownerIsNamed({ file, predicate }: Published): Promise<string> {
  const { organisation, agent } = predicate;
  await didDocument(await file(PUBLISHED.organisation), PUBLISHED.organisation, organisation.did);
  return `${organisation.name} (${organisation.did}) answers for ${agent.name}`;
}

/** The document, once the one key that it states is the expected one. */
async function didDocument(text: string, place: string, did: string): Promise<{ readonly id: string }> {
  const document = asObject(parseJson(text, place), place);
  const id = String(document['id']);
  const [key, ...others] = assertionKeys(document, id);
  if (!key || others.length > 0 || didKeyOf(key.publicKey) !== did || (id.startsWith('did:key:') && id !== did)) {
    throw new Fault('KEY_UNFIT', `${place} states another key than ${did}`);
  }
  return { id };
}

export async function cardIsTrue({ file, predicate, certificate }: Published): Promise<string> {
  const { organisation, agent } = predicate;
  const card = asObject(parseJson(await file(PUBLISHED.card), PUBLISHED.card), PUBLISHED.card);
  const verdict = await verifyAgentCard(card, [{ kid: organisation.did, publicKey: keyOfDid(organisation.did) }]);
  if (!verdict.ok) throw new Fault('SIGNATURE_INVALID', verdict.because);
  const params = certificationParams(card);
  if (params['did'] !== agent.did || params['issuer'] !== organisation.did) throw new Fault('DIGEST_MISMATCH', 'the card is about another agent or issuer');
  const same = params['certificate'] === certificate && params['build'] === digestJson(predicate.build) && params['validUntil'] === predicate.validUntil && card['version'] === agent.version;
  if (!same || params['status'] !== 'certified') throw new Fault('EVIDENCE_MISSING', 'the card speaks of another certificate, build or version: it is out of date');
  return `signed by ${organisation.name}; says certified until ${readable(predicate.validUntil)}`;
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
  const owned = await verifyOwnership(predicate.ownership.credential, predicate.ownership.acceptance);
  if (!owned.ok) throw new Fault('SIGNATURE_INVALID', owned.problem);
  const key = parseVerifierKey(owned.ownership.log);
  const certified = await openCheckpointNote(predicate.ledger.checkpoint, [key], verifySignature, 'checkpoint of the certificate');
  const published = await openCheckpointNote(await file(PUBLISHED.checkpoint), [key], verifySignature, PUBLISHED.checkpoint);
  if (certified.size !== predicate.ledger.size || published.size < certified.size) throw new Fault('DIGEST_MISMATCH', `the log had ${predicate.ledger.size} entries when it was certified, and now shows ${published.size}`);
  return `${published.origin}, ${published.size} entries, signed by its own key`;
}

export async function keysArePublished({ file, predicate }: Published): Promise<string> {
  const directory = asObject(parseJson(await file(PUBLISHED.keys), PUBLISHED.keys), PUBLISHED.keys);
  const kid = jwkThumbprint(keyOfDid(predicate.agent.did));
  const keys = Array.isArray(directory['keys']) ? (directory['keys'] as readonly Json[]) : [];
  if (keys.length !== 1 || !keys.every((one) => isObject(one) && one['kid'] === kid)) throw new Fault('KEY_UNFIT', `${PUBLISHED.keys} lists another key than the agent's`);
  return `requests of the agent verify with ${kid}`;
}

/** From the first certificate to this one, each naming the one before by its digest: a gap or a swap would show. */
export async function historyIsWhole({ file, certificate }: Published): Promise<string> {
  const lines = (await file(PUBLISHED.history)).split('\n').filter((line) => line !== '');
  let before: string | null = null;
  for (const [index, line] of lines.entries()) {
    const predicate = peekStatement(line).predicate as unknown as CertificatePredicate;
    await openStatement(line, predicate.organisation.did, CERTIFICATION);
    if (predicate.previous !== before) throw new Fault('DIGEST_MISMATCH', `certificate ${index + 1} of the history does not follow the one before it`);
    before = digestBytes(payloadOf(readEnvelope(line)));
  }
  if (before !== certificate) throw new Fault('DIGEST_MISMATCH', 'the history ends in another certificate');
  return `${lines.length} certificate${lines.length === 1 ? '' : 's'}, each naming the one before`;
}
