/** `trust publish`: writes the folder to be served, then walks through it as a counterparty would; a broken link is no publication. */
import { readEnvelope } from '../../attestation/dsse.js';
import { sigstoreBundle } from '../../attestation/sigstore-bundle.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import type { JsonObject } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import { didKeyDocument, didWebDocument, didWebOf, didWebUrl } from '../../identity/did-document.js';
import { keyOfDid } from '../../identity/did-key.js';
import { SIDECAR, sidecarText, signDirectory } from '../../identity/key-directory.js';
import { publicationPage } from '../../registries/page.js';
import { keyDirectory, PUBLISHED, signPublication, type PublishedFile } from '../../registries/publication.js';
import type { IdentitySection } from '../../steps/01-identity.js';
import { signCheckpoint } from '../checkpoint.js';
import { editWarnings } from '../edit-marks.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { readBlobText, recordEvidence, textBlob, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { currentCertificate, trustSectionOf } from './card.js';
import { walk } from './walk.js';

export const run: Verb = async (session) => {
  const { manifest, world, keys, store, chain } = session;
  const { publish, registries } = trustSectionOf(session);
  refuseUnsafeFolder(session, publish.folder);
  for (const line of editWarnings(session.source.text)) world.talk.say(line);
  const issued = await currentCertificate(session);
  const carded = await currentCard(session, issued);
  const history = await store.readEvidence(chain, 'certificate.issued');
  const { organisation } = manifest.owner;
  const files = await filesOf(session, issued, carded, history);
  const issuer = await keys.openByDid('organisation', organisation.did);
  const certificate = issued.data['certificate'] as Digest;
  const list = await signPublication(files, { agent: agentDid(session), organisation: organisation.did, certificate, at: await gateTime(session) }, issuer);
  const folder = `${session.folder}/${publish.folder}`;
  for (const { path, text } of [...files, list]) await world.files.write(`${folder}/${path}`, text);
  await refuseBrokenWalk(session, folder);
  await recordEvidence(
    session, 'trust',
    { type: 'trust.published', data: { files: files.length + 1, manifest: digestBytes(list.text), card: carded.data['deliverable'] ?? null, certificate, history: history.length }, validUntil: String(issued.data['validUntil']) },
    { blobs: [textBlob(list.text, 'application/vnd.dsse+json')] },
  );
  const address = publish.base ?? 'https://<your origin>';
  return outcome({
    step: 'trust', verb: 'publish', headline: `${files.length + 1} files in ${publish.folder}, ready to be served; every link of the walk holds`,
    facts: [
      { label: 'serve at', value: `${address}, from its root` },
      { label: 'counterparties', value: `agentctl trust verify ${address} --trust ${organisation.did}` },
      { label: 'registries', value: registries.length === 0 ? 'registered nowhere, by choice' : `${registries.map((one) => one.kind).join(', ')}: not yet checkable` },
    ],
    tables: [{ title: 'Files', columns: ['file', 'sha256'], rows: [...files, list].map(({ path, text }) => [path, digestBytes(text).slice(7, 19)]) }],
    next: null,
    data: { folder: publish.folder, files: files.length + 1, manifest: digestBytes(list.text) },
  });
};

async function currentCard(session: Session, issued: Entry): Promise<Entry> {
  const carded = await session.store.latest(session.chain, 'trust.carded');
  const stale = carded && (await staleness(session, carded, await gateTime(session)));
  if (!carded || (stale?.length ?? 0) > 0 || carded.data['certificate'] !== issued.data['certificate']) {
    throw new Fault('EVIDENCE_MISSING', carded ? `the card is out of date${stale?.[0] === undefined ? '' : `: ${stale[0]}`}` : 'there is no card yet', { hint: 'agentctl trust card' });
  }
  return carded;
}

async function filesOf(session: Session, issued: Entry, carded: Entry, history: readonly Entry[]): Promise<readonly PublishedFile[]> {
  const { manifest, store, chain } = session;
  const { organisation } = manifest.owner;
  const did = agentDid(session);
  const envelope = await textOf(session, issued.data['deliverable'], 'certificate');
  const pact = await store.latest(chain, 'pact.signed');
  const documents = didDocuments(session, did);
  const files: readonly PublishedFile[] = [
    { path: PUBLISHED.card, text: await textOf(session, carded.data['deliverable'], 'agent card') },
    ...documents,
    ...(await keyFiles(session, keyDirectory(keyOfDid(did)), String(issued.data['validUntil']))),
    { path: PUBLISHED.organisation, text: canonical(didKeyDocument(keyOfDid(organisation.did))) },
    { path: PUBLISHED.certificate, text: envelope },
    { path: PUBLISHED.bundle, text: `${canonical(sigstoreBundle(readEnvelope(envelope), organisation.did))}\n` },
    { path: PUBLISHED.history, text: (await Promise.all(history.map((entry) => textOf(session, entry.data['deliverable'], 'former certificate')))).join('') },
    { path: PUBLISHED.build, text: session.build.text },
    { path: PUBLISHED.pact, text: await textOf(session, pact?.data['envelope'], 'signed pact') },
    { path: PUBLISHED.checkpoint, text: await checkpointOf(session) },
  ];
  const { name, version, description } = manifest.metadata;
  const page = publicationPage({
    name, version, description, organisation: organisation.name, agentDid: did, organisationDid: organisation.did,
    validUntil: readable(String(issued.data['validUntil'])), files: [...files.map((file) => file.path), PUBLISHED.list],
  });
  return [...files, { path: PUBLISHED.page, text: page }];
}

/** The key directory; and, where its origin is known, the headers that prove to a reader that whoever serves it holds the key. */
async function keyFiles(session: Session, text: string, expires: string): Promise<readonly PublishedFile[]> {
  const { base: origin } = trustSectionOf(session).publish;
  const directory = { path: PUBLISHED.keys, text };
  if (origin === undefined) return [directory];
  const agent = await session.keys.open({ role: 'agent', name: session.chain });
  const signed = await signDirectory(text, { origin, signers: [agent], created: await gateTime(session), expires });
  return [directory, { path: `${PUBLISHED.keys}${SIDECAR}`, text: sidecarText(signed) }];
}

/** At the well-known place, and where a did:web with a path is looked for. */
function didDocuments({ manifest }: Session, did: string): readonly PublishedFile[] {
  const web = (manifest['identity'] as IdentitySection | undefined)?.web;
  const document: JsonObject = web === undefined ? didKeyDocument(keyOfDid(did)) : didWebDocument(didWebOf(web), keyOfDid(did), [did]);
  const path = web === undefined ? PUBLISHED.did : new URL(didWebUrl(didWebOf(web))).pathname.slice(1);
  return [...new Set([PUBLISHED.did, path])].map((one) => ({ path: one, text: canonical(document) }));
}

async function checkpointOf(session: Session): Promise<string> {
  await signCheckpoint(session);
  const checkpoint = await session.store.checkpoint(session.chain);
  if (!checkpoint) throw new Fault('EVIDENCE_MISSING', 'the log has no checkpoint yet', { hint: 'agentctl audit checkpoint' });
  return checkpoint.note;
}

function agentDid({ agent }: Session): string {
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  return agent.did;
}

async function textOf({ store }: Session, digest: unknown, what: string): Promise<string> {
  const text = await readBlobText(store, digest);
  if (text === undefined) throw new Fault('DIGEST_MISMATCH', `the ${what} is gone from the store`, { hint: 'agentctl audit verify' });
  return text;
}

/** Everything in the folder becomes public, and whatever has one of our names is overwritten. */
function refuseUnsafeFolder({ build, source }: Session, folder: string): void {
  const path = folder.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  const at = `agent.yaml:${source.place('/trust/publish/folder', 'value')}`;
  const ours = ['', '.', 'artifacts', '.agentctl'].includes(path) || /^(artifacts|\.agentctl|\.config)\//.test(path);
  if (ours || build.document.files.some((file) => file.path.startsWith(`${path}/`))) throw new Fault('MANIFEST_INVALID', `trust.publish.folder "${folder}" holds other things than what is published`, { at, hint: 'folder: published' });
}

async function refuseBrokenWalk({ world, manifest }: Session, folder: string): Promise<void> {
  const read = async (path: string) => ((await world.files.exists(`${folder}/${path}`)) ? world.files.readText(`${folder}/${path}`) : undefined);
  const { links } = await walk({ read, trust: [manifest.owner.organisation.did], now: world.clock.now(), allowScripted: true });
  const broken = links.find((one) => one.exit !== EXIT.yes);
  if (broken) throw new Fault('REFUSED', `the folder does not lead a counterparty through: ${broken.link}: ${broken.because}`, { at: folder, hint: 'agentctl trust publish' });
}
