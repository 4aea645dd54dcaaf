/** The link of the revocation: has its issuer taken the certificate back? */
import { EXIT, Fault } from '../domain/fault.js';
import { isObject, parseJson, type JsonObject } from '../domain/json.js';
import type { LinkView } from '../domain/report.js';
import { readable, type Instant } from '../domain/time.js';
import { falsified, link, yes, type Speaks } from './certificate-links.js';
import type { Certified } from './certificate.js';
import type { AssertionsOf, StatusPlace } from './credential.js';

export interface RevocationCheck {
  /** Text of the status list that the reader has fetched; null when he has none. */
  readonly status: string | null;
  readonly speaks: Speaks;
  /** What the reader knows of issuers that are no did:key. */
  readonly assertionsOf: AssertionsOf;
  readonly now: Instant;
  /** Whether the reader wants to know before he says yes. */
  readonly required: boolean;
}

/** Offline that can be told only from a list that the reader brings along. Another file in its place is his mistake (2); a list that is false is not (4). */
export async function revocationLink({ organisation, status: place }: Pick<Certified, 'organisation' | 'status'>, { status, required, ...check }: RevocationCheck): Promise<LinkView> {
  const unknown = (because: string) => link('revocation', 'unknown', because, required ? EXIT.indeterminate : EXIT.yes);
  if (!place) return unknown('it names no status list: whether it was revoked cannot be looked up');
  if (status === null) return unknown(`not looked up: fetch ${place.list} and give it (--status)`);
  try {
    const list = status.trimStart().startsWith('{') ? parseJson(status, 'status list') : null;
    if (!isObject(list) || ![list['type'] ?? []].flat().includes('BitstringStatusListCredential')) return misgiven(`what you gave is no status list: fetch ${place.list}`);
    return await listLink(list, status, { ...check, place, organisation: organisation.did });
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'INTERNAL') throw error;
    return error.exit === EXIT.indeterminate ? link('revocation', 'unknown', error.message, EXIT.indeterminate) : falsified('revocation', error.message);
  }
}

function misgiven(because: string): LinkView {
  return link('revocation', 'unknown', because, EXIT.usage);
}

interface ListCheck extends Pick<RevocationCheck, 'speaks' | 'assertionsOf' | 'now'> {
  readonly place: StatusPlace;
  readonly organisation: string;
}

async function listLink({ issuer: named, id }: JsonObject, status: string, { place, organisation, speaks, assertionsOf, now }: ListCheck): Promise<LinkView> {
  // Unpacking lists is loaded by those only who bring one.
  const { isSet, openStatusList } = await import('./status-list.js');
  const claimed = String(isObject(named) ? named['id'] : named);
  const issuer = assertionsOf(claimed) === undefined && speaks(claimed, now) === 'stranger' ? organisation : claimed;
  const url = typeof id === 'string' ? id : place.list;
  const { bits, key, validFrom, validUntil } = await openStatusList(status, { url, issuer, now, assertionsOf });
  if (speaks(key, validFrom) !== 'valid') return falsified('revocation', `the list is signed by ${key}, which did not speak for the organisation on ${readable(validFrom)}`);
  if (url !== place.list) return misgiven(`genuine, but the list of ${url.slice(0, 200)}: fetch ${place.list}`);
  if (isSet(bits, place.index)) return link('revocation', 'no', `revoked by its issuer: place ${place.index} of ${place.list}`, EXIT.no);
  return yes('revocation', `not revoked, says a list that counts until ${readable(validUntil)}`);
}
