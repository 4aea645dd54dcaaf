/** in-toto Statements (v1): what is claimed (predicate) about which bytes (subjects, by digest only). */
import { canonical } from '../domain/canonical.js';
import { hexOf, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { asObject, isObject, MAX_DEPTH, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { keyOfDid } from '../identity/did-key.js';
import { payloadOf, readEnvelope, signEnvelope, signingKey, type Envelope, type SignatureForms } from './dsse.js';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

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
export function statementBytes(statement: Statement): Uint8Array {
  return new TextEncoder().encode(canonicalText(statement));
}

function canonicalText({ subject, predicateType, predicate }: Statement): string {
  const subjects = subject.map(({ name, digest }) => ({ name, digest: { sha256: hexOf(digest) } }));
  return canonical({ _type: STATEMENT_TYPE, subject: subjects, predicateType, predicate });
}

export async function signStatement(statement: Statement, signer: Signer): Promise<Envelope> {
  return signEnvelope(PAYLOAD_TYPE, statementBytes(statement), signer);
}

/**
 * Reads a statement of ours: strict JSON, known members only, canonical bytes.
 * @throws {Fault} INPUT_INVALID
 */
export function parseStatement(bytes: Uint8Array, at = 'statement'): Statement {
  const text = textOf(bytes, at);
  // What is written in the one canonical way holds nothing that a strict reader would refuse: only to tell what is wrong with the rest takes one.
  return asWritten(text, at) ?? reread(text, at);
}

function textOf(bytes: Uint8Array, at: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw new Fault('INPUT_INVALID', 'the statement is not in canonical form: it is no UTF-8', { at, cause });
  }
}

function asWritten(text: string, at: string): Statement | undefined {
  // The one name that `JSON.parse` takes and a strict reader refuses, and how half a character is written.
  if (text.includes('"__proto__"') || text.includes('\\ud')) return undefined;
  try {
    const json = JSON.parse(text) as Json;
    if (!isOrdered(json, 0) || JSON.stringify(json) !== text) return undefined;
    const statement = statementOf(json, at);
    return isOurs(asObject(json, at)) ? statement : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof Fault) return undefined;
    throw error;
  }
}

/** Whether `JSON.stringify` writes the value as {@link canonical} would: every key after the one before it, no number that is rounded, no more depth. */
function isOrdered(value: Json, depth: number): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) || !Number.isInteger(value) || Math.abs(value) >= 1e21;
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((one: Json) => isOrdered(one, depth + 1));
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !isOrdered((value as JsonObject)[key] ?? null, depth + 1)) return false;
    before = key;
  }
  return true;
}

/** No member beside those that a statement of ours has. */
function isOurs(json: JsonObject): boolean {
  const subjects = json['subject'] as readonly JsonObject[];
  return Object.keys(json).length === 4 && subjects.every((one) => Object.keys(one).length === 2 && Object.keys(one['digest'] as JsonObject).length === 1);
}

function reread(text: string, at: string): Statement {
  const statement = statementOf(parseJson(text, at), at);
  // Covers unknown members and a second spelling of anything.
  if (canonicalText(statement) !== text) throw new Fault('INPUT_INVALID', 'the statement is not in canonical form', { at });
  return statement;
}

function statementOf(value: Json, at: string): Statement {
  const { _type, subject, predicateType, predicate } = asObject(value, at);
  if (_type !== STATEMENT_TYPE || !Array.isArray(subject) || subject.length === 0 || typeof predicateType !== 'string' || !isObject(predicate)) {
    throw new Fault('INPUT_INVALID', 'not an in-toto Statement v1', { at });
  }
  return { subject: (subject as readonly Json[]).map((one) => subjectOf(one, at)), predicateType, predicate };
}

function subjectOf(value: Json, at: string): Subject {
  const { name, digest } = isObject(value) ? value : {};
  const sha256 = isObject(digest) ? `sha256:${String(digest['sha256'])}` : undefined;
  if (typeof name !== 'string' || !isDigest(sha256)) throw new Fault('INPUT_INVALID', 'each subject needs a name and a sha256 digest', { at });
  return { name, digest: sha256 };
}

/** An envelope that was read once: what it holds, not yet verified. */
export interface Sealed {
  readonly envelope: Envelope;
  readonly payload: Uint8Array;
  readonly statement: Statement;
}

/** @throws {Fault} INPUT_INVALID */
export function readSealed(source: string | Uint8Array | JsonObject, at?: string): Sealed {
  const envelope = readEnvelope(source, at);
  const payload = payloadOf(envelope);
  return { envelope, payload, statement: parseStatement(payload, at) };
}

/** What an envelope claims, unverified: for finding out whose key to ask for. @throws {Fault} INPUT_INVALID */
export function peekStatement(source: string | Uint8Array | JsonObject): Statement {
  return readSealed(source).statement;
}

/**
 * Verifies an envelope with exactly one signature, made by the key of `did`, over a statement of one predicate type.
 * @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID, KEY_UNFIT
 */
export async function openStatement(source: string | Uint8Array | JsonObject, did: string, predicateType: string, forms?: SignatureForms): Promise<{ readonly statement: Statement; readonly payload: Uint8Array }> {
  const envelope = readEnvelope(source);
  const payload = payloadOf(envelope);
  await signerOf({ envelope, payload }, [did], forms);
  const statement = parseStatement(payload);
  expectType(statement, predicateType);
  return { statement, payload };
}

/**
 * {@link openStatement} for an envelope that was read before: the very bytes that were read are those that are verified.
 * @param dids of whom one has to have signed
 * @returns who signed
 */
export async function openSealed(sealed: Sealed, dids: readonly string[], predicateType: string, forms?: SignatureForms): Promise<string> {
  const did = await signerOf(sealed, dids, forms);
  expectType(sealed.statement, predicateType);
  return did;
}

async function signerOf({ envelope, payload }: Pick<Sealed, 'envelope' | 'payload'>, dids: readonly string[], forms?: SignatureForms): Promise<string> {
  const [signature] = envelope.signatures;
  if (envelope.signatures.length !== 1 || !signature) throw new Fault('SIGNATURE_INVALID', `the envelope carries ${envelope.signatures.length} signatures instead of one`);
  const { keyid } = await signingKey({ envelope, payload }, dids.map((did) => ({ keyid: did, publicKey: keyOfDid(did) })), forms);
  if (signature.keyid !== '' && signature.keyid !== keyid) throw new Fault('SIGNATURE_INVALID', 'the envelope names another key than the one that signed');
  if (envelope.payloadType !== PAYLOAD_TYPE) throw new Fault('INPUT_INVALID', `the envelope holds ${JSON.stringify(envelope.payloadType)}, not an in-toto statement`);
  return keyid;
}

function expectType(statement: Statement, predicateType: string): void {
  if (statement.predicateType !== predicateType) throw new Fault('INPUT_INVALID', `the statement is of type ${JSON.stringify(statement.predicateType)}`, { hint: `expected ${predicateType}` });
}
