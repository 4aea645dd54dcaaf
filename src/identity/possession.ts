/** Proof of possession: a counterparty's challenge, which whoever holds the key of a DID answers once, for that counterparty, within minutes. */
import { canonical } from '../domain/canonical.js';
import { conforms } from '../domain/conforms.js';
import { Fault } from '../domain/fault.js';
import { parseJson, type Json } from '../domain/json.js';
import { object, oneOf, string, type TypeOf } from '../domain/schema.js';
import { addDuration, INSTANT, isInstant, millisecondsOf, parseDuration, readable, toInstant, type Instant } from '../domain/time.js';
import { toBase64Url } from './base-encoding.js';
import { didWebUrl } from './did-document.js';
import { keyOfDid } from './did-key.js';

/** What is signed is signed under this type (DSSE): no answer to a challenge can be taken for a statement, and no statement for an answer. */
export const POSSESSION = 'application/vnd.agentctl.possession+json';

const LARGEST = 4096;
const NONCE_LENGTH = 32;
const LONGEST = 'PT1H';
/** Milliseconds that two honest clocks may differ. */
const TOLERANCE = 30_000;

const challenge = object({
  type: oneOf(['https://agentctl.dev/possession-challenge/v1']),
  did: string({ description: 'Whose key is asked for.', pattern: '^did:(key|web):[!-~]+$', maxLength: 1000 }),
  domain: string({ description: 'Who asks: an answer to one asker is none to another.', pattern: '^[!-~]+$', maxLength: 253 }),
  nonce: string({ description: '32 random bytes.', pattern: '^[A-Za-z0-9_-]{43}$' }),
  created: string({ pattern: INSTANT.source }),
  expires: string({ pattern: INSTANT.source }),
});
export type Challenge = TypeOf<typeof challenge>;

/**
 * @param nonce from the random port
 * @param ttl ISO 8601 duration, at most an hour
 * @throws {Fault} INPUT_INVALID
 */
export function makeChallenge({ did, domain, nonce, now, ttl }: { readonly did: string; readonly domain: string; readonly nonce: Uint8Array; readonly now: Instant; readonly ttl: string }): Challenge {
  if (nonce.length !== NONCE_LENGTH) throw new Fault('INTERNAL', `a challenge needs ${NONCE_LENGTH} random bytes`);
  return checked({ type: 'https://agentctl.dev/possession-challenge/v1', did, domain, nonce: toBase64Url(nonce), created: now, expires: addDuration(now, ttl) }, 'challenge');
}

/** @throws {Fault} INPUT_INVALID, KEY_UNFIT */
export function parseChallenge(text: string, at: string): Challenge {
  if (text.length > LARGEST) throw new Fault('INPUT_INVALID', `a challenge has at most ${LARGEST} characters`, { at });
  return checked(parseJson(text, at), at);
}

function checked(json: Json, at: string): Challenge {
  const problem = conforms(challenge, json);
  if (problem !== null) throw new Fault('INPUT_INVALID', `not a challenge: the document${problem}`, { at });
  const value = json as unknown as Challenge;
  // Whoever cannot be asked is told so before anybody signs.
  if (value.did.startsWith('did:key:')) keyOfDid(value.did);
  else didWebUrl(value.did);
  const lives = isInstant(value.created) && isInstant(value.expires) ? millisecondsOf(value.expires) - millisecondsOf(value.created) : 0;
  if (lives <= 0 || lives > parseDuration(LONGEST)) throw new Fault('INPUT_INVALID', 'a challenge lives for some time, and at most an hour', { at, hint: '--ttl PT5M' });
  return value;
}

/** The bytes that are signed: RFC 8785, so that one challenge has one answer. */
export function challengeBytes(value: Challenge): Uint8Array {
  return new TextEncoder().encode(canonical({ ...value }));
}

/** Why the challenge is not open now; undefined while it is. */
export function untimely({ created, expires }: Challenge, now: Instant): string | undefined {
  if (created > toInstant(millisecondsOf(now) + TOLERANCE)) return `the challenge lies in the future: it was made on ${readable(created)}`;
  return now >= expires ? `the challenge expired on ${readable(expires)}` : undefined;
}
