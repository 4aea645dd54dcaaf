/** Judges a signed request of anybody: RFC 9421 in the Web Bot Auth profile, and in the profile that Visa TAP makes of it. */
import { combineExits, EXIT, Fault, type Exit } from '../domain/fault.js';
import type { HttpRequest, Nonces } from '../domain/ports.js';
import type { LinkView } from '../domain/report.js';
import { millisecondsOf, toInstant, type Instant } from '../domain/time.js';
import { digestMatches } from './content-digest.js';
import { verifySignature } from './ed25519-verify.js';
import { jwkThumbprint } from './jwk-thumbprint.js';
import { coveredItems, header, signatureBase } from './signature-base.js';
import { parseDictionary, parseItem, quoted, type Member, type Parameters } from './structured-field.js';

export const TAG = 'web-bot-auth';
/** Seconds that two honest clocks may differ. */
const TOLERANCE = 30;
const DAY = 86_400;
/** Characters of one signature field, and of all header fields together: more is work that a stranger orders. */
const LONGEST_FIELD = 8192;
const LONGEST_HEADERS = 65_536;
const LONGEST_NONCE = 256;

interface Profile {
  /** Longest life in seconds. */
  readonly longest: number;
  readonly needsNonce: boolean;
  /** Each group needs one of its components covered. */
  readonly target: readonly (readonly string[])[];
}
const TAP: Profile = { longest: 480, needsNonce: true, target: [['"@authority"'], ['"@path"']] };
const PROFILES: Readonly<Record<string, Profile>> = {
  [TAG]: { longest: DAY, needsNonce: false, target: [['"@authority"', '"@target-uri"']] },
  'agent-browser-auth': TAP,
  'agent-payer-auth': TAP,
};

/** Where the signer says that its keys are published. */
export interface SignatureAgent {
  /** Member of the dictionary, which is the label of the signature; null in the legacy form, a bare string. */
  readonly label: string | null;
  readonly uri: string;
  readonly type: 'directory' | 'jwks_uri' | 'cimd';
}

/** A signature as it came, before anything of it is proven. */
export interface PresentedSignature {
  readonly label: string;
  readonly tag: string;
  /** JWK thumbprint that the signer names; null when there is none. */
  readonly keyid: string | null;
  readonly agent: SignatureAgent | null;
  readonly covered: Member;
  /** Covered components as they stand in the signature base, such as `"@authority"`. */
  readonly names: readonly string[];
}

export type KeyFound = { readonly publicKey: Uint8Array; readonly because: string } | { readonly publicKey: null; readonly because: string };

/** Looks up keys by the place that publishes them and the thumbprint: by thumbprint alone, anybody's directory would speak for everybody. */
export interface KeySource {
  find(keyid: string, agent: SignatureAgent | null): Promise<KeyFound>;
}

/** The key that the verifier named himself, or the few: whatever place the request names, no other counts. */
export function pinnedKey(...publicKeys: readonly Uint8Array[]): KeySource {
  const named = new Map(publicKeys.map((publicKey) => [jwkThumbprint(publicKey), publicKey]));
  const other = named.size === 1 ? 'not the one' : 'none of those';
  return {
    find: (keyid) => {
      const publicKey = named.get(keyid);
      return Promise.resolve(publicKey ? { publicKey, because: 'the key that you named' } : { publicKey: null, because: `the key ${keyid} is ${other} that you named` });
    },
  };
}

export interface TrafficCheck {
  readonly keys: KeySource;
  readonly now: Instant;
  /** Without a memory nobody can tell a replay, and the answer is at best unknown. */
  readonly nonces?: Nonces;
  /** Counts only signatures that name this key; otherwise there may be only one of the profile. */
  readonly keyid?: string;
  /** What a stricter profile asks for besides: why the request falls short of it, or undefined. */
  readonly demand?: (request: HttpRequest, signature: PresentedSignature) => string | undefined;
}

/** The links in the order in which they were tried, and the exit status in which they end (0 yes, 1 refused, 3 cannot be told, 4 false). */
export interface TrafficVerdict {
  readonly ok: boolean;
  /** The first link that is not yes. */
  readonly because: string;
  readonly exit: Exit;
  readonly links: readonly LinkView[];
  /** What signed, as the signature says; proven only when `ok`. */
  readonly signature: PresentedSignature | null;
}

/**
 * Judges a received request; never throws for a bad one.
 * @param request method, absolute URL as the receiver knows it, headers and body as received
 */
export async function verifyWebBotAuth(request: HttpRequest, check: TrafficCheck): Promise<TrafficVerdict> {
  const presented = orMalformed('fields', () => present(request, check.keyid));
  if ('link' in presented) return verdict([presented], null);
  const links = [link('fields', 'yes', `one ${presented.tag} signature, "${presented.label}"`, EXIT.yes), profileLink(request, presented, check)];
  const { view: key, publicKey } = await keyLink(presented, check.keys);
  links.push(key, await signatureLink(request, presented, publicKey), bodyLink(request, presented), timeLink(presented, check.now));
  // Only a request that holds otherwise may use up its nonce: anybody can send a copy with a broken signature first.
  if (links.every((one) => one.is === 'yes')) links.push(await replayLink(presented, check.nonces));
  return verdict(links, presented);
}

function verdict(links: readonly LinkView[], signature: PresentedSignature | null): TrafficVerdict {
  const exit = combineExits(links.map((one) => one.exit));
  const open = links.find((one) => one.is !== 'yes');
  return { ok: open === undefined, because: open?.because ?? 'signed by the key, fresh, and the body is the one that was signed', exit, links, signature };
}

function link(name: string, is: LinkView['is'], because: string, exit: Exit): LinkView {
  return { link: name, is, because, exit };
}

/** A request that cannot be read is refused like one that was forged: what two readers could take differently proves nothing. */
function orMalformed<T>(name: string, read: () => T): T | LinkView {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault && error.code === 'INPUT_INVALID') return link(name, 'no', error.message, EXIT.untrustworthy);
    throw error;
  }
}

function present(request: HttpRequest, keyid: string | undefined): PresentedSignature | LinkView {
  checkHeaders(request);
  const inputs = parseDictionary(header(request, 'signature-input') ?? '');
  const signatures = parseDictionary(header(request, 'signature') ?? '');
  const stray = [...signatures.keys()].find((label) => !inputs.has(label)) ?? [...inputs.keys()].find((label) => !signatures.has(label));
  if (stray !== undefined) throw new Fault('INPUT_INVALID', `"${stray}" stands in only one of Signature and Signature-Input`);
  const ours = [...inputs].filter(([, input]) => Object.hasOwn(PROFILES, tagOf(input)) && (keyid === undefined || keyidOf(input) === keyid));
  const [found, ...more] = ours;
  const whose = keyid === undefined ? '' : ' of this key';
  if (!found) return link('fields', 'unknown', `the request carries no ${TAG} signature${whose}`, EXIT.indeterminate);
  if (more.length > 0) throw new Fault('INPUT_INVALID', `the request carries more than one ${TAG} signature${whose}`);
  const [label, covered] = found;
  const names = coveredItems(covered).map((item) => item.text);
  return { label, tag: tagOf(covered), keyid: keyidOf(covered), agent: agentOf(request, label), covered, names };
}

function checkHeaders({ headers }: HttpRequest): void {
  let total = 0;
  for (const [name, value] of Object.entries(headers)) {
    total += name.length + value.length;
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) throw new Fault('INPUT_INVALID', `${JSON.stringify(name.slice(0, 100))} is no header name`);
    if (/^signature(-input|-agent)?$/i.test(name) && value.length > LONGEST_FIELD) throw new Fault('INPUT_INVALID', `header "${name.toLowerCase()}" is longer than ${LONGEST_FIELD} characters`);
  }
  if (total > LONGEST_HEADERS) throw new Fault('INPUT_INVALID', `the headers are longer than ${LONGEST_HEADERS} characters`);
}

function tagOf({ params }: Member): string {
  return textOf(params, 'tag') ?? '';
}

function keyidOf({ params }: Member): string | null {
  if (params.has('keyid') && params.has('keyId')) throw new Fault('INPUT_INVALID', 'the signature names its key twice');
  return textOf(params, 'keyid') ?? textOf(params, 'keyId') ?? null;
}

function textOf(params: Parameters, name: string): string | undefined {
  const value = params.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** The member for a signature, or the one of the legacy form; null when the header is not there. @throws {Fault} INPUT_INVALID */
function agentOf(request: HttpRequest, label: string): SignatureAgent | null {
  const field = header(request, 'signature-agent');
  if (field === undefined) return null;
  const found = parseSignatureAgent(field).find((one) => one.label === null || one.label === label);
  if (!found) throw new Fault('INPUT_INVALID', `Signature-Agent has no member "${label}"`);
  return found;
}

/**
 * Reads `Signature-Agent`: a dictionary, or the legacy bare string.
 * @throws {Fault} INPUT_INVALID for what is no https address (http on this machine), or of an unknown type
 */
export function parseSignatureAgent(field: string): readonly SignatureAgent[] {
  if (field.trim().startsWith('"')) return [signatureAgent(null, parseItem(field))];
  return [...parseDictionary(field)].map(([label, member]) => signatureAgent(label, member));
}

function signatureAgent(label: string | null, { value: uri, params }: Pick<Member, 'value' | 'params'>): SignatureAgent {
  const stated = params.get('type') ?? { token: 'directory' };
  const type = typeof stated === 'object' && 'token' in stated ? stated.token : '';
  if (type !== 'directory' && type !== 'jwks_uri' && type !== 'cimd') throw new Fault('INPUT_INVALID', 'Signature-Agent has a type other than directory, jwks_uri and cimd');
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined;
  const reachable = url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(url.hostname));
  if (!url || typeof uri !== 'string' || !reachable || url.username || url.password || url.hash) throw new Fault('INPUT_INVALID', 'Signature-Agent must name an https address');
  if (type === 'directory' && url.href !== `${url.origin}/`) throw new Fault('INPUT_INVALID', 'Signature-Agent must name an origin, without a path');
  return { label, uri, type };
}

function profileLink(request: HttpRequest, signature: PresentedSignature, { demand }: TrafficCheck): LinkView {
  const answer = orMalformed('profile', () => shortfall(signature) ?? demand?.(request, signature));
  if (typeof answer === 'object') return answer;
  return answer === undefined ? link('profile', 'yes', `covers ${signature.names.join(' ')}`, EXIT.yes) : link('profile', 'no', answer, EXIT.no);
}

function shortfall({ tag, names, keyid, agent, label, covered }: PresentedSignature): string | undefined {
  const profile = PROFILES[tag];
  if (!profile?.target.every((group) => group.some((name) => names.includes(name)))) return 'the signature does not cover where the request goes';
  const named = names.includes('"signature-agent"') || (agent?.label !== null && names.includes(`"signature-agent";key=${quoted(label)}`));
  if (agent && !named) return 'the signature does not cover Signature-Agent';
  if (keyid === null) return 'the signature does not name its key';
  const { params } = covered;
  const [created, expires, nonce] = [params.get('created'), params.get('expires'), params.get('nonce')];
  if (!Number.isInteger(created) || !Number.isInteger(expires)) return 'the signature has no created and expires';
  if (Number(expires) <= Number(created) || Number(expires) - Number(created) > profile.longest) return `the signature lives longer than ${profile.longest === DAY ? 'a day' : `${profile.longest} seconds`}, or not at all`;
  if (nonce !== undefined && (typeof nonce !== 'string' || nonce === '' || nonce.length > LONGEST_NONCE)) return 'the nonce is no text of a bearable length';
  return profile.needsNonce && nonce === undefined ? 'the signature has no nonce' : undefined;
}

async function keyLink({ keyid, agent }: PresentedSignature, keys: KeySource): Promise<{ readonly view: LinkView; readonly publicKey: Uint8Array | null }> {
  const { publicKey, because } = keyid === null ? { publicKey: null, because: 'no key is named' } : await keys.find(keyid, agent);
  // The name has to follow from the key, whoever looked it up.
  if (publicKey && jwkThumbprint(publicKey) !== keyid) return { view: link('key', 'no', `${keyid} is not the thumbprint of the key that was found`, EXIT.untrustworthy), publicKey: null };
  return { view: publicKey ? link('key', 'yes', because, EXIT.yes) : link('key', 'unknown', because, EXIT.indeterminate), publicKey };
}

async function signatureLink(request: HttpRequest, { label, covered }: PresentedSignature, publicKey: Uint8Array | null): Promise<LinkView> {
  if (!publicKey) return link('signature', 'unknown', 'not tried without a key', EXIT.indeterminate);
  const { params } = covered;
  // The key decides how it is used: a signature that asks for another algorithm is refused before it is tried.
  if (params.has('alg') && params.get('alg') !== 'ed25519') return link('signature', 'no', `the signature asks for ${JSON.stringify(params.get('alg'))}, the key is for ed25519`, EXIT.untrustworthy);
  const base = orMalformed('signature', () => ({ bytes: signatureBase(request, covered), signature: parseDictionary(header(request, 'signature') ?? '').get(label)?.value }));
  if ('link' in base) return base;
  const holds = base.signature instanceof Uint8Array && (await verifySignature(publicKey, base.bytes, base.signature));
  return holds ? link('signature', 'yes', 'holds over all that it covers', EXIT.yes) : link('signature', 'no', 'the signature is false', EXIT.untrustworthy);
}

/** A covered digest says nothing about the body until both are compared. */
function bodyLink(request: HttpRequest, { names }: PresentedSignature): LinkView {
  const covered = names.includes('"content-digest"');
  const body = request.body ?? '';
  const matches = orMalformed('body', () => {
    const field = header(request, 'content-digest');
    return { field, same: field === undefined ? undefined : digestMatches(field, body) };
  });
  if ('link' in matches) return matches;
  const { field, same } = matches;
  if (same === false) return link('body', 'no', 'the body is not the one that was signed', EXIT.untrustworthy);
  if (body.length === 0 && field === undefined) return link('body', 'yes', 'there is none', EXIT.yes);
  if (field !== undefined && same === undefined) return link('body', 'unknown', 'the digest of the body is in no algorithm that is checked here', EXIT.indeterminate);
  return covered || body.length === 0 ? link('body', 'yes', 'is the one that was signed', EXIT.yes) : link('body', 'unknown', 'the signature does not cover the body: anybody could have changed it', EXIT.indeterminate);
}

function timeLink({ covered: { params } }: PresentedSignature, now: Instant): LinkView {
  const [created, expires] = [Number(params.get('created')), Number(params.get('expires'))];
  const seconds = Math.floor(millisecondsOf(now) / 1000);
  if (created > seconds + TOLERANCE) return link('time', 'no', 'the signature lies in the future', EXIT.no);
  // Written so that a time that is missing is no yes.
  return seconds < expires ? link('time', 'yes', `valid for another ${expires - seconds} s`, EXIT.yes) : link('time', 'no', 'the signature has expired', EXIT.no);
}

async function replayLink({ tag, keyid, covered: { params } }: PresentedSignature, nonces: Nonces | undefined): Promise<LinkView> {
  const nonce = textOf(params, 'nonce');
  if (nonce === undefined) return link('replay', 'unknown', 'the signature has no nonce: a copy cannot be told from the first', EXIT.indeterminate);
  if (!nonces) return link('replay', 'unknown', 'without a memory of nonces a copy cannot be told from the first', EXIT.indeterminate);
  const until = toInstant(Number(params.get('expires')) * 1000);
  const seen = await nonces.seen(`${tag} ${String(keyid)}`, nonce, until);
  return seen ? link('replay', 'no', 'the request was seen before', EXIT.no) : link('replay', 'yes', 'not seen before', EXIT.yes);
}
