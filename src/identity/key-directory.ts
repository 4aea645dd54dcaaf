/** Key directories (draft-ietf-webbotauth-httpsig-protocol): the keys that sign requests for one address, as a JWKS, with proof that whoever serves it holds them. */
import { canonical } from '../domain/canonical.js';
import { Fault } from '../domain/fault.js';
import { asObject, isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import type { Signer } from '../domain/ports.js';
import { isInstant, millisecondsOf, type Instant } from '../domain/time.js';
import { fromBase64Url } from './base-encoding.js';
import { contentDigest, digestMatches } from './content-digest.js';
import { acceptKey } from './ed25519-key.js';
import { verifySignature } from './ed25519-verify.js';
import { jwkThumbprint, publicJwk } from './jwk-thumbprint.js';
import { coveredItems, header, signatureBase, type HttpReply } from './signature-base.js';
import { byteSequence, parseDictionary, quoted, type Member } from './structured-field.js';
import type { KeySource, SignatureAgent } from './web-bot-auth.js';

/** Below the origin (RFC 8615). */
export const DIRECTORY_PATH = '/.well-known/http-message-signatures-directory';
export const DIRECTORY_TYPE = 'application/http-message-signatures-directory+json';
const DIRECTORY_TAG = 'http-message-signatures-directory';
const MOST_KEYS = 100;
/** Ed25519 key of RFC 9421 B.1.4: its private half is printed there. */
const RFC_TEST_KEYS: readonly string[] = ['poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U'];

/** The directory of one or more keys; during a rotation both are in it. */
export function keyDirectory(...publicKeys: readonly Uint8Array[]): string {
  return canonical({ keys: publicKeys.map((publicKey) => ({ ...publicJwk(publicKey), kid: jwkThumbprint(publicKey), use: 'sig' })) });
}

/** Ed25519 keys by thumbprint. */
export type KeyDirectory = ReadonlyMap<string, Uint8Array>;

/**
 * Reads a JWKS. Keys of other kinds are passed over, since nothing that they sign is verified here; shared secrets are refused, and so are keys that everybody knows.
 * @param at what to call it in an error, usually its address
 * @throws {Fault} INPUT_INVALID for what is no directory, KEY_UNFIT for a key that must not stand in one
 */
export function parseDirectory(text: string, at: string): KeyDirectory {
  return keysOf(asObject(parseJson(text, at), at)['keys'], at);
}

function keysOf(list: Json | undefined, at: string): KeyDirectory {
  if (!Array.isArray(list) || list.length > MOST_KEYS) throw new Fault('INPUT_INVALID', `${at} is no key directory: it lists no keys, or more than ${MOST_KEYS}`, { at });
  const found = new Map<string, Uint8Array>();
  for (const jwk of list as readonly Json[]) {
    const publicKey = keyOf(asObject(jwk, `${at}: key`), at);
    if (!publicKey) continue;
    const kid = jwkThumbprint(publicKey);
    if (found.has(kid)) throw unfit(`lists ${kid} twice`, at);
    found.set(kid, publicKey);
  }
  return found;
}

function keyOf(jwk: JsonObject, at: string): Uint8Array | undefined {
  const { kty, crv, x, kid, use } = jwk;
  if (kty === 'oct') throw unfit('lists a shared secret: whoever can verify with it can sign', at);
  if ('d' in jwk) throw unfit('publishes a private key', at);
  if (kty !== 'OKP' || crv !== 'Ed25519' || (use !== undefined && use !== 'sig')) return undefined;
  if (typeof x !== 'string') throw new Fault('INPUT_INVALID', `${at} lists a key without x`, { at });
  const publicKey = acceptKey(fromBase64Url(x));
  const thumbprint = jwkThumbprint(publicKey);
  if (kid !== undefined && kid !== thumbprint) throw unfit(`calls a key ${JSON.stringify(kid)} whose thumbprint is ${thumbprint}`, at);
  if (RFC_TEST_KEYS.includes(thumbprint)) throw unfit('lists the test key of RFC 9421, whose private half is public', at);
  return publicKey;
}

function unfit(what: string, at: string): Fault {
  return new Fault('KEY_UNFIT', `${at} ${what}`, { at });
}

/** Where the keys of a signer are to be read: the address that makes a key and its thumbprint one. */
export function locationOf({ uri, type }: Pick<SignatureAgent, 'uri' | 'type'>): string {
  return type === 'directory' ? directoryUrl(uri) : new URL(uri).href;
}

/** Where the directory of an origin lies. */
export function directoryUrl(origin: string): string {
  return new URL(DIRECTORY_PATH, origin).href;
}

/**
 * The keys of one address as a source: they speak only for requests that name that address.
 * @param location where they were read; null when the verifier named the keys himself, which then count whatever the request says of its home
 */
export function directoryKeys(directory: KeyDirectory, location: string | null): KeySource {
  return {
    find(keyid, agent) {
      const publicKey = directory.get(keyid) ?? null;
      if (location !== null && agent !== null && locationOf(agent) !== location) {
        return Promise.resolve({ publicKey: null, because: `the request names ${locationOf(agent)}, and the keys are those of ${location}` });
      }
      if (!publicKey) return Promise.resolve({ publicKey, because: `${location ?? 'the directory that you named'} does not list the key ${keyid}` });
      return Promise.resolve({ publicKey, because: location === null ? 'listed in the directory that you named' : `listed at ${location}` });
    },
  };
}

/** A Signature Agent Card (`type=cimd`): the keys themselves, or where they are. @throws {Fault} INPUT_INVALID, KEY_UNFIT */
export function readAgentCard(text: string, url: string): { readonly keys: KeyDirectory } | { readonly jwksUri: string } {
  const { client_id: id, jwks, jwks_uri: jwksUri } = asObject(parseJson(text, url), url);
  if (id !== url) throw new Fault('INPUT_INVALID', `${url} is the card of ${JSON.stringify(id ?? null)}`, { at: url });
  if ((jwks === undefined) === (jwksUri === undefined)) throw new Fault('INPUT_INVALID', `${url} must hold either jwks or jwks_uri`, { at: url });
  if (isObject(jwks)) return { keys: keysOf(jwks['keys'], url) };
  if (typeof jwksUri !== 'string') throw new Fault('INPUT_INVALID', `${url} holds neither a JWKS nor the address of one`, { at: url });
  return { jwksUri };
}

/** Headers under which a directory is to be served, and until when. */
export interface SignedDirectory {
  /** Path below the origin. */
  readonly path: string;
  /** Authority that the signatures are for, such as `agents.example.com`. */
  readonly authority: string;
  readonly expires: Instant;
  readonly headers: Readonly<Record<'content-type' | 'content-digest' | 'signature-input' | 'signature' | 'cache-control', string>>;
}

/**
 * Signs the response that serves a directory, with every key in it that is here: so that nobody can list another's key as his own.
 * @param options.origin that serves it @param options.expires until when: a static host serves the same signature until the folder is published anew
 */
export async function signDirectory(directory: string, { origin, signers, created, expires }: { origin: string; signers: readonly Signer[]; created: Instant; expires: Instant }): Promise<SignedDirectory> {
  const reply: HttpReply = { status: 200, headers: { 'content-digest': contentDigest(directory) }, request: { method: 'GET', url: directoryUrl(origin), headers: {} } };
  const [from, to] = [created, expires].map((instant) => Math.floor(millisecondsOf(instant) / 1000));
  const made = await Promise.all(signers.map(async (signer, index) => {
    const input = `("@authority";req "content-digest");created=${from};expires=${to};keyid=${quoted(jwkThumbprint(signer.publicKey))};tag=${quoted(DIRECTORY_TAG)}`;
    const label = `binding${index}`;
    const covered = parseDictionary(`${label}=${input}`).get(label) as Member;
    return { input: `${label}=${input}`, signature: `${label}=${byteSequence(await signer.sign(signatureBase(reply, covered)))}` };
  }));
  return {
    path: DIRECTORY_PATH, authority: new URL(origin).host, expires,
    headers: {
      'content-type': DIRECTORY_TYPE, 'cache-control': 'max-age=3600', 'content-digest': contentDigest(directory),
      'signature-input': made.map((one) => one.input).join(', '), signature: made.map((one) => one.signature).join(', '),
    },
  };
}

/** Ending of the sidecar's name, beside the directory. */
export const SIDECAR = '.headers.json';

/** The sidecar of a directory for static hosts: which headers to serve it with, and until when they count. */
export function sidecarText(signed: SignedDirectory): string {
  return `${canonical(signed as unknown as JsonObject)}\n`;
}

/** @throws {Fault} INPUT_INVALID */
export function parseSidecar(text: string, at: string): SignedDirectory {
  const sidecar = asObject(parseJson(text, at), at);
  const { path, authority, expires, headers } = sidecar;
  const named = isObject(headers) && Object.values(headers).every((value) => typeof value === 'string');
  if (path !== DIRECTORY_PATH || typeof authority !== 'string' || !isInstant(expires) || !named) throw new Fault('INPUT_INVALID', `${at} does not say how a key directory is served`, { at });
  return sidecar as unknown as SignedDirectory;
}

/** Which listed keys have signed the response, by thumbprint; the others may have been listed by somebody who does not hold them. */
export interface Possession {
  readonly proven: readonly string[];
  readonly because: string;
}

/**
 * Checks the signatures over a directory response: `"@authority";req` and the digest of its body, by keys that the body lists.
 * @param url at which it was asked for
 * @throws {Fault} SIGNATURE_INVALID for a signature of a listed key that is false, DIGEST_MISMATCH for another body, INPUT_INVALID
 */
export async function provePossession(body: string, headers: Readonly<Record<string, string>>, { url, now }: { url: string; now: Instant }): Promise<Possession> {
  const directory = parseDirectory(body, url);
  const reply: HttpReply = { status: 200, headers, request: { method: 'GET', url, headers: {} } };
  const digest = header(reply, 'content-digest');
  if (digest !== undefined && digestMatches(digest, body) === false) throw new Fault('DIGEST_MISMATCH', `${url} is not the directory that was signed`, { at: url });
  const signatures = parseDictionary(header(reply, 'signature') ?? '');
  const proven: string[] = [];
  for (const [label, covered] of parseDictionary(header(reply, 'signature-input') ?? '')) {
    const keyid = covered.params.get('keyid');
    const publicKey = typeof keyid === 'string' && covered.params.get('tag') === DIRECTORY_TAG ? directory.get(keyid) : undefined;
    if (!publicKey || typeof keyid !== 'string' || !bindsHome(covered) || !timely(covered, now) || digestMatches(digest ?? '', body) !== true) continue;
    const signature = signatures.get(label)?.value;
    if (!(signature instanceof Uint8Array) || !(await verifySignature(publicKey, signatureBase(reply, covered), signature))) throw new Fault('SIGNATURE_INVALID', `${url} is served under a false signature of ${keyid}`, { at: url });
    proven.push(keyid);
  }
  const because = proven.length === 0 ? 'nobody has signed for the keys there' : `signed for by ${proven.length} of the ${directory.size} keys there`;
  return { proven, because };
}

function bindsHome(covered: Member): boolean {
  const names = coveredItems(covered).map((item) => item.text);
  return names.includes('"@authority";req') && names.includes('"content-digest"');
}

function timely({ params }: Member, now: Instant): boolean {
  const seconds = Math.floor(millisecondsOf(now) / 1000);
  return Number(params.get('created')) <= seconds + 30 && Number(params.get('expires')) > seconds;
}
