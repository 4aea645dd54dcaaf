/** Step 11: a counterparty who has never heard of us can find the agent, its owner, its card and its certificate, and check each. */
import { counted } from '../domain/counted.js';
import { CERTIFICATION_EXTENSION, verifyAgentCard } from '../attestation/agent-card.js';
import { recordedHistories } from '../attestation/succession.js';
import { canonical } from '../domain/canonical.js';
import type { Digest } from '../domain/digest.js';
import type { Entry } from '../domain/entry.js';
import { Fault } from '../domain/fault.js';
import { isObject, parseJson, type Json, type JsonObject } from '../domain/json.js';
import { financialAuthority, idOf, pathOf, type CommonManifest } from '../domain/manifest.js';
import { list, object, oneOf, optional, string, type TypeOf } from '../domain/schema.js';
import { defineStep, no, notApplicable, unknown, yes, type Answer, type StepIo } from '../domain/step.js';
import type { Instant } from '../domain/time.js';
import { keyOfDid } from '../identity/did-key.js';
import { standingOf } from '../identity/key-history.js';

const URL_FORM = '^https://[^\\s?#]+$';

export const trustSection = object(
  {
    card: object({
      name: optional(string({ description: 'Name on the card; otherwise the name of the agent.' })),
      url: string({ description: 'Public address at which the agent answers.', pattern: URL_FORM, examples: ['https://agents.example.com/mail-triage/a2a'] }),
      binding: optional(oneOf(['JSONRPC', 'GRPC', 'HTTP+JSON'], { description: 'Protocol of that address, as A2A names it.', default: 'HTTP+JSON' })),
      provider: object({
        organisation: string({ description: 'Organisation that offers the agent.' }),
        url: string({ description: 'Its web address.', pattern: URL_FORM }),
      }),
    }),
    publish: object({
      folder: pathOf('Folder to write, beside agent.yaml: what your web server then serves from the root of its origin.'),
      base: optional(string({ description: 'Origin that will serve it, such as https://agents.example.com.', pattern: '^https://[^\\s/?#]+$' })),
    }),
    registries: list(
      object({
        kind: oneOf(['armalo', 'erc8004'], { description: 'Registry.' }),
        id: optional(idOf('Id of the agent there.')),
      }),
      { description: 'Registries that the agent is to be listed in; empty: none, by choice.' },
    ),
  },
  { description: 'What is published for counterparties, and where.' },
);
export type TrustSection = TypeOf<typeof trustSection>;

type Card = { signature: string; differs: readonly string[]; status: string };
type Facts = { money: readonly string[]; card: Card | null; published: { files: number; history: number; current: boolean } | null; certificates: number; revoked: boolean };

const CARD = 'agentctl trust card';
const PUBLISH = 'agentctl trust publish';

export const trust = defineStep<TrustSection, Facts>({
  number: 11,
  id: 'trust',
  title: 'Trust registration',
  question: 'Can a counterparty verify the agent without asking us?',
  owner: ['product'],
  ifSkipped: 'no portable identity',
  requires: ['identity', 'certify'],
  inputs: ['deliverable:identity', 'deliverable:certify', 'trust'],
  deliverable: { name: 'registration + bond + AgentCard', file: 'agent-card.json', mediaType: 'application/json' },
  section: { key: 'trust', schema: trustSection },
  verbs: [
    { name: 'card', summary: 'sign the A2A agent card, with its capabilities and the status of its certificate', mutates: true, needsHuman: false, produces: ['trust.carded'] },
    {
      name: 'publish', summary: 'write the folder to be served: DID documents, card, certificates, build; and walk through it as a counterparty', mutates: true, needsHuman: false, produces: ['trust.published'],
      options: [{ flags: '--status-only', description: 'put only the newest status lists there, which end every few days' }],
    },
    {
      name: 'verify', summary: 'walk identity, owner, card and certificate of any published agent as a counterparty; needs no agent.yaml', mutates: false, needsHuman: false, produces: [], outside: true,
      arguments: [
        { name: 'place', description: 'https origin that publishes the agent (http on loopback), or its did:web' },
        { name: 'did', description: 'DID that the agent, or its organisation, must have there', required: false },
      ],
      options: [
        { flags: '--trust <root...>', description: 'whom you trust: a did:key, or a file that holds one' },
        { flags: '--allow-scripted', description: 'accept sign-offs made by a script instead of a human' },
        { flags: '--maximum-age <duration>', description: 'refuse a certificate older than this, such as P30D' },
      ],
    },
    {
      name: 'history', summary: 'show every certificate from the first on, each naming the one before; write them into one file, or check such a file offline', mutates: false, needsHuman: false, produces: [], outside: 'check',
      options: [
        { flags: '--out <file>', description: 'write the certificates as JSON Lines of envelopes' },
        { flags: '--check <file>', description: 'verify such a file as a counterparty; needs no agent.yaml' },
        { flags: '--trust <root...>', description: 'whom you trust: a did:key, or a file that holds one' },
      ],
    },
  ],
  async gather(spec, io) {
    const carded = await io.evidence.latest('trust.carded');
    const published = await io.evidence.latest('trust.published');
    const issued = await io.evidence.latest('certificate.issued');
    return {
      money: financialAuthority(io.manifest),
      card: carded ? await cardOf(carded, issued?.data['certificate'], spec, io) : null,
      published: published ? { files: Number(published.data['files']), history: Number(published.data['history']), current: published.data['card'] === carded?.data['deliverable'] } : null,
      certificates: await issuedSince(io),
      revoked: (await io.evidence.list('certificate.revoked')).some(({ data }) => data['certificate'] === issued?.data['certificate']),
    };
  },
  probes: [
    {
      id: 'trust.armalo', row: '11.1', question: 'Are identity and pacts registered with Armalo\'s trust layer?', severity: 'must', proof: 'measured', remedy: 'a later release registers them; or take it out of trust.registries',
      answer: (_facts, { registries }) => registered(registries, 'armalo'),
    },
    {
      id: 'trust.bond', row: '11.2', question: 'Is a bond staked to the declared scope and authority?', severity: 'must', proof: 'measured', remedy: 'a later release stakes and reads bonds',
      answer: ({ money }) => (money[0] === undefined ? notApplicable('no financial authority: no capability has an amount path or a payment permission') : unknown(`not yet checkable, and the agent has financial authority (${money[0]})`)),
    },
    {
      id: 'trust.card-signed', row: '11.3', question: 'Is the agent card signed by its owner?', severity: 'must', proof: 'measured', remedy: CARD,
      answer: ({ card }) => (card === null ? unknown('no card yet') : card.signature === 'holds' ? yes('signed by the organisation (A2A 1.0, JWS); checked again just now') : no(card.signature)),
    },
    {
      id: 'trust.card-accurate', row: '11.3', question: 'Does the card say what agent.yaml and the newest certificate say?', severity: 'must', proof: 'measured', remedy: CARD,
      answer: ({ card, revoked }) => {
        if (card === null) return unknown('no card yet');
        if (revoked && card.status !== 'revoked') return no(`the certificate was revoked, and the card says "${card.status}"`);
        return card.differs.length > 0 ? unknown(`the card is out of date: ${card.differs.join(', ')}`) : yes(`capabilities, version and certificate agree; status "${card.status}"`);
      },
    },
    {
      id: 'trust.walk', row: '11.4', question: 'Does the published folder lead a counterparty from identity over owner and card to the certificate?', severity: 'must', proof: 'measured', remedy: PUBLISH,
      answer: ({ published, card, revoked }) => {
        if (published === null) return unknown('nothing published yet');
        if (revoked) return no('the certificate that it leads to was revoked');
        return published.current || card === null ? yes(`every link of the walk holds over ${counted(published.files, 'file')}`) : unknown('the published card is not the newest one');
      },
    },
    {
      id: 'trust.reachable', row: '11.4', question: 'Was it verified at its public address?', severity: 'should', proof: 'measured', remedy: 'agentctl trust verify <url> --trust <did>',
      answer: () => unknown('agentctl wrote the folder, it does not serve it; anybody can run the remedy'),
    },
    {
      id: 'trust.erc8004', row: '11.5', question: 'Is the agent listed in an open registry (ERC-8004)?', severity: 'should', proof: 'measured', remedy: 'a later release registers it',
      answer: (_facts, { registries }) => registered(registries, 'erc8004'),
    },
    {
      id: 'trust.track-record', row: '11.6', question: 'Does its certificate history travel with the agent?', severity: 'should', proof: 'measured', remedy: PUBLISH,
      answer: ({ published, certificates }) => {
        if (published === null) return unknown('nothing published yet');
        return published.history < certificates ? unknown(`${published.history} of ${certificates} certificates are in the published folder`) : yes(`${counted(published.history, 'certificate')} in certificates.intoto.jsonl, each naming the one before`);
      },
    },
  ],
  deliver: ({ card, published }) => ({ status: card?.status ?? null, files: published?.files ?? 0 }),
});

function registered(registries: TrustSection['registries'], kind: string): Answer {
  if (registries.some((one) => one.kind === kind)) return unknown(`configured, but not yet checkable: this release does not read ${kind}`);
  return notApplicable(registries.length === 0 ? 'registered nowhere, by choice' : `not registered with ${kind}, by choice`);
}

/** What a card has to say of the agent, besides its status: derived from agent.yaml alone, so that card and probe cannot differ. */
export function cardFacts({ metadata, capabilities }: Pick<CommonManifest, 'metadata' | 'capabilities'>, { card }: TrustSection) {
  return {
    name: card.name ?? metadata.name,
    description: metadata.description,
    version: metadata.version,
    interfaces: [{ url: card.url, protocolBinding: card.binding ?? 'HTTP+JSON', protocolVersion: '1.0' }],
    provider: { organization: card.provider.organisation, url: card.provider.url },
    skills: capabilities.map(({ id, description, permissions }) => ({ id, name: id, description, tags: [...permissions] })),
  };
}

async function cardOf({ data, ts }: Entry, certificate: Json | undefined, spec: TrustSection, io: StepIo): Promise<Card | null> {
  const text = await io.blob(data['deliverable'] as Digest);
  if (text === undefined) return null;
  const card = parseJson(text, 'agent card');
  if (!isObject(card)) return { signature: 'the stored card is no JSON object', differs: [], status: '' };
  const params = certificationParams(card);
  const wanted: JsonObject = { ...cardWords(io.manifest, spec), certificate: certificate ?? null };
  const found: JsonObject = { name: card['name'] ?? null, description: card['description'] ?? null, version: card['version'] ?? null, skills: card['skills'] ?? null, certificate: params['certificate'] ?? null };
  const differs = Object.keys(wanted).filter((key) => canonical(wanted[key] ?? null) !== canonical(found[key] ?? null));
  return { signature: await cardSignature(card, io, ts), differs, status: String(params['status'] ?? '') };
}

function cardWords(manifest: Pick<CommonManifest, 'metadata' | 'capabilities'>, section: TrustSection): JsonObject {
  const { name, description, version, skills } = cardFacts(manifest, section);
  return { name, description, version, skills };
}

/** The parameters of the certification extension; empty when the card has none, or two of which readers could take either. */
export function certificationParams(card: JsonObject): JsonObject {
  const capabilities = isObject(card['capabilities']) ? card['capabilities'] : {};
  const extensions = Array.isArray(capabilities['extensions']) ? (capabilities['extensions'] as readonly Json[]) : [];
  const [ours, second] = extensions.filter(isObject).filter((one) => one['uri'] === CERTIFICATION_EXTENSION);
  return second === undefined && isObject(ours?.['params']) ? ours['params'] : {};
}

/** Against the keys that spoke for the organisation when the card was recorded. */
async function cardSignature(card: JsonObject, io: StepIo, recorded: Instant): Promise<string> {
  try {
    const history = (await recordedHistories(io))(io.manifest.owner.organisation.did);
    const spoke = history.keys.filter(({ did }) => standingOf(history, did, recorded) === 'valid');
    const verdict = await verifyAgentCard(card, spoke.map(({ did }) => ({ kid: did, publicKey: keyOfDid(did) })));
    return verdict.ok ? 'holds' : verdict.because;
  } catch (error) {
    if (error instanceof Fault && error.code !== 'INTERNAL') return error.message;
    throw error;
  }
}

/** Certificates of the organisation that answers for the agent now: those of one before it end with it. */
async function issuedSince({ evidence, manifest }: Pick<StepIo, 'evidence' | 'manifest'>): Promise<number> {
  const began = (await evidence.list('identity.registered')).find(({ data }) => data['organisationDid'] === manifest.owner.organisation.did)?.seq ?? -1;
  return (await evidence.list('certificate.issued')).filter(({ seq }) => seq > began).length;
}
