/** `trust history`: the certificates of an agent from the first to the newest, in words and as a file that travels with it; `--check` reads such a file as a counterparty. */
import { counted } from '../../domain/counted.js';
import { openHistory, type FormerCertificate } from '../../attestation/certificate-history.js';
import { authorityLink, link, type Speaks } from '../../attestation/certificate-links.js';
import { certificatePredicate, type CertificatePredicate } from '../../attestation/certificate.js';
import { conform } from '../../attestation/conform.js';
import { peekStatement } from '../../attestation/statement.js';
import { historiesOf, SILENT, type Histories } from '../../attestation/succession.js';
import { standingWith, type TrustRoot } from '../../attestation/trust-root.js';
import { digestBytes, digestJson, short } from '../../domain/digest.js';
import { combineExits, EXIT, Fault } from '../../domain/fault.js';
import type { LinkView, Report, Table } from '../../domain/report.js';
import type { World } from '../../domain/ports.js';
import { readable } from '../../domain/time.js';
import { soleKey, standingOf, type KeyHistory } from '../../identity/key-history.js';
import { PUBLISHED } from '../../registries/publication.js';
import { keyRecords } from '../key-history.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import type { Session } from '../session.js';
import { absolute, readTrustRoots } from '../trust-roots.js';
import { listOption, textOption, type Verb, type VerbInput } from '../verb.js';
import { certificateHistory } from './publication-files.js';
import { told } from './published.js';
import { plainFile } from '../plain-file.js';

export const run: Verb = async (session, input) => {
  const check = textOption(input, 'check');
  return check === undefined ? shown(session, input) : checked(session.world, input, check);
};

async function shown(session: Session, input: VerbInput): Promise<Report> {
  const { store, chain, manifest, world } = session;
  const text = await certificateHistory(session);
  if (text === '') throw new Fault('EVIDENCE_MISSING', `${manifest.owner.organisation.name} has issued no certificate yet`, { hint: 'agentctl certify --as <operator>' });
  const items = await openHistory(text, (await keyRecords(store, manifest)).histories);
  const out = textOption(input, 'out');
  if (out !== undefined) await refuseExisting(world, absolute(world, out), '{"payload":');
  if (out !== undefined) await world.files.write(absolute(world, out), text);
  const revoked = new Set((await store.readEvidence(chain, 'certificate.revoked')).map(({ data }) => String(data['certificate'])));
  return outcome({
    step: 'trust', verb: 'history', headline: `${counted(items.length, 'certificate')} of ${manifest.metadata.name}, each signed by ${manifest.owner.organisation.name} and naming the one before`,
    facts: out === undefined ? [] : [{ label: 'written', value: out }, { label: 'sha256', value: digestBytes(text) }],
    tables: [tableOf(items, ({ certificate, predicate, counts }) => (!counts ? 'key stolen' : revoked.has(certificate) ? 'revoked' : world.clock.now() >= predicate.validUntil ? 'ended' : 'in force'))],
    next: out === undefined ? `agentctl trust history --out ${PUBLISHED.history}` : `agentctl trust history --check ${out} --trust ${manifest.owner.organisation.did}`,
    data: { certificates: items.map(({ certificate }) => certificate), ...(out === undefined ? {} : { file: out, digest: digestBytes(text) }) },
  });
}


function tableOf(items: readonly FormerCertificate[], standing: (item: FormerCertificate) => string): Table {
  return {
    title: 'Certificates', columns: ['from', 'until', 'certificate', 'version', 'build', 'composite', 'waived', 'renews', 'now'],
    rows: items.map((item) => {
      const { certificate, predicate: { validFrom, validUntil, agent, build, composite, waivers, previous } } = item;
      return [readable(validFrom), readable(validUntil), short(certificate), agent.version, short(digestJson(build)), composite ?? '-', String(waivers.length), previous === null ? '-' : short(previous), standing(item)];
    }),
  };
}

/** Offline: the file, a root, and the statements about keys that its newest certificate carries. */
async function checked(world: World, input: VerbInput, file: string): Promise<Report> {
  if (textOption(input, 'out') !== undefined) throw new Fault('USAGE', '--out writes the history, --check reads one', { at: '--out', hint: `agentctl trust history --out ${PUBLISHED.history}` });
  const path = absolute(world, file);
  await plainFile(world, path, { code: 'EVIDENCE_MISSING', what: 'history', given: file, hint: `agentctl trust history --out ${PUBLISHED.history}` });
  const trust = await readTrustRoots(world, listOption(input, 'trust'));
  const text = await world.files.readText(path);
  let items: readonly FormerCertificate[] = [];
  let keysOf: Histories = soleKey;
  const whole = await told('history', async () => {
    keysOf = await keysCarried(text);
    items = await openHistory(text, keysOf);
    return `${counted(items.length, 'certificate')}, each signed by its organisation and naming the one before`;
  });
  const newest = items.at(-1);
  const links: readonly LinkView[] = newest ? [whole, authorityOf(newest, keysOf(newest.predicate.organisation.did), trust), ...items.map(itemLink)] : [whole];
  const agent = newest ? { ...newest.predicate.agent, build: digestJson(newest.predicate.build) } : null;
  return { kind: 'certificate', exit: combineExits(links.map((one) => one.exit)), data: { certificate: newest?.certificate ?? '', agent, issuer: newest?.predicate.organisation.did ?? null, signer: newest?.signer ?? null, links } };
}

function authorityOf({ predicate, signer }: FormerCertificate, history: KeyHistory, trust: readonly TrustRoot[] | null): LinkView {
  const speaks: Speaks = (did, at) => (trust === null ? standingOf(history, did, at) : standingWith(trust, history, did, at));
  return authorityLink(predicate, { key: signer, speaks, trusted: trust !== null });
}

/** The newest certificate carries every statement about keys that was made until then. */
async function keysCarried(text: string): Promise<Histories> {
  const newest = text.split('\n').findLast((line) => line !== '');
  if (newest === undefined) return soleKey;
  const { keys = [], organisation } = conform<CertificatePredicate>(certificatePredicate, peekStatement(newest).predicate, 'newest certificate');
  return historiesOf(keys, organisation.did);
}

/** What each says of its time. Whether one was revoked later, a file cannot tell. */
function itemLink({ counts, signer, predicate: { validFrom, validUntil, agent, build, composite, waivers, ceremony } }: FormerCertificate, index: number): LinkView {
  if (!counts) return link(String(index + 1), 'no', `${readable(validFrom)} until ${readable(validUntil)}: ${SILENT.compromised(signer)}`, EXIT.no);
  const notes = [`${agent.name} ${agent.version}, build ${short(digestJson(build))}`, `composite ${composite ?? 'none'}`, ...(waivers.length > 0 ? [`${waivers.length} waived`] : []), ...(ceremony === 'scripted' ? ['signed by scripts'] : [])];
  return link(String(index + 1), 'yes', `${readable(validFrom)} until ${readable(validUntil)}: ${notes.join(', ')}`, EXIT.yes);
}
