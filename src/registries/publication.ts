/** What is published of an agent, and under which names: a folder to be served from the root of an origin, with a signed list of its files. */
import { conform } from '../attestation/conform.js';
import { envelopeText } from '../attestation/dsse.js';
import { openStatement, peekStatement, signStatement } from '../attestation/statement.js';
import { digestBytes, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { DID_KEY } from '../domain/manifest.js';
import type { Signer } from '../domain/ports.js';
import { object, string, type Schema, type TypeOf } from '../domain/schema.js';
import { INSTANT } from '../domain/time.js';
import { DIRECTORY_PATH } from '../identity/key-directory.js';

export { keyDirectory } from '../identity/key-directory.js';

export const PUBLICATION = 'https://agentctl.dev/attestations/publication/v1';

/** Names below the origin. The first two are where A2A and did:web readers look; the directory is RFC 8615 well-known too. */
export const PUBLISHED = {
  card: '.well-known/agent-card.json',
  did: '.well-known/did.json',
  keys: DIRECTORY_PATH.slice(1),
  organisation: 'organisation/did.json',
  certificate: 'certificate.dsse.json',
  bundle: 'certificate.sigstore.json',
  history: 'certificates.intoto.jsonl',
  build: 'build.json',
  pact: 'pact.dsse.json',
  checkpoint: 'checkpoint.txt',
  page: 'index.html',
  /** The signed list of all the others. */
  list: 'publication.dsse.json',
} as const;

const publication = object({
  agent: string({ pattern: DID_KEY }),
  organisation: string({ pattern: DID_KEY }),
  certificate: string({ pattern: '^sha256:[0-9a-f]{64}$' }) as Schema<Digest>,
  at: string({ pattern: INSTANT.source }),
});
export type Publication = TypeOf<typeof publication>;

export interface PublishedFile {
  readonly path: string;
  readonly text: string;
}

/** The list as an envelope: one in-toto statement with every file as a subject, so that a changed file shows whichever it is. */
export async function signPublication(files: readonly PublishedFile[], claim: Publication, organisation: Signer): Promise<PublishedFile> {
  const subject = files.map(({ path, text }) => ({ name: path, digest: digestBytes(text) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const predicate = conform(publication, claim as unknown as JsonObject, 'publication') as unknown as JsonObject;
  return { path: PUBLISHED.list, text: envelopeText(await signStatement({ subject, predicateType: PUBLICATION, predicate }, organisation)) };
}

/** @throws {Fault} SIGNATURE_INVALID, INPUT_INVALID */
export async function openPublication(envelope: string): Promise<{ readonly claim: Publication; readonly files: ReadonlyMap<string, Digest> }> {
  const claimed = conform(publication, peekStatement(envelope).predicate, PUBLISHED.list);
  const { statement } = await openStatement(envelope, claimed.organisation, PUBLICATION);
  const files = new Map<string, Digest>();
  for (const { name, digest } of statement.subject) {
    // Names become addresses and paths: nothing may lead out of the published place.
    if (!SAFE_PATH.test(name) || files.has(name) || !isDigest(digest)) throw new Fault('INPUT_INVALID', `the list names ${JSON.stringify(name.slice(0, 100))}`, { at: PUBLISHED.list });
    files.set(name, digest);
  }
  return { claim: claimed, files };
}

const SAFE_PATH = /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/;
