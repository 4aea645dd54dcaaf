/** The certificate as a W3C Verifiable Credential 2.0, for counterparties: the same statement as in the envelope, word for word, in the form that wallets and their verifiers read. */
import { canonical } from '../domain/canonical.js';
import { digestJson, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { parseDuration, type Instant } from '../domain/time.js';
import { assertionKeys, didKeyDocument } from '../identity/did-document.js';
import { didKeyOf, keyOfDid } from '../identity/did-key.js';
import { CERTIFICATION, type CertificateClaims, type CertificatePredicate } from './certificate.js';
import { addProof, CLOCK_TOLERANCE, openProof, refuseWrongTime, timeOf, type AssertionKey } from './data-integrity.js';

const CREDENTIALS = 'https://www.w3.org/ns/credentials/v2';
/** The second gives our words a meaning without a vocabulary of our own on the web. Addresses only: see data-integrity.ts. */
const CONTEXT = [CREDENTIALS, 'https://www.w3.org/ns/credentials/undefined-terms/v2'] as const;
export const CREDENTIAL_TYPE = 'AgentCertification';

/** Where verifiers look up whether a credential was revoked (Bitstring Status List 1.0 §2.1). */
export interface StatusPlace {
  /** Address of the list. */
  readonly list: string;
  readonly index: number;
}

/**
 * The unsigned credential. It follows from the certificate alone, so that whoever holds both can see that they say the same.
 * @param certificate digest of the signed statement
 * @param issuer the DID whose key signs
 */
export function credentialOf(predicate: CertificatePredicate, certificate: Digest, issuer: string): JsonObject {
  return restated({ ...predicate, build: digestJson(predicate.build) }, certificate, issuer);
}

/** {@link credentialOf} from what the credential itself carries of a certificate. */
export function restated(claims: CertificateClaims, certificate: Digest, issuer: string): JsonObject {
  const { agent, organisation, validFrom, validUntil, build, pact, steps, ledger, signOffs, ownership, keys = [], status, ...rest } = claims;
  // JSON by construction of its schema; an `id` in JSON-LD is an address, so what has another name by that word is renamed.
  const claim = {
    ...rest,
    id: agent.did,
    type: 'Agent',
    name: agent.name,
    version: agent.version,
    uuid: `urn:uuid:${agent.id}`,
    organisation: organisation.did,
    build,
    pact: { digest: pact.digest, conditions: pact.conditions.map(({ id, ...one }) => ({ condition: id, ...one })) },
    steps: steps.map(({ id, ...one }) => ({ step: id, ...one })),
  } as unknown as JsonObject;
  const evidence = [
    { type: 'InTotoStatement', predicateType: CERTIFICATION, digest: certificate },
    ...signOffs.map((envelope) => ({ type: 'HumanSignOff', envelope })),
    { type: 'AgentOwnership', ...ownership },
    { type: 'LogCheckpoint', ...ledger },
    ...keys.map((envelope) => ({ type: 'KeyStatement', envelope })),
  ] as unknown as Json;
  return {
    '@context': CONTEXT,
    type: ['VerifiableCredential', CREDENTIAL_TYPE],
    issuer: { id: issuer, name: organisation.name },
    validFrom, validUntil,
    credentialSubject: claim,
    evidence,
    ...(status === undefined ? {} : { credentialStatus: statusEntry(status) }),
  };
}

function statusEntry({ list, index }: StatusPlace): JsonObject {
  return { id: `${list}#${index}`, type: 'BitstringStatusListEntry', statusPurpose: 'revocation', statusListIndex: String(index), statusListCredential: list };
}

/** Signs a credential as its issuer, with the key that a did:key names. */
export async function signCredential(credential: JsonObject, signer: Signer, created: Instant): Promise<string> {
  const [key] = didKeyAssertions(signer.did);
  if (!key) throw new Fault('INTERNAL', 'a did:key names one key');
  return `${canonical(await addProof(credential, signer, { created, verificationMethod: key.id }))}\n`;
}

/** Keys that may make statements for a DID: from its document, or undefined when that is not at hand. */
export type AssertionsOf = (did: string) => readonly AssertionKey[] | undefined;

/** A did:key states its own key; nothing has to be resolved. @throws {Fault} KEY_UNFIT */
export function didKeyAssertions(did: string): readonly AssertionKey[] {
  return assertionKeys(didKeyDocument(keyOfDid(did)), did);
}

export interface CredentialCheck {
  readonly now: Instant;
  /** Of issuers that are no did:key: what their documents list. */
  readonly assertionsOf?: AssertionsOf;
}

/** A credential whose proof holds and which is in force. Whether its issuer is trusted, and whether it was revoked, are other questions. */
export interface OpenedCredential {
  readonly issuer: string;
  /** The key that signed, as did:key: the issuer himself, if he is one. */
  readonly key: string;
  readonly types: readonly string[];
  readonly validFrom: string | undefined;
  readonly validUntil: string | undefined;
  readonly subject: JsonObject;
  readonly evidence: readonly JsonObject[];
  readonly status: StatusPlace | undefined;
  /** What was signed, without the proof. */
  readonly signed: JsonObject;
  /** What the proof says of itself. */
  readonly proof: JsonObject;
}

/**
 * Verifies a credential: form, proof by a key of its issuer, and period of validity.
 * @param text JSON; duplicate keys are refused
 * @throws {Fault} INPUT_INVALID malformed, KEY_UNFIT another's key, SIGNATURE_INVALID, EVIDENCE_MISSING outside its time, or when the issuer's keys are not known
 */
export async function openCredential(text: string, { now, assertionsOf }: CredentialCheck): Promise<OpenedCredential> {
  const opened = await openUndated(asObject(parseJson(text, 'credential'), 'credential'), assertionsOf);
  refuseWrongTime(opened.proof, now);
  refuseOutOfForce(opened.signed, now);
  return opened;
}

/** {@link openCredential} whatever the time, for a reader who asks for that by itself. @throws {Fault} INPUT_INVALID, KEY_UNFIT, SIGNATURE_INVALID, EVIDENCE_MISSING when the issuer's keys are not known */
export async function openUndated(document: JsonObject, assertionsOf?: AssertionsOf): Promise<OpenedCredential> {
  const issuer = issuerOf(document);
  const { signed, terms, key } = await openProof(document, keysOf(issuer, assertionsOf));
  const { type, validFrom, validUntil, credentialSubject } = signed;
  if ([signed['@context'] ?? []].flat()[0] !== CREDENTIALS) throw invalid(`its first context is not ${CREDENTIALS}`);
  const types = [type ?? []].flat();
  if (!types.every((one) => typeof one === 'string') || !types.includes('VerifiableCredential')) throw invalid('its type is not VerifiableCredential');
  if (!isObject(credentialSubject)) throw invalid('it has no single subject');
  return {
    issuer, key: didKeyOf(key.publicKey), types, signed, proof: terms, subject: credentialSubject,
    validFrom: validFrom as string | undefined,
    validUntil: validUntil as string | undefined,
    evidence: [signed['evidence'] ?? []].flat().filter(isObject),
    status: statusOf(signed['credentialStatus']),
  };
}

/**
 * Whether an opened credential says the same as the certificate beside it: same statement, same digest, same issuer.
 * @returns undefined, or the first member that differs
 */
export function differsFrom(credential: OpenedCredential, predicate: CertificatePredicate, certificate: Digest): string | undefined {
  return firstDifference(credentialOf(predicate, certificate, credential.issuer), credential.signed);
}

/** First member in which two documents differ. */
export function firstDifference(expected: JsonObject, found: JsonObject): string | undefined {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  return names.find((name) => memberOf(expected, name) !== memberOf(found, name));
}

/** Its own alone: every object has a constructor. */
function memberOf(document: JsonObject, name: string): string | undefined {
  return Object.hasOwn(document, name) ? canonical(document[name] ?? null) : undefined;
}

/** Digest of the signed statement that a credential restates. @throws {Fault} INPUT_INVALID */
export function certificateOf({ types, evidence }: OpenedCredential): Digest {
  const digest = evidence.find((one) => one['type'] === 'InTotoStatement')?.['digest'];
  if (!types.includes(CREDENTIAL_TYPE) || !isDigest(digest)) throw invalid(`it is no ${CREDENTIAL_TYPE}`);
  return digest;
}

function issuerOf({ issuer }: JsonObject): string {
  const id = isObject(issuer) ? issuer['id'] : issuer;
  if (typeof id !== 'string' || !id.startsWith('did:')) throw invalid('its issuer is not a DID');
  return id;
}

function keysOf(issuer: string, assertionsOf: AssertionsOf | undefined): readonly AssertionKey[] {
  const keys = assertionsOf?.(issuer) ?? (issuer.startsWith('did:key:') ? didKeyAssertions(issuer) : undefined);
  if (keys) return keys;
  const name = issuer.slice(0, 200);
  throw new Fault('EVIDENCE_MISSING', `the keys of ${name} are not at hand`, { at: 'credential: issuer', hint: name.startsWith('did:web:') ? `agentctl identity resolve ${name} --out root.json, then --trust root.json` : 'give its DID document with --trust' });
}

function refuseOutOfForce({ validFrom, validUntil }: JsonObject, now: Instant): void {
  const reader = Date.parse(now);
  const tolerance = parseDuration(CLOCK_TOLERANCE);
  const late = (because: string) => new Fault('EVIDENCE_MISSING', because, { at: 'credential', hint: 'ask its issuer for one that is in force' });
  if (validFrom !== undefined && reader + tolerance < timeOf(validFrom, 'validFrom')) throw late(`not valid before ${String(validFrom)}`);
  if (validUntil !== undefined && reader >= timeOf(validUntil, 'validUntil')) throw late(`expired on ${String(validUntil)}`);
}

/** What cannot be looked up is no reason to look away: a status of another kind is refused. */
function statusOf(status: Json | undefined): StatusPlace | undefined {
  if (status === undefined) return undefined;
  const { type, statusPurpose, statusListIndex: index, statusListCredential: list } = isObject(status) ? status : {};
  const known = type === 'BitstringStatusListEntry' && statusPurpose === 'revocation';
  if (!known || typeof index !== 'string' || !/^(0|[1-9]\d{0,9})$/.test(index) || typeof list !== 'string' || !list.startsWith('https://')) {
    throw invalid('its status is not one place in a bitstring status list for revocation');
  }
  return { list, index: Number(index) };
}

function invalid(because: string): Fault {
  return new Fault('INPUT_INVALID', `not a credential that can be judged: ${because}`, { at: 'credential' });
}
