/** What is published of an agent, put together from the store: documents, keys, certificates in every form that there is, build, pact, checkpoint, page. */
import { bundleOf } from '../../attestation/sigstore-bundle.js';
import { canonical } from '../../domain/canonical.js';
import { Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import { readable } from '../../domain/time.js';
import { didDocumentOf, didWebOf, didWebUrl } from '../../identity/did-document.js';
import { keyOfDid } from '../../identity/did-key.js';
import { SIDECAR, sidecarText, signDirectory } from '../../identity/key-directory.js';
import { currentOf, type KeyHistory } from '../../identity/key-history.js';
import { publicationPage } from '../../registries/page.js';
import { headersFile, keyDirectory, PUBLISHED, STATUS_FOLDER, type PublishedFile } from '../../registries/publication.js';
import type { IdentitySection } from '../../steps/01-identity.js';
import { signCheckpoint } from '../checkpoint.js';
import { gateTime } from '../gate-time.js';
import { issuedHere } from '../certify/issued.js';
import { keyRecords } from '../key-history.js';
import { readBlobText, type Session } from '../session.js';
import type { CurrentCertificate } from './card.js';

export interface Ingredients extends CurrentCertificate {
  readonly carded: Entry;
}

/** The files of the signed list. What does not exist, such as a credential of an older certificate, is left out. */
export async function publicationFiles(session: Session, { issued, word, carded }: Ingredients): Promise<readonly PublishedFile[]> {
  const { manifest, store, chain } = session;
  const { organisation } = manifest.owner;
  const did = agentDid(session);
  const { followable, histories } = await keyRecords(store, manifest);
  const envelope = await textOf(session, issued.data['deliverable'], 'certificate');
  const pact = await store.latest(chain, 'pact.signed');
  const documents = didDocuments(session, histories(did), histories(organisation.did));
  const files: readonly PublishedFile[] = [
    { path: PUBLISHED.card, text: await textOf(session, carded.data['deliverable'], 'agent card') },
    ...documents,
    ...(await keyFiles(session, keyDirectory(keyOfDid(speaking(histories(did)))), String(issued.data['validUntil']))),
    { path: PUBLISHED.certificate, text: envelope },
    { path: PUBLISHED.bundle, text: bundleOf(envelope) },
    ...(await optional(session, PUBLISHED.credential, issued.data['credential'])),
    ...(await optional(session, PUBLISHED.summary, issued.data['summary'])),
    ...(followable.length > 0 ? [{ path: PUBLISHED.successions, text: followable.map((one) => `${JSON.stringify(one)}\n`).join('') }] : []),
    { path: PUBLISHED.history, text: await certificateHistory(session) },
    { path: PUBLISHED.build, text: session.build.text },
    { path: PUBLISHED.pact, text: await textOf(session, pact?.data['envelope'], 'signed pact') },
    { path: PUBLISHED.checkpoint, text: await checkpointOf(session) },
  ];
  const lists = await statusLists(session);
  const { name, version, description } = manifest.metadata;
  const page = publicationPage({
    name, version, description, organisation: organisation.name, agentDid: did, organisationDid: organisation.did, word,
    validUntil: readable(String(issued.data['validUntil'])), files: [...files.map((file) => file.path), PUBLISHED.list, ...lists.map((file) => file.path)],
  });
  return [...files, { path: PUBLISHED.page, text: page }];
}

/** The key directory; and, where its origin is known, the headers that prove to a reader that whoever serves it holds the key. */
async function keyFiles(session: Session, text: string, expires: string): Promise<readonly PublishedFile[]> {
  const origin = baseOf(session);
  const directory = { path: PUBLISHED.keys, text };
  if (origin === undefined) return [directory];
  const agent = await session.keys.open({ role: 'agent', name: session.chain });
  const signed = await signDirectory(text, { origin, signers: [agent], created: await gateTime(session), expires });
  return [directory, { path: `${PUBLISHED.keys}${SIDECAR}`, text: sidecarText(signed) }];
}

/** What lies beside the signed list: status lists, which are signed themselves and more often, and headers, which hosts read and do not serve. */
export async function filesBesideList(session: Session): Promise<readonly PublishedFile[]> {
  return [...(await statusLists(session)), { path: PUBLISHED.headers, text: headersFile() }];
}

/** The status lists as `certify` wrote them last. */
export async function statusLists({ world, artifacts }: Session): Promise<readonly PublishedFile[]> {
  const folder = `${artifacts}/${STATUS_FOLDER}`;
  if (!(await world.files.exists(folder))) return [];
  const names = (await world.files.list(folder)).filter(({ path, kind }) => kind === 'file' && /^\d{1,9}\.json$/.test(path)).map(({ path }) => path);
  return Promise.all(names.map(async (name) => ({ path: `${STATUS_FOLDER}/${name}`, text: await world.files.readText(`${folder}/${name}`) })));
}

/** JSON Lines, oldest first. */
export async function certificateHistory(session: Session): Promise<string> {
  return (await issuedHere(session)).map(({ text }) => text).join('');
}

/** Each at its well-known place here, and where readers of a did:web with a path look. */
function didDocuments({ manifest, source }: Session, agent: KeyHistory, organisation: KeyHistory): readonly PublishedFile[] {
  const agentWeb = (manifest['identity'] as IdentitySection | undefined)?.web;
  const organisationWeb = manifest.owner.organisation.web;
  const base = baseOf({ manifest });
  const at = (web: string | undefined, place: string) => [...new Set([place, ...(web === undefined ? [] : placesHere(web, base))])];
  const [agents, organisations] = [at(agentWeb, PUBLISHED.did), at(organisationWeb, PUBLISHED.organisation)];
  const both = agents.find((path) => organisations.includes(path));
  if (both !== undefined) {
    throw new Fault('MANIFEST_INVALID', `${both} cannot be the document of the agent and of its organisation`, { at: `agent.yaml:${source.place('/owner/organisation/web', 'value')}`, hint: 'give the address of the organisation a path, such as https://agents.example.com/organisation' });
  }
  return [...documentsAt(agents, agentWeb, agent), ...documentsAt(organisations, organisationWeb, organisation)];
}

function baseOf({ manifest }: Pick<Session, 'manifest'>): string | undefined {
  return (manifest['trust'] as { readonly publish?: { readonly base?: string } } | undefined)?.publish?.base;
}

/** A did:web of another origin is published there, not here: the copy at our own place says what has to be put there. */
function placesHere(web: string, base: string | undefined): readonly string[] {
  const { origin, pathname } = new URL(didWebUrl(didWebOf(web)));
  return base === undefined || base === origin ? [pathname.slice(1)] : [];
}

function documentsAt(paths: readonly string[], web: string | undefined, history: KeyHistory): readonly PublishedFile[] {
  return paths.map((path) => ({ path, text: canonical(didDocumentOf(history, web)) }));
}

function speaking(history: KeyHistory): string {
  const current = currentOf(history);
  if (!current) throw new Fault('REFUSED', `every key of ${history.root} was withdrawn: there is nothing to publish`, { hint: 'agentctl identity show' });
  return current.did;
}

async function optional(session: Session, path: string, digest: unknown): Promise<readonly PublishedFile[]> {
  return digest === undefined ? [] : [{ path, text: await textOf(session, digest, path) }];
}

async function checkpointOf(session: Session): Promise<string> {
  await signCheckpoint(session);
  const checkpoint = await session.store.checkpoint(session.chain);
  if (!checkpoint) throw new Fault('EVIDENCE_MISSING', 'the log has no checkpoint yet', { hint: 'agentctl audit checkpoint' });
  return checkpoint.note;
}

export function agentDid({ agent }: Session): string {
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  return agent.did;
}

export async function textOf({ store }: Session, digest: unknown, what: string): Promise<string> {
  const text = await readBlobText(store, digest);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the ${what} is gone from the store`, { hint: 'agentctl audit verify' });
  return text;
}
