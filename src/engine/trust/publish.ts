/** `trust publish`: puts together what is to be served, walks through it as a counterparty would, and writes the folder; a broken link is no publication. */
import { counted } from '../../domain/counted.js';
import type { Digest } from '../../domain/digest.js';
import { digestBytes } from '../../domain/digest.js';
import { EXIT, Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import { asObject, parseJson } from '../../domain/json.js';
import { PUBLISHED, signPublication, type PublishedFile } from '../../registries/publication.js';
import { certificationParams } from '../../steps/11-trust.js';
import { editWarnings } from '../edit-marks.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { recordEvidence, textBlob, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';
import { currentCertificate, trustSectionOf, type CurrentCertificate } from './card.js';
import { agentDid, filesBesideList, publicationFiles, statusLists, textOf } from './publication-files.js';
import type { ReadPublished } from './published.js';
import { walk } from './walk.js';
import { issuedHere } from '../certify/issued.js';

export const run: Verb = async (session, input) => {
  const { manifest, world, keys } = session;
  const { publish, registries } = trustSectionOf(session);
  refuseUnsafeFolder(session, publish.folder);
  const folder = `${session.folder}/${publish.folder}`;
  if (input.options['statusOnly'] === true) return refreshStatus(session, folder, publish.folder);
  for (const line of editWarnings(session.source.text)) world.talk.say(line);
  const current = await currentCertificate(session);
  const { issued, word } = current;
  const carded = await currentCard(session, current);
  const { organisation } = manifest.owner;
  const listed = await publicationFiles(session, { ...current, carded });
  const issuer = await keys.openByDid('organisation', organisation.did);
  const certificate = issued.data['certificate'] as Digest;
  const list = await signPublication(listed, { agent: agentDid(session), organisation: organisation.did, certificate, at: await gateTime(session) }, issuer);
  const files = [...listed, list, ...(await filesBesideList(session))];
  // Before it is written, so that what is served stays as it is unless a counterparty gets through; and as it was written.
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  await refuseBrokenWalk(session, async (path) => texts.get(path), { folder, word });
  await write(session, folder, files);
  await refuseBrokenWalk(session, async (path) => ((await world.files.exists(`${folder}/${path}`)) ? world.files.readText(`${folder}/${path}`) : undefined), { folder, word });
  // A folder that says "revoked" is right to be published, and proves nothing of this step.
  if (word === 'certified') {
    await recordEvidence(
      session, 'trust',
      { type: 'trust.published', data: { files: files.length, manifest: digestBytes(list.text), card: carded.data['deliverable'] ?? null, certificate, history: (await issuedHere(session)).length }, validUntil: String(issued.data['validUntil']) },
      { blobs: [textBlob(list.text, 'application/vnd.dsse+json')] },
    );
  }
  const address = publish.base ?? 'https://<your origin>';
  return outcome({
    step: 'trust', verb: 'publish',
    headline: `${counted(files.length, 'file')} in ${publish.folder}, ready to be served; ${word === 'certified' ? 'every link of the walk holds' : `whoever walks through them reads that the certificate is ${word}`}`,
    facts: [
      { label: 'serve at', value: `${address}, from its root` },
      { label: 'counterparties', value: `agentctl trust verify ${address} --trust ${organisation.did}` },
      { label: 'registries', value: registries.length === 0 ? 'registered nowhere, by choice' : `${registries.map((one) => one.kind).join(', ')}: not yet checkable` },
    ],
    tables: [{ title: 'Files', columns: ['file', 'sha256'], rows: files.map(({ path, text }) => [path, digestBytes(text).slice(7, 19)]) }],
    next: null,
    data: { folder: publish.folder, files: files.length, manifest: digestBytes(list.text), status: word },
  });
};

/** The lists alone, which end every few days: nothing else is signed again. */
async function refreshStatus(session: Session, folder: string, name: string) {
  const lists = await statusLists(session);
  if (lists.length === 0) throw new Fault('EVIDENCE_MISSING', 'there is no status list to publish', { at: 'artifacts/status', hint: 'agentctl certify status --refresh' });
  if (!(await session.world.files.exists(`${folder}/${PUBLISHED.list}`))) throw new Fault('EVIDENCE_MISSING', 'nothing is published yet that the lists could be put beside', { at: name, hint: 'agentctl trust publish' });
  await write(session, folder, lists);
  return outcome({
    step: 'trust', verb: 'publish', headline: `${counted(lists.length, 'status list')} in ${name}, as signed last`,
    facts: lists.map(({ path, text }) => ({ label: path, value: digestBytes(text) })), next: null, data: { folder: name, files: lists.length },
  });
}

async function write({ world }: Session, folder: string, files: readonly PublishedFile[]): Promise<void> {
  for (const { path, text } of files) await world.files.write(`${folder}/${path}`, text);
}

async function currentCard(session: Session, { issued, word }: CurrentCertificate): Promise<Entry> {
  const carded = await session.store.latest(session.chain, 'trust.carded');
  if (!carded) throw new Fault('EVIDENCE_MISSING', 'there is no card yet', { hint: 'agentctl trust card' });
  const stale = word === 'certified' ? await staleness(session, carded, await gateTime(session)) : [];
  const card = asObject(parseJson(await textOf(session, carded.data['deliverable'], 'agent card'), 'agent card'), 'agent card');
  if (stale.length > 0 || carded.data['certificate'] !== issued.data['certificate'] || certificationParams(card)['status'] !== word) {
    throw new Fault('EVIDENCE_MISSING', `the card is out of date${stale[0] === undefined ? '' : `: ${stale[0]}`}`, { hint: 'agentctl trust card' });
  }
  return carded;
}

/** Everything in the folder becomes public, and whatever has one of our names is overwritten. */
function refuseUnsafeFolder({ build, source }: Session, folder: string): void {
  const path = folder.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  const at = `agent.yaml:${source.place('/trust/publish/folder', 'value')}`;
  const ours = ['', '.', 'artifacts', '.agentctl'].includes(path) || /^(artifacts|\.agentctl|\.config)\//.test(path);
  if (ours || build.document.files.some((file) => file.path.startsWith(`${path}/`))) throw new Fault('MANIFEST_INVALID', `trust.publish.folder "${folder}" holds other things than what is published`, { at, hint: 'folder: published' });
}

/** Links that a certificate which no longer counts breaks by itself; waivers may have ended before it. */
const BROKEN_BY: Readonly<Record<CurrentCertificate['word'], readonly string[]>> = { certified: [], expired: ['freshness', 'credential', 'policy'], revoked: ['revocation', 'freshness', 'credential', 'policy'] };

/** What mends a link; a certificate issued anew mends most of them. */
const HINTS: Readonly<Record<string, string>> = { revocation: 'agentctl certify status --refresh', card: 'agentctl trust card', identity: 'agentctl identity register', owner: 'agentctl identity register' };

async function refuseBrokenWalk({ world, manifest }: Session, read: ReadPublished, { folder, word }: { readonly folder: string; readonly word: CurrentCertificate['word'] }): Promise<void> {
  const { links } = await walk({ read, trust: [manifest.owner.organisation.did], now: world.clock.now(), allowScripted: true });
  const broken = links.find((one) => one.exit !== EXIT.yes && !BROKEN_BY[word].includes(one.link));
  if (broken) throw new Fault('REFUSED', `the folder does not lead a counterparty through: ${broken.link}: ${broken.because}`, { at: folder, hint: HINTS[broken.link] ?? 'agentctl certify --as <operator>' });
}
