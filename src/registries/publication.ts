/** What is published of an agent, and under which names: a folder to be served from the root of an origin, with a signed list of its files. */
import { HISTORY_FILE } from '../attestation/certificate-history.js';
import { conform } from '../attestation/conform.js';
import { envelopeText } from '../attestation/dsse.js';
import { peekStatement, signStatement } from '../attestation/statement.js';
import { openSpoken, STATEMENTS_FILE, type Histories } from '../attestation/succession.js';
import { digestBytes, isDigest, type Digest } from '../domain/digest.js';
import { Fault } from '../domain/fault.js';
import type { JsonObject } from '../domain/json.js';
import { DID_KEY } from '../domain/names.js';
import type { Signer } from '../domain/ports.js';
import { object, string, type Schema, type TypeOf } from '../domain/schema.js';
import { INSTANT } from '../domain/time.js';
import { DIRECTORY_PATH } from '../identity/key-directory.js';

export { keyDirectory } from '../identity/key-directory.js';

export const PUBLICATION = 'https://agentctl.dev/attestations/publication/v1';

/** Names below the origin. The first two are where A2A and did:web readers look; the directory is RFC 8615 well-known too. Not every agent has all of them. */
export const PUBLISHED = {
  card: '.well-known/agent-card.json',
  did: '.well-known/did.json',
  keys: DIRECTORY_PATH.slice(1),
  organisation: 'organisation/did.json',
  certificate: 'certificate.dsse.json',
  bundle: 'certificate.sigstore.json',
  /** The certificate as a verifiable credential, and as a simple verification result. */
  credential: 'certificate.vc.json',
  summary: 'certificate.svr.dsse.json',
  /** Successions and withdrawals of the keys of organisation and agent, oldest first. */
  successions: STATEMENTS_FILE,
  history: HISTORY_FILE,
  build: 'build.json',
  pact: 'pact.dsse.json',
  checkpoint: 'checkpoint.txt',
  page: 'index.html',
  /** Header fields by path, in the form that static hosts read (Netlify, Cloudflare Pages); others do by hand what it says. */
  headers: '_headers',
  /** The signed list of all the others. */
  list: 'publication.dsse.json',
} as const;

/** What no publication can do without. */
const NEEDED = [PUBLISHED.card, PUBLISHED.did, PUBLISHED.keys, PUBLISHED.organisation, PUBLISHED.certificate, PUBLISHED.history, PUBLISHED.build, PUBLISHED.pact, PUBLISHED.checkpoint] as const;

/** Status lists are signed themselves and signed anew every few days: they lie beside the list of files, not in it. */
export const STATUS_FOLDER = 'status';

/** Name of a status list below the origin, from its address; undefined when it lies elsewhere. */
export function statusPath(address: string): string | undefined {
  return /^https:\/\/[^/]+\/(status\/\d{1,9}\.json)$/.exec(address)?.[1];
}

/** Media types that readers insist on. */
export const MEDIA_TYPES: Readonly<Record<string, string>> = {
  [PUBLISHED.card]: 'application/json',
  [PUBLISHED.did]: 'application/did+json',
  [PUBLISHED.organisation]: 'application/did+json',
  // Web Bot Auth: a directory of any other type is not read.
  [PUBLISHED.keys]: 'application/http-message-signatures-directory+json',
  [PUBLISHED.credential]: 'application/vc',
  [`${STATUS_FOLDER}/*`]: 'application/vc',
  [PUBLISHED.history]: 'application/jsonl',
  [PUBLISHED.successions]: 'application/jsonl',
};

/** Short enough for a revocation to be seen within minutes. */
const KEPT = 'max-age=300';

/** What the web server has to say of each file, for hosts that read it from the folder. */
export function headersFile(): string {
  const blocks = Object.entries(MEDIA_TYPES).map(([path, type]) => `/${path}\n  Content-Type: ${type}\n  Cache-Control: ${KEPT}\n`);
  return `${blocks.join('\n')}`;
}

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

/**
 * The list of files, signed by a key that spoke for the organisation when it was made.
 * @throws {Fault} SIGNATURE_INVALID, KEY_UNFIT, INPUT_INVALID; EVIDENCE_MISSING when it leaves out what a reader needs
 */
export async function openPublication(envelope: string, keysOf: Histories): Promise<{ readonly claim: Publication; readonly files: ReadonlyMap<string, Digest> }> {
  const claimed = conform(publication, peekStatement(envelope).predicate, PUBLISHED.list);
  const { statement } = await openSpoken(envelope, keysOf(claimed.organisation), PUBLICATION, () => claimed.at);
  const files = new Map<string, Digest>();
  for (const { name, digest } of statement.subject) {
    // Names become addresses and paths: nothing may lead out of the published place.
    if (!SAFE_PATH.test(name) || files.has(name) || !isDigest(digest)) throw new Fault('INPUT_INVALID', `the list names ${JSON.stringify(name.slice(0, 100))}`, { at: PUBLISHED.list });
    files.set(name, digest);
  }
  const left = NEEDED.find((path) => !files.has(path));
  if (left !== undefined) throw new Fault('EVIDENCE_MISSING', `the signed list of files leaves out ${left}`, { at: PUBLISHED.list });
  return { claim: claimed, files };
}

const SAFE_PATH = /^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/;
