/** Resolves a DID: a did:key is its own document, that of a did:web is fetched over HTTPS and kept for a while. */
import { conforms } from '../domain/conforms.js';
import { digestBytes, hexOf } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import { parseJson } from '../domain/json.js';
import { canonical } from '../domain/canonical.js';
import type { World } from '../domain/ports.js';
import { object, string, type TypeOf } from '../domain/schema.js';
import { addDuration, INSTANT, type Instant } from '../domain/time.js';
import { didKeyDocument, didWebUrl } from '../identity/did-document.js';
import { keyOfDid } from '../identity/did-key.js';
import { LARGEST_DOCUMENT, parseDidDocument, type ResolvedDid } from '../identity/did-resolver.js';

export type { ResolvedDid } from '../identity/did-resolver.js';

const LIMITS = { bytes: LARGEST_DOCUMENT, timeout: 10_000 };
/** How long a fetched document is believed without asking again: a key that its owner withdrew goes on counting for as long. */
const TTL = 'PT15M';

export interface Resolution extends ResolvedDid {
  /** Where it was published and when it was read there; null for a did:key. */
  readonly source: { readonly url: string; readonly at: Instant; readonly cached: boolean } | null;
}

export type ResolvingWorld = Pick<World, 'http' | 'files' | 'clock' | 'surroundings'>;

/**
 * @param options.refresh asks the publisher even if a document was kept
 * @throws {Fault} INPUT_INVALID, KEY_UNFIT; of a did:web also EVIDENCE_MISSING when nothing is published, NETWORK, and REFUSED for a private address
 */
export async function resolveDid(world: ResolvingWorld, did: string, { refresh = false }: { readonly refresh?: boolean } = {}): Promise<Resolution> {
  if (did.startsWith('did:key:')) return { ...parseDidDocument(did, canonical(didKeyDocument(keyOfDid(did))), did), source: null };
  if (!did.startsWith('did:web:')) throw new Fault('INPUT_INVALID', `${JSON.stringify(did.slice(0, 200))} cannot be resolved`, { hint: 'give a did:key or a did:web' });
  const url = didWebUrl(did);
  const kept = refresh ? undefined : await recall(world, did);
  if (kept) return { ...parseDidDocument(did, kept.document, url), source: { url, at: kept.at, cached: true } };
  const text = await fetchDocument(world, url);
  const resolved = parseDidDocument(did, text, url);
  const at = world.clock.now();
  await keep(world, { did, at, document: text });
  return { ...resolved, source: { url, at, cached: false } };
}

async function fetchDocument({ http }: ResolvingWorld, url: string): Promise<string> {
  const { status, body } = await http.fetchPublic(url, LIMITS);
  if (status === 404 || status === 410) throw new Fault('EVIDENCE_MISSING', 'no DID document is published here', { at: url, hint: 'check the DID, or ask whom it names to publish did.json' });
  if (status !== 200) throw new Fault('NETWORK', `${url} answers with status ${status}`, { at: url, hint: 'try again later, or ask the publisher' });
  return body;
}

/** A document as it is kept in the configuration folder, in a file of its own. */
const kept = object({ did: string(), at: string({ pattern: INSTANT.source }), document: string({ maxLength: LARGEST_DOCUMENT }) });
type Kept = TypeOf<typeof kept>;

function placeOf({ surroundings }: ResolvingWorld, did: string): string {
  return `${surroundings.configFolder}/dids/${hexOf(digestBytes(did))}.json`;
}

/** What is kept and young enough. Whatever else lies there is as good as nothing: the publisher is asked. */
async function recall(world: ResolvingWorld, did: string): Promise<Kept | undefined> {
  const path = placeOf(world, did);
  if (!(await world.files.exists(path))) return undefined;
  const value = readable(await world.files.readText(path), path);
  if (value === undefined || value.did !== did) return undefined;
  const now = world.clock.now();
  // One from the future would never grow old.
  return value.at <= now && now < addDuration(value.at, TTL) ? value : undefined;
}

function readable(text: string, path: string): Kept | undefined {
  try {
    const value = parseJson(text, path);
    return conforms(kept, value) === null ? (value as unknown as Kept) : undefined;
  } catch (error) {
    if (error instanceof Fault && error.code === 'INPUT_INVALID') return undefined;
    throw error;
  }
}

async function keep(world: ResolvingWorld, value: Kept): Promise<void> {
  const path = placeOf(world, value.did);
  try {
    await world.files.makeFolder(path.slice(0, path.lastIndexOf('/')), 0o700);
    await world.files.write(path, canonical(value), 0o600);
  } catch (error) {
    // A folder that cannot be written to costs a question the next time, no answer now.
    if (!(error instanceof Fault) || error.code !== 'IO') throw error;
  }
}
