/** HTTP message signatures (RFC 9421) in the Web Bot Auth profile: every request names agent, version and build, and can be checked by its receiver. */
import type { Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { HttpRequest, SignedRequest, Signer } from '../domain/ports.js';
import { millisecondsOf, type Instant } from '../domain/time.js';
import { toBase64Url } from './base-encoding.js';
import { contentDigest } from './content-digest.js';
import { jwkThumbprint } from './jwk-thumbprint.js';
import { header, signatureBase, targetOf } from './signature-base.js';
import { byteSequence, parseDictionary, parseItem, quoted, type Member } from './structured-field.js';
import { pinnedKey, TAG, verifyWebBotAuth, type PresentedSignature } from './web-bot-auth.js';

export { contentDigest } from './content-digest.js';
export { jwkThumbprint, publicJwk } from './jwk-thumbprint.js';

const LABEL = 'sig1';
/** Seconds that a signature of ours counts. */
const LIFETIME = 300;
const OURS = ['signature', 'signature-input', 'signature-agent', 'content-digest', 'agent-identity'] as const;

export interface SigningOptions {
  readonly signer: Signer;
  /** What acts: goes into the covered header `Agent-Identity`. */
  readonly agent: { readonly version: string; readonly build: Digest | null };
  readonly created: Instant;
  /** At least 16 bytes from the random port, never used before. */
  readonly nonce: Uint8Array;
  /** https origin that publishes the key directory. */
  readonly signatureAgent?: string;
}

/**
 * Signs a request for the agent. The only maker of a {@link SignedRequest}, and so the only way to the wire.
 * Covers method, URL, authority, the agent's identity and, with a body, its digest (RFC 9530).
 * @throws {Fault} INPUT_INVALID for a header that is ours to set or does not fit HTTP
 */
export async function signRequest(request: HttpRequest, options: SigningOptions): Promise<SignedRequest> {
  const url = targetOf(request);
  if (options.nonce.length < 16) throw new Fault('INTERNAL', 'a nonce needs at least 16 bytes');
  const headers = { ...plainHeaders(request), 'agent-identity': identityField(options) };
  if (request.body !== undefined) Object.assign(headers, { 'content-digest': contentDigest(request.body) });
  if (options.signatureAgent !== undefined) Object.assign(headers, { 'signature-agent': `${LABEL}=${quoted(originOf(options.signatureAgent))}` });
  const unsigned: HttpRequest = { ...request, method: request.method.toUpperCase(), url: url.href, headers };
  const input = `${LABEL}=(${components(unsigned).join(' ')})${parametersText(options)}`;
  const signature = await options.signer.sign(signatureBase(unsigned, member(input)));
  const signed = { ...unsigned, headers: { ...headers, 'signature-input': input, signature: `${LABEL}=${byteSequence(signature)}` } };
  // The one place where the mark is put on: what is returned here carries the signature just made.
  return signed as unknown as SignedRequest;
}

function plainHeaders({ headers }: HttpRequest): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    // A line break in a value would let its author add headers of his own.
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key) || !/^[\x20-\x7e\t]*$/.test(value)) throw new Fault('INPUT_INVALID', `header ${JSON.stringify(name)} does not fit HTTP`);
    if (key in plain || OURS.some((ours) => ours === key)) throw new Fault('INPUT_INVALID', `header "${key}" may not be set twice or by hand`);
    plain[key] = value.trim();
  }
  return plain;
}

function identityField({ signer, agent }: SigningOptions): string {
  const build = agent.build === null ? '' : `;build=${quoted(agent.build)}`;
  return `${quoted(signer.did)};version=${quoted(agent.version)}${build}`;
}

function components({ headers }: HttpRequest): readonly string[] {
  const agent = 'signature-agent' in headers ? [`"signature-agent";key=${quoted(LABEL)}`] : [];
  const digest = 'content-digest' in headers ? ['"content-digest"'] : [];
  return ['"@method"', '"@target-uri"', '"@authority"', '"agent-identity"', ...digest, ...agent];
}

function parametersText({ signer, created, nonce }: SigningOptions): string {
  const seconds = secondsOf(created);
  const text = `;created=${seconds};expires=${seconds + LIFETIME};keyid=${quoted(jwkThumbprint(signer.publicKey))}`;
  return `${text};alg="ed25519";nonce=${quoted(toBase64Url(nonce))};tag=${quoted(TAG)}`;
}

function originOf(url: string): string {
  const place = URL.canParse(url) ? new URL(url) : undefined;
  if (place?.protocol !== 'https:') throw new Fault('INPUT_INVALID', `${JSON.stringify(url)} must be an https origin`);
  return place.origin;
}

export interface RequestVerdict {
  readonly ok: boolean;
  readonly because: string;
  /** Who called, as far as the signature proves it: only when ok. */
  readonly agent?: { readonly did: string; readonly version: string; readonly build: string | null };
}

/**
 * Judges a received request by the rules that {@link signRequest} keeps: those of Web Bot Auth, and besides method, whole target, agent, body and a nonce.
 * @param request method, absolute URL, headers and body as received
 * @param seenNonce answers whether the nonce was used before, and remembers it until the instant given; asked only once all else holds
 */
export async function verifyRequest(request: HttpRequest, publicKey: Uint8Array, now: Instant, seenNonce: (nonce: string, until: Instant) => boolean | Promise<boolean>): Promise<RequestVerdict> {
  const nonces = { seen: async (_scope: string, nonce: string, until: Instant) => seenNonce(nonce, until) };
  const { ok, because } = await verifyWebBotAuth(request, { keys: pinnedKey(publicKey), keyid: jwkThumbprint(publicKey), now, nonces, demand: shortOfOurs });
  return ok ? { ok, because, agent: identityOf(request) } : { ok, because };
}

/** The strict profile, for {@link verifyWebBotAuth}: why the request falls short of it, or undefined. */
export function shortOfOurs(request: HttpRequest, { tag, names, covered }: PresentedSignature): string | undefined {
  const covers = (...wanted: readonly string[]) => wanted.every((name) => names.includes(name));
  const target = covers('"@target-uri"') || covers('"@authority"', '"@path"', '"@query"');
  if (tag !== TAG || !covers('"@method"', '"agent-identity"') || !target) return 'the signature does not cover method, target and agent';
  if (request.body !== undefined && request.body.length > 0 && !covers('"content-digest"')) return 'the signature does not cover the body';
  if (!covered.params.has('nonce')) return 'the signature has no nonce';
  try {
    identityOf(request);
    return undefined;
  } catch (error) {
    if (error instanceof Fault && error.code === 'INPUT_INVALID') return error.message;
    throw error;
  }
}

/** Who calls, by the header `Agent-Identity`: worth as much as the signature that covers it. @throws {Fault} INPUT_INVALID */
export function identityOf(request: HttpRequest): { did: string; version: string; build: string | null } {
  const { value, params } = parseItem(header(request, 'agent-identity') ?? '');
  const [version, build] = [params.get('version'), params.get('build')];
  if (typeof value !== 'string' || typeof version !== 'string') throw new Fault('INPUT_INVALID', 'Agent-Identity must name DID and version');
  return { did: value, version, build: typeof build === 'string' ? build : null };
}

function member(input: string): Member {
  const parsed = parseDictionary(input).get(LABEL);
  if (!parsed) throw new Fault('INTERNAL', 'a signature input of ours does not parse');
  return parsed;
}

function secondsOf(instant: Instant): number {
  return Math.floor(millisecondsOf(instant) / 1000);
}
