/** HTTP message signatures (RFC 9421) in the Web Bot Auth profile: every request names agent, version and build, and can be checked by its receiver. */
import { sha256, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { HttpRequest, SignedRequest, Signer } from '../domain/ports.js';
import { millisecondsOf, type Instant } from '../domain/time.js';
import { toBase64Url } from './base-encoding.js';
import { verifySignature } from './ed25519.js';
import { coveredItems, header, signatureBase, targetOf } from './signature-base.js';
import { byteSequence, parseDictionary, parseItem, quoted, type Member, type Parameters } from './structured-field.js';

const LABEL = 'sig1';
export const TAG = 'web-bot-auth';
const LIFETIME = 300;
const LONGEST = 86_400;
/** Seconds that two honest clocks may differ. */
const TOLERANCE = 30;
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

/** `sha-256=:…:` of a body (RFC 9530). */
export function contentDigest(body: string): string {
  return `sha-256=${byteSequence(sha256(body))}`;
}

/** The public key as JWK (RFC 8037). */
export function publicJwk(publicKey: Uint8Array): { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(publicKey) };
}

/** JWK thumbprint (RFC 7638): the `keyid` of signatures and the `kid` of the key directory. */
export function jwkThumbprint(publicKey: Uint8Array): string {
  return toBase64Url(sha256(`{"crv":"Ed25519","kty":"OKP","x":"${toBase64Url(publicKey)}"}`));
}

export interface RequestVerdict {
  readonly ok: boolean;
  readonly because: string;
  /** Who called, as far as the signature proves it: only when ok. */
  readonly agent?: { readonly did: string; readonly version: string; readonly build: string | null };
}

/**
 * Judges a received request by the rules that {@link signRequest} keeps.
 * @param request method, absolute URL, headers and body as received
 * @param seenNonce answers whether the nonce was used before, and remembers it; asked only once the signature holds
 */
export async function verifyRequest(request: HttpRequest, publicKey: Uint8Array, now: Instant, seenNonce: (nonce: string) => boolean | Promise<boolean>): Promise<RequestVerdict> {
  try {
    return await judge(request, publicKey, now, seenNonce);
  } catch (error) {
    if (error instanceof Fault && error.code === 'INPUT_INVALID') return refuse(error.message);
    throw error;
  }
}

async function judge(request: HttpRequest, publicKey: Uint8Array, now: Instant, seenNonce: (nonce: string) => boolean | Promise<boolean>): Promise<RequestVerdict> {
  const keyid = jwkThumbprint(publicKey);
  const inputs = parseDictionary(header(request, 'signature-input') ?? '');
  const ours = [...inputs].filter(([, input]) => input.params.get('tag') === TAG && input.params.get('keyid') === keyid);
  const [label, covered] = ours[0] ?? [];
  if (label === undefined || !covered || ours.length > 1) return refuse(`the request carries ${ours.length === 0 ? 'no' : 'more than one'} ${TAG} signature of this key`);
  const problem = uncovered(request, covered, label) ?? untimely(covered.params, now) ?? otherBody(request);
  if (problem !== undefined) return refuse(problem);
  const signature = parseDictionary(header(request, 'signature') ?? '').get(label)?.value;
  if (!(signature instanceof Uint8Array) || !(await verifySignature(publicKey, signatureBase(request, covered), signature))) return refuse('the signature is false');
  const nonce = covered.params.get('nonce');
  if (typeof nonce !== 'string' || nonce === '') return refuse('the signature has no nonce');
  if (await seenNonce(nonce)) return refuse('the request was seen before');
  return { ok: true, because: 'signed by the key, fresh, and the body is the one that was signed', agent: identityOf(request) };
}

function refuse(because: string): RequestVerdict {
  return { ok: false, because };
}

function uncovered(request: HttpRequest, covered: Member, label: string): string | undefined {
  const names = coveredItems(covered).map((item) => item.text);
  const covers = (...wanted: readonly string[]) => wanted.every((name) => names.includes(name));
  const target = covers('"@target-uri"') || covers('"@authority"', '"@path"', '"@query"');
  if (!covers('"@method"', '"agent-identity"') || !target) return 'the signature does not cover method, target and agent';
  if (request.body && !covers('"content-digest"')) return 'the signature does not cover the body';
  const agent = header(request, 'signature-agent');
  const named = covers('"signature-agent"') || covers(`"signature-agent";key=${quoted(label)}`);
  return agent !== undefined && !named ? 'the signature does not cover Signature-Agent' : undefined;
}

function untimely(params: Parameters, now: Instant): string | undefined {
  const created = params.get('created');
  const expires = params.get('expires');
  const seconds = secondsOf(now);
  if (typeof created !== 'number' || typeof expires !== 'number') return 'the signature has no created and expires';
  if (created > seconds + TOLERANCE) return 'the signature lies in the future';
  if (expires <= created || expires > created + LONGEST) return 'the signature lives longer than a day';
  return seconds >= expires ? 'the signature has expired' : undefined;
}

/** A covered digest says nothing about the body until both are compared. */
function otherBody(request: HttpRequest): string | undefined {
  const field = header(request, 'content-digest');
  if (field === undefined) return request.body ? 'the body has no digest' : undefined;
  const digest = parseDictionary(field).get('sha-256');
  const actual = parseDictionary(contentDigest(request.body ?? '')).get('sha-256');
  return digest?.text === actual?.text ? undefined : 'the body is not the one that was signed';
}

function identityOf(request: HttpRequest): { did: string; version: string; build: string | null } {
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
