/** The bytes of an entry: what is stored, what is hashed, and the strict way back. */
import { canonical } from '../domain/canonical.js';
import { isDigest, sha256Hex } from '../domain/digest.js';
import type { AgentRef, Entry } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import { isObject, type Json, type JsonObject } from '../domain/json.js';
import { INSTANT } from '../domain/time.js';

/** The previous hash of entry 0. */
export const GENESIS = '0'.repeat(64);

/** Longest stored text in bytes: tile bundles (C2SP tlog-tiles) count an entry's length in sixteen bits. */
export const MAX_TEXT = 65_535;

const HASH = /^[0-9a-f]{64}$/;
const NON_ASCII = /[^\u0000-\u007f]/;

export function isHash(text: unknown): text is string {
  return typeof text === 'string' && HASH.test(text);
}

/**
 * SHA-256(0x00 ‖ previous hash ‖ "\n" ‖ body): the link to the entry before and the RFC 6962 leaf hash at once. The only
 * place that knows the preimage. It is unambiguous: the previous hash has a fixed width, and canonical JSON no raw newline.
 */
export function leafHash(previousHash: string, body: string): string {
  return sha256Hex(`\u0000${previousHash}\n${body}`);
}

/**
 * The canonical body of an entry and its hash.
 *
 * @throws {Fault} INPUT_INVALID when the data holds non-ASCII text or is too long, INTERNAL for values that are not ledger data
 */
export function encodeEntry(previousHash: string, entry: Entry): { readonly body: string; readonly hash: string } {
  if (!isHash(previousHash)) throw new Fault('INTERNAL', 'the previous hash is not 64 hex digits');
  const value = toJson(entry);
  const unfit = findUnfit(value);
  if (unfit) throw refusal(entry.type, unfit);
  const body = canonical(value);
  const problem = envelopeProblem(value);
  if (problem !== null) throw new Fault('INTERNAL', `cannot write a "${entry.type}" entry: ${problem}`);
  const bytes = previousHash.length + 1 + body.length;
  if (bytes > MAX_TEXT) throw new Fault('INPUT_INVALID', `a "${entry.type}" entry of ${bytes} bytes is over the limit of ${MAX_TEXT}`, { hint: 'store the data as a blob and log its digest' });
  return { body, hash: leafHash(previousHash, body) };
}

/**
 * Reads a stored body back, accepting only the very text that {@link encodeEntry} would have written.
 *
 * @param place what to call the entry in an error, such as `entry 17`
 * @throws {Fault} LEDGER_BROKEN
 */
export function decodeEntry(body: string, place: string): Entry {
  const read = readBody(body);
  if (typeof read === 'string') throw new Fault('LEDGER_BROKEN', `${place} is not a ledger entry: ${read}`, { at: place });
  if (!isCanonical(read, body)) throw new Fault('LEDGER_BROKEN', `${place} is not in canonical form`, { at: place });
  return read;
}

/** The envelope of a body, or what is wrong with it. Leaves out the costly proof of canonical form: see {@link isCanonical}. */
export function readBody(body: string): Entry | string {
  if (NON_ASCII.test(body)) return 'non-ASCII text';
  let value: Json;
  try {
    value = JSON.parse(body) as Json;
  } catch (error) {
    return `not JSON (${(error as Error).message})`;
  }
  // The check below is exactly the shape of Entry.
  return envelopeProblem(value) ?? (value as unknown as Entry);
}

/** Writing the parsed value again gives the same text only without duplicate keys, rounded numbers, white space or another order. */
export function isCanonical(entry: Entry, body: string): boolean {
  try {
    return canonical(toJson(entry)) === body;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
}

function toJson(entry: Entry): JsonObject {
  const { v, chain, seq, ts, type, agent, actor, inputs, validUntil, data, payload } = entry;
  const { id, did, version, build } = agent;
  const json: { [key: string]: Json } = { v, chain, seq, ts, type, actor, inputs, data, agent: { id, did, version, build } };
  if (validUntil !== undefined) json['validUntil'] = validUntil;
  if (payload !== undefined) json['payload'] = { commit: payload.commit };
  return json;
}

const REQUIRED = ['v', 'chain', 'seq', 'ts', 'type', 'agent', 'actor', 'inputs', 'data'] as const;
const AGENT = ['id', 'did', 'version', 'build'] as const;

/** What keeps a value from being an entry of format 1; null when nothing does. Unknown members are refused. */
function envelopeProblem(value: Json): string | null {
  if (!isObject(value)) return 'not an object';
  for (const key of REQUIRED) if (!Object.hasOwn(value, key)) return `"${key}" is missing`;
  const { v, chain, seq, ts, type, agent, actor, inputs, validUntil, data, payload } = value;
  const optional = (validUntil === undefined ? 0 : 1) + (payload === undefined ? 0 : 1);
  if (Object.keys(value).length !== REQUIRED.length + optional) return 'an unknown member';
  if (v !== 1) return `format ${JSON.stringify(v)} is unknown`;
  if (!isText(chain)) return '"chain" is not a text';
  if (!Number.isSafeInteger(seq) || Number(seq) < 0) return '"seq" is not a place';
  if (!isTime(ts)) return '"ts" is not an instant';
  if (!isText(type)) return '"type" is not a text';
  if (!isAgent(agent)) return '"agent" is not an agent';
  if (!isText(actor)) return '"actor" is not a text';
  if (!isObject(inputs) || !Object.values(inputs).every(isDigest)) return '"inputs" is not a record of digests';
  if (validUntil !== undefined && !isTime(validUntil)) return '"validUntil" is not an instant';
  if (!isObject(data)) return '"data" is not an object';
  if (payload !== undefined && !isCommitment(payload)) return '"payload" is not a commitment';
  return null;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function isTime(value: Json | undefined): value is string {
  return typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value));
}

function isTextOrNull(value: Json | undefined): boolean {
  return value === null || isText(value);
}

function isAgent(value: Json | undefined): value is JsonObject & { [K in keyof AgentRef]: AgentRef[K] } {
  if (!isObject(value) || Object.keys(value).length !== AGENT.length) return false;
  return isText(value['id']) && isTextOrNull(value['did']) && isTextOrNull(value['version']) && (value['build'] === null || isDigest(value['build']));
}

function isCommitment(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 1 && isHash(value['commit']);
}

interface Unfit {
  readonly pointer: string;
  readonly why: 'text' | 'number';
}

/** First place with text that is not ASCII, or a number that is not an integer. */
function findUnfit(value: Json): Unfit | undefined {
  if (typeof value === 'string') return NON_ASCII.test(value) && value.isWellFormed() ? { pointer: '', why: 'text' } : undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? undefined : { pointer: '', why: 'number' };
  if (typeof value !== 'object' || value === null) return undefined;
  const members = value as Readonly<Record<string, Json>>;
  for (const key of Object.keys(members)) {
    if (NON_ASCII.test(key)) return { pointer: `/${key}`, why: 'text' };
    const found = findUnfit(members[key] ?? null);
    // The way to it is put together only where there is something to tell.
    if (found) return { pointer: `/${key}${found.pointer}`, why: found.why };
  }
  return undefined;
}

function refusal(type: string, { pointer, why }: Unfit): Fault {
  // The text itself stays out of the message: it may be personal.
  if (why === 'text') return new Fault('INPUT_INVALID', `${pointer} of a "${type}" entry is not ASCII text`, { at: pointer, hint: 'free and personal text belongs in the payload' });
  return new Fault('INTERNAL', `${pointer} of a "${type}" entry is not an integer: rates and amounts are decimal strings`, { at: pointer });
}
