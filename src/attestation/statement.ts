/** in-toto Statements (v1): what is claimed (predicate) about which bytes (subjects, by digest only). */
import { canonical } from '../domain/canonical.js';
import { hexOf, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { keyOfDid } from '../identity/did-key.js';
import { openEnvelope, payloadOf, readEnvelope, signEnvelope, type Envelope, type SignatureForms } from './dsse.js';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export interface Subject {
  readonly name: string;
  readonly digest: Digest;
}
export interface Statement {
  readonly subject: readonly Subject[];
  readonly predicateType: string;
  readonly predicate: JsonObject;
}

/** The statement as signed bytes: RFC 8785, so that one statement has one text. */
export function statementBytes({ subject, predicateType, predicate }: Statement): Uint8Array {
  const subjects = subject.map(({ name, digest }) => ({ name, digest: { sha256: hexOf(digest) } }));
  return new TextEncoder().encode(canonical({ _type: STATEMENT_TYPE, subject: subjects, predicateType, predicate }));
}

export async function signStatement(statement: Statement, signer: Signer): Promise<Envelope> {
  return signEnvelope(PAYLOAD_TYPE, statementBytes(statement), signer);
}

/**
 * Reads a statement of ours: strict JSON, known members only, canonical bytes.
 * @throws {Fault} INPUT_INVALID
 */
export function parseStatement(bytes: Uint8Array, at = 'statement'): Statement {
  const text = new TextDecoder('utf-8').decode(bytes);
  const json = asObject(parseJson(text, at), at);
  const { _type, subject, predicateType, predicate } = json;
  if (_type !== STATEMENT_TYPE || !Array.isArray(subject) || subject.length === 0 || typeof predicateType !== 'string' || !isObject(predicate)) {
    throw new Fault('INPUT_INVALID', 'not an in-toto Statement v1', { at });
  }
  const statement = { subject: (subject as readonly Json[]).map((one) => subjectOf(one, at)), predicateType, predicate };
  // Covers unknown members, a second spelling of anything, and bytes that are not UTF-8.
  if (!sameBytes(statementBytes(statement), bytes)) throw new Fault('INPUT_INVALID', 'the statement is not in canonical form', { at });
  return statement;
}

function subjectOf(value: Json, at: string): Subject {
  const { name, digest } = isObject(value) ? value : {};
  const sha256 = isObject(digest) ? `sha256:${String(digest['sha256'])}` : undefined;
  if (typeof name !== 'string' || !isDigest(sha256)) throw new Fault('INPUT_INVALID', 'each subject needs a name and a sha256 digest', { at });
  return { name, digest: sha256 };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** What an envelope claims, unverified: for finding out whose key to ask for. @throws {Fault} INPUT_INVALID */
export function peekStatement(source: string | Uint8Array | JsonObject): Statement {
  return parseStatement(payloadOf(readEnvelope(source)));
}

/**
 * Verifies an envelope with exactly one signature, made by the key of `did`, over a statement of one predicate type.
 * @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT
 */
export async function openStatement(source: string | Uint8Array | JsonObject, did: string, predicateType: string, forms?: SignatureForms): Promise<{ readonly statement: Statement; readonly payload: Uint8Array }> {
  const envelope = readEnvelope(source);
  const [signature] = envelope.signatures;
  if (envelope.signatures.length !== 1 || !signature) throw new Fault('SIGNATURE_INVALID', `the envelope carries ${envelope.signatures.length} signatures instead of one`);
  const { payload, payloadType } = await openEnvelope(envelope, [{ keyid: did, publicKey: keyOfDid(did) }], forms);
  if (signature.keyid !== '' && signature.keyid !== did) throw new Fault('SIGNATURE_INVALID', 'the envelope names another key than the one that signed');
  if (payloadType !== PAYLOAD_TYPE) throw new Fault('INPUT_INVALID', `the envelope holds ${JSON.stringify(payloadType)}, not an in-toto statement`);
  const statement = parseStatement(payload);
  if (statement.predicateType !== predicateType) throw new Fault('INPUT_INVALID', `the statement is of type ${JSON.stringify(statement.predicateType)}`, { hint: `expected ${predicateType}` });
  return { statement, payload };
}
