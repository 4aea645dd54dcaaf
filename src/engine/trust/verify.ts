/** `trust verify <place>`: a counterparty's look at any published agent, by its address or its did:web. Needs no agent.yaml, no store and no key. */
import { Fault } from '../../domain/fault.js';
import type { Http } from '../../domain/ports.js';
import { parseDuration } from '../../domain/time.js';
import { didWebUrl } from '../../identity/did-document.js';
import { keyOfDid } from '../../identity/did-key.js';
import { MEDIA_TYPES, PUBLISHED } from '../../registries/publication.js';
import { listOption, textOption, type OutsideVerb } from '../verb.js';
import { readTrustRoots } from '../trust-roots.js';
import type { ReadPublished } from './published.js';
import { walk } from './walk.js';

const LIMITS = { bytes: 8 * 1024 * 1024, timeout: 15_000 };
const EXAMPLE = 'agentctl trust verify https://agents.example.com --trust <did>';

export const run: OutsideVerb = async ({ world }, input) => {
  const [place = '', named] = input.args;
  const { base, asked } = placeOf(place, named);
  const maximumAge = textOption(input, 'maximumAge');
  if (maximumAge !== undefined) parseDuration(maximumAge);
  const trust = await readTrustRoots(world, listOption(input, 'trust'));
  const { exit, ...data } = await walk({
    read: published(world.http, base), elsewhere: (url) => document(world.http, url), origin: new URL(base).origin, trust, now: world.clock.now(),
    allowScripted: input.options['allowScripted'] === true, ...(asked === undefined ? {} : { asked }), ...(maximumAge === undefined ? {} : { maximumAge }),
  });
  return { kind: 'certificate', exit, data };
};

interface Place {
  /** Address that the names of the files are put after. */
  readonly base: string;
  /** DID that the reader knows, and wants to find there. */
  readonly asked?: string;
}

/** An address, with or without a DID; or a did:web, which says itself where it is published. @throws {Fault} USAGE */
function placeOf(place: string, named: string | undefined): Place {
  const asked = named ?? (place.startsWith('did:') ? place : undefined);
  if (asked !== undefined) refuseOtherDid(asked);
  if (!place.startsWith('did:')) return { base: baseOf(place), ...(asked === undefined ? {} : { asked }) };
  if (named !== undefined) throw new Fault('USAGE', 'one DID is enough: the address comes first', { hint: `agentctl trust verify https://agents.example.com ${named}` });
  if (place.startsWith('did:key:')) throw new Fault('USAGE', 'a did:key does not say where it is published', { hint: `agentctl trust verify https://agents.example.com ${place}` });
  return { base: new URL(didWebUrl(place)).origin, asked: place };
}

function refuseOtherDid(did: string): void {
  try {
    if (did.startsWith('did:web:')) didWebUrl(did);
    else keyOfDid(did);
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault('USAGE', `"${did}" is neither a did:web nor an Ed25519 did:key`, { hint: EXAMPLE, cause });
    throw cause;
  }
}

/** The place itself, also when the address of the card was given. */
function baseOf(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new Fault('USAGE', `"${text}" is no address`, { hint: EXAMPLE });
  const { origin, pathname } = new URL(text);
  const suffix = [PUBLISHED.card, PUBLISHED.did, PUBLISHED.page].find((one) => pathname.endsWith(`/${one}`)) ?? '';
  return `${origin}${pathname.slice(0, pathname.length - suffix.length)}`.replace(/\/+$/, '');
}

function published(http: Http, base: string): ReadPublished {
  return async (path) => {
    const url = `${base}/${path}`;
    const { status, headers, body } = await http.fetchPublic(url, LIMITS);
    if (status === 404 || status === 410) return undefined;
    refuseStatus(url, status);
    refuseType(path, (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '');
    return body;
  };
}

/** A server that answers every path with its start page has not published the file; and a directory of another type is read by nobody. */
function refuseType(path: string, type: string): void {
  if (type === 'text/html' && path !== PUBLISHED.page) throw new Fault('EVIDENCE_MISSING', `${path} is not published here: a web page answers in its place`, { at: path });
  const demanded = MEDIA_TYPES[PUBLISHED.keys];
  if (path === PUBLISHED.keys && type !== demanded) throw new Fault('EVIDENCE_MISSING', `${path} is served as ${type === '' ? 'nothing in particular' : type}: readers of signed requests want ${demanded}`, { at: path, hint: `set the headers that ${PUBLISHED.headers} lists` });
}

/** A document at an address that somebody else's document names. */
async function document(http: Http, url: string): Promise<string> {
  const { status, body } = await asked(http, url);
  if (status === 404 || status === 410) throw new Fault('EVIDENCE_MISSING', `${url} is not published`, { at: url });
  refuseStatus(url, status);
  return body;
}

async function asked(http: Http, url: string) {
  try {
    return await http.fetchPublic(url, LIMITS);
  } catch (cause) {
    if (cause instanceof Fault && cause.code === 'REFUSED') throw new Fault('REFUSED', `refused to ask ${url}: ${cause.message}`, { at: url, cause });
    throw cause;
  }
}

function refuseStatus(url: string, status: number): void {
  if (status !== 200) throw new Fault('NETWORK', `${url} answers with status ${status}`, { at: url, hint: 'try again later, or ask the publisher' });
}
