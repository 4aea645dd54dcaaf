/** A2A 1.0 agent cards in the form that every implementation canonicalises alike, signed as JWS (A2A §8.4), with the certification status as an extension. */
import { canonical } from '../domain/canonical.js';
import type { Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { fromBase64Url, toBase64Url } from '../identity/base-encoding.js';
import { verifySignature } from '../identity/ed25519.js';

export const CERTIFICATION_EXTENSION = 'https://agentctl.dev/extensions/certification/v1';

export interface AgentCardFacts {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly interfaces: readonly { readonly url: string; readonly protocolBinding: string; readonly protocolVersion: string }[];
  readonly provider?: { readonly organization: string; readonly url: string };
  readonly skills: readonly { readonly id: string; readonly name: string; readonly description: string; readonly tags: readonly string[] }[];
  readonly inputModes?: readonly string[];
  readonly outputModes?: readonly string[];
  readonly certification: CertificationStatus;
}

/** What the card says of the certificate: the words of a reader's check, never more. */
export interface CertificationStatus {
  readonly status: 'certified' | 'expired' | 'uncertified';
  readonly did: string;
  readonly issuer: string;
  readonly build: Digest;
  readonly certificate?: string;
  readonly certificateUrl?: string;
  readonly validUntil?: string;
}

/**
 * The unsigned card. Intersection form: nothing empty, one explicit capability flag, ours only in extension params, as texts.
 * @throws {Fault} INPUT_INVALID for an empty value, which implementations would drop or keep as they like
 */
export function buildAgentCard(facts: AgentCardFacts): JsonObject {
  const card: JsonObject = {
    name: facts.name,
    description: facts.description,
    version: facts.version,
    supportedInterfaces: facts.interfaces.map((one) => ({ ...one })),
    ...(facts.provider ? { provider: { ...facts.provider } } : {}),
    capabilities: {
      streaming: false,
      extensions: [{ uri: CERTIFICATION_EXTENSION, description: 'Certification status, to be checked against the certificate itself.', params: { ...facts.certification } }],
    },
    defaultInputModes: facts.inputModes ?? ['application/json'],
    defaultOutputModes: facts.outputModes ?? ['application/json'],
    skills: facts.skills.map((skill) => ({ ...skill })),
  };
  const empty = emptyPlace(card, '');
  if (empty !== undefined) throw new Fault('INPUT_INVALID', `the agent card would be empty at ${empty}`, { at: empty, hint: 'give it a value in agent.yaml' });
  return card;
}

function emptyPlace(value: Json, place: string): string | undefined {
  if (value === null || value === '') return place;
  if (typeof value !== 'object') return undefined;
  const members = Object.entries(value as JsonObject);
  if (members.length === 0) return place;
  for (const [key, member] of members) {
    const found = emptyPlace(member, `${place}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The card with one more signature. `kid` names the key, `jku` the place on the card's own origin where it is published. */
export async function signAgentCard(card: JsonObject, signer: Signer, { kid, jku }: { readonly kid: string; readonly jku?: string }): Promise<JsonObject> {
  const protectedHeader = encode({ alg: 'EdDSA', kid, typ: 'JOSE', ...(jku === undefined ? {} : { jku }) });
  const signature = await signer.sign(signingInput(protectedHeader, unsigned(card)));
  const earlier = Array.isArray(card['signatures']) ? (card['signatures'] as readonly Json[]) : [];
  return { ...card, signatures: [...earlier, { protected: protectedHeader, signature: toBase64Url(signature) }] };
}

export type AgentCardVerdict = { readonly ok: true; readonly kid: string; readonly form: 'raw' | 'stripped' } | { readonly ok: false; readonly because: string };

/**
 * Whether one of the keys signed the card. Tries the card as it is, then without its empty values, since signers differ there.
 * @param keys pinned by the reader; `kid` and `jku` of the card are hints that nothing follows
 */
export async function verifyAgentCard(card: JsonObject, keys: readonly { readonly kid: string; readonly publicKey: Uint8Array }[]): Promise<AgentCardVerdict> {
  const signatures = Array.isArray(card['signatures']) ? (card['signatures'] as readonly Json[]).filter(isObject) : [];
  if (signatures.length === 0) return { ok: false, because: 'the card is not signed' };
  const bare = unsigned(card);
  const forms = [['raw', bare], ['stripped', stripped(bare)]] as const;
  for (const { protected: header, signature } of signatures) {
    const kid = kidOf(header);
    if (kid === undefined || typeof header !== 'string' || typeof signature !== 'string') continue;
    const bytes = bytesOf(signature);
    for (const [form, payload] of forms) {
      const input = signingInput(header, payload);
      for (const key of keys) if (bytes && (await verifySignature(key.publicKey, input, bytes))) return { ok: true, kid: key.kid, form };
    }
  }
  return { ok: false, because: 'no signature of the card belongs to a key that was expected' };
}

function unsigned(card: JsonObject): JsonObject {
  const { signatures: _signatures, ...bare } = card;
  return bare;
}

function signingInput(protectedHeader: string, payload: JsonObject): Uint8Array {
  return new TextEncoder().encode(`${protectedHeader}.${encode(payload)}`);
}

function encode(value: JsonObject): string {
  return toBase64Url(new TextEncoder().encode(canonical(value)));
}

/** The key id of a header with an algorithm that we allow; undefined for any other, critical extensions included. */
function kidOf(header: Json | undefined): string | undefined {
  const bytes = typeof header === 'string' ? bytesOf(header) : undefined;
  if (!bytes) return undefined;
  try {
    const json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'protected header');
    if (!isObject(json) || (json['alg'] !== 'EdDSA' && json['alg'] !== 'Ed25519') || 'crit' in json || 'b64' in json) return undefined;
    return typeof json['kid'] === 'string' ? json['kid'] : undefined;
  } catch (error) {
    if (error instanceof Fault || error instanceof TypeError) return undefined;
    throw error;
  }
}

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return fromBase64Url(text);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function stripped(card: JsonObject): JsonObject {
  const clean = strip(card);
  return isObject(clean) ? clean : {};
}

function strip(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(strip).filter(isFull);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, strip(member)] as const).filter(([, member]) => isFull(member)));
}

function isFull(value: Json): boolean {
  return value !== null && value !== '' && (typeof value !== 'object' || Object.keys(value).length > 0);
}
