/** A2A 1.0 agent cards in the form that every implementation canonicalises alike, signed as JWS (A2A §8.4), with the certification status as an extension. */
import { canonical } from '../domain/canonical.js';
import type { Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { fromBase64Url, toBase64Url } from '../identity/base-encoding.js';
import { verifySignature } from '../identity/ed25519-verify.js';

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

/** `uncertified`: nobody ever certified this build. */
export const CERTIFICATION_WORDS = ['certified', 'expired', 'revoked', 'uncertified'] as const;
export type CertificationWord = (typeof CERTIFICATION_WORDS)[number];

/** What the card says of the certificate: the words of a reader's check, never more. */
export interface CertificationStatus {
  readonly status: CertificationWord;
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

/** `card`: what was signed, without signatures and, where the form says so, without empty values. Read this one, not the text that came. */
export type AgentCardVerdict =
  | { readonly ok: true; readonly kid: string; readonly form: 'raw' | 'stripped'; readonly card: JsonObject }
  | { readonly ok: false; readonly because: string };

/** A key that may sign the card, under the name that the signature must give it. */
export interface CardKey {
  readonly kid: string;
  readonly publicKey: Uint8Array;
}

/**
 * Whether one of the keys signed the card (A2A §8.4). Tries the card as it is, then without its empty values, since signers differ there.
 * One good signature is enough: while a key is rotated a card has two, of which a reader may know one.
 * @param keys pinned by the reader; `kid` and `jku` of the card are hints that nothing follows
 * @param origin that the card was read from, when it came over the network; a `jku` anywhere else makes a signature void
 */
export async function verifyAgentCard(card: JsonObject, keys: readonly CardKey[], origin?: string): Promise<AgentCardVerdict> {
  const signatures = Array.isArray(card['signatures']) ? (card['signatures'] as readonly Json[]) : [];
  if (signatures.length === 0) return { ok: false, because: 'the card is not signed' };
  if (signatures.length > MOST_SIGNATURES) return { ok: false, because: `the card has ${signatures.length} signatures` };
  const bare = unsigned(card);
  const forms = [['raw', bare], ['stripped', stripped(bare)]] as const;
  const problems = new Set<string>();
  const origins = origin === undefined ? interfaceOrigins(bare) : [origin];
  for (const one of signatures) {
    const read = readSignature(one, origins);
    if ('problem' in read) problems.add(read.problem);
    else {
      for (const { kid, publicKey } of keys.filter((key) => key.kid === read.kid)) {
        for (const [form, payload] of forms) if (await verifySignature(publicKey, signingInput(read.header, payload), read.signature)) return { ok: true, kid, form, card: payload };
      }
    }
  }
  return { ok: false, because: ['no signature of the card belongs to a key that was expected', ...problems].join('; ') };
}

/** Each costs two verifications, and the card comes from anybody. */
const MOST_SIGNATURES = 16;

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

type ReadSignature = { readonly kid: string; readonly header: string; readonly signature: Uint8Array } | { readonly problem: string };

/** A signature with a header that we allow (RFC 7515 §4): no other algorithm than Ed25519, nothing critical, no keys from elsewhere. */
function readSignature(value: Json, origins: readonly string[]): ReadSignature {
  const { protected: header, signature } = isObject(value) ? value : {};
  const bytes = typeof signature === 'string' ? bytesOf(signature) : undefined;
  const fields = typeof header === 'string' ? headerOf(header) : undefined;
  if (typeof header !== 'string' || !bytes || !fields) return { problem: 'a signature is no JWS' };
  const { alg, kid, typ = 'JOSE', jku } = fields;
  if (alg !== 'EdDSA' && alg !== 'Ed25519') return { problem: `a signature is of the algorithm ${JSON.stringify(alg ?? null)}, which is not allowed` };
  if ('crit' in fields || 'b64' in fields) return { problem: 'a signature demands an extension that is not allowed (crit, b64)' };
  if (typ !== 'JOSE') return { problem: `a signature is of the type ${JSON.stringify(typ)}: it was made for something else` };
  if (jku !== undefined && !isKeySetOf(jku, origins)) return { problem: `a signature names its keys at ${JSON.stringify(jku)}, which is not an https address of the card's own origin` };
  return typeof kid === 'string' ? { kid, header, signature: bytes } : { problem: 'a signature names no key' };
}

function headerOf(text: string): JsonObject | undefined {
  const bytes = bytesOf(text);
  if (!bytes) return undefined;
  try {
    const json = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes), 'protected header');
    return isObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof Fault || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Nothing here follows a `jku`; other readers do, and they are not led astray by a card that we call good. */
function isKeySetOf(jku: Json, origins: readonly string[]): boolean {
  if (typeof jku !== 'string' || !URL.canParse(jku)) return false;
  const url = new URL(jku);
  return url.protocol === 'https:' && url.username === '' && url.password === '' && origins.includes(url.origin);
}

/** Where the agent answers: the origins of a card that was not read from any. */
function interfaceOrigins(card: JsonObject): readonly string[] {
  const interfaces = Array.isArray(card['supportedInterfaces']) ? (card['supportedInterfaces'] as readonly Json[]).filter(isObject) : [];
  return interfaces.flatMap(({ url }) => (typeof url === 'string' && URL.canParse(url) ? [new URL(url).origin] : []));
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
