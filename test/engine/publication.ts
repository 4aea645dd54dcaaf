/** A published folder with everything that one can hold, made of test keys: for tests to walk through and to forge. */
import type { Json, JsonObject } from '../../src/domain/json.js';
import type { Signer } from '../../src/domain/ports.js';
import { buildAgentCard, signAgentCard, type CertificationWord } from '../../src/attestation/agent-card.js';
import { candidateDigest, certificateStatement, SIGN_OFF, type CertificatePredicate } from '../../src/attestation/certificate.js';
import { credentialOf, signCredential } from '../../src/attestation/credential.js';
import { envelopeText, payloadOf, signEnvelope, type Envelope } from '../../src/attestation/dsse.js';
import { signAct } from '../../src/attestation/human-act.js';
import { signAcceptance, signOwnership } from '../../src/attestation/ownership.js';
import { signStatement } from '../../src/attestation/statement.js';
import { statusListOf } from '../../src/attestation/status-list.js';
import { svrStatement } from '../../src/attestation/svr.js';
import { canonical } from '../../src/domain/canonical.js';
import { digestBytes, digestJson, type Digest } from '../../src/domain/digest.js';
import { walk, type Walk } from '../../src/engine/trust/walk.js';
import { didKeyDocument } from '../../src/identity/did-document.js';
import { signerOf } from '../../src/identity/signer.js';
import { formatVerifierKey, signCheckpointNote } from '../../src/ledger/checkpoint.js';
import { publicationPage } from '../../src/registries/page.js';
import { keyDirectory, PUBLISHED, signPublication } from '../../src/registries/publication.js';
import { act, agent, AGENT_ID, ann, BUILD, NOW, organisation, predicate, SECTIONS } from '../attestation/certified.js';

export const ORIGIN = 'https://agents.example.com';
export const LIST = `${ORIGIN}/status/1.json`;
export const PLACE = 94_567;
export const FROM = '2026-11-20T00:00:00.000Z';
export const UNTIL = '2027-02-18T00:00:00.000Z';
const LOG = 'example/1';
const log = await signerOf(new Uint8Array(32).fill(9));
const PACT_PAYLOAD = new TextEncoder().encode('{"pact":true}');
export const INTERFACE = `${ORIGIN}/mail-triage`;

export interface Making {
  readonly claim?: Partial<CertificatePredicate>;
  /** Signs card, list and status list. */
  readonly signer?: Signer;
  readonly word?: CertificationWord;
  readonly card?: (card: JsonObject, signer: Signer) => Promise<JsonObject>;
  readonly status?: { readonly validFrom?: string; readonly validUntil?: string; readonly revoked?: readonly number[] };
  readonly statements?: readonly Envelope[];
  readonly directory?: readonly Uint8Array[];
  /** Last changes to what is listed, before the list is signed. */
  readonly listed?: (files: Map<string, string>) => void;
}

export async function certificateOf(claim: Partial<CertificatePredicate> = {}): Promise<{ readonly envelope: Envelope; readonly claim: CertificatePredicate; readonly digest: Digest }> {
  const owned = { agent: { id: AGENT_ID, did: agent.did }, organisation: { name: 'Example Mail', did: organisation.did }, log: formatVerifierKey(LOG, log.publicKey), permissions: digestBytes('permissions'), at: NOW };
  const credential = await signOwnership(owned, organisation);
  const pact = digestBytes(PACT_PAYLOAD);
  const usual = await predicate({});
  const whole: CertificatePredicate = {
    ...usual,
    ownership: { credential, acceptance: await signAcceptance(credential, NOW, agent) },
    ledger: { ...usual.ledger, size: 42, checkpoint: await signCheckpointNote({ origin: LOG, size: 42, root: 'c'.repeat(64) }, log) },
    status: { list: LIST, index: PLACE },
    ...claim,
  };
  const rebound = { ...whole, pact: { ...whole.pact, digest: pact }, ...(await signedOff(pact)) };
  const envelope = await signStatement(certificateStatement(rebound, digestJson(rebound.build), pact), organisation);
  return { envelope, claim: rebound, digest: digestBytes(payloadOf(envelope)) };
}

/** The candidate, signed off, for a pact whose document we have. */
async function signedOff(pact: Digest): Promise<Pick<CertificatePredicate, 'candidate' | 'signOffs'>> {
  const candidate = candidateDigest({ build: digestJson(BUILD), pact, sections: SECTIONS });
  return { candidate, signOffs: [await signAct(act({ act: SIGN_OFF }), candidate, ann)] };
}

export function statusList(signer: Signer, { validFrom = FROM, validUntil = '2026-12-04T00:00:00.000Z', revoked = [] }: Making['status'] = {}, change: (list: JsonObject) => JsonObject = (list) => list): Promise<string> {
  return signCredential(change(statusListOf({ url: LIST, issuer: { id: signer.did, name: 'Example Mail' }, validFrom, validUntil, revoked })), signer, validFrom);
}

export function cardOf({ agent: { did, version }, organisation: { did: issuer }, build, validUntil }: CertificatePredicate, certificate: Digest, status: CertificationWord): JsonObject {
  return buildAgentCard({
    name: 'mail-triage', description: 'Sorts mail and asks a human when in doubt.', version,
    interfaces: [{ url: INTERFACE, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
    provider: { organization: 'Example Mail', url: 'https://example.com' },
    skills: [{ id: 'triage', name: 'Triage', description: 'Deliver, quarantine or ask.', tags: ['mail'] }],
    certification: { status, did, issuer, build: digestJson(build), certificate, validUntil, certificateUrl: `${ORIGIN}/${PUBLISHED.certificate}` },
  });
}

export async function publication({ claim: changes, signer = organisation, word = 'certified', card, status, statements = [], directory = [agent.publicKey], listed }: Making = {}): Promise<Map<string, string>> {
  const { envelope, claim, digest } = await certificateOf(changes);
  const sign = card ?? ((bare: JsonObject, by: Signer) => signAgentCard(bare, by, { kid: by.did }));
  const subject = [{ name: 'artifacts/build.json', digest: digestJson(claim.build) }, { name: 'pact', digest: claim.pact.digest }];
  const files = new Map<string, string>([
    [PUBLISHED.card, `${canonical(await sign(cardOf(claim, digest, word), signer))}\n`],
    [PUBLISHED.did, canonical(didKeyDocument(agent.publicKey))],
    [PUBLISHED.organisation, canonical(didKeyDocument(organisation.publicKey))],
    [PUBLISHED.keys, keyDirectory(...directory)],
    [PUBLISHED.certificate, envelopeText(envelope)],
    [PUBLISHED.credential, await signCredential(credentialOf(claim, digest, organisation.did), organisation, FROM)],
    [PUBLISHED.summary, envelopeText(await signStatement(svrStatement(claim, subject), organisation))],
    ...(statements.length > 0 ? [[PUBLISHED.successions, statements.map(envelopeText).join('')] as const] : []),
    [PUBLISHED.history, envelopeText(envelope)],
    [PUBLISHED.build, canonical(claim.build as unknown as Json)],
    [PUBLISHED.pact, envelopeText(await signEnvelope('application/vnd.in-toto+json', PACT_PAYLOAD, organisation))],
    [PUBLISHED.checkpoint, await signCheckpointNote({ origin: LOG, size: 50, root: 'd'.repeat(64) }, log)],
    [PUBLISHED.page, publicationPage({ name: 'mail-triage', version: '1.0.0', description: 'Sorts mail.', organisation: 'Example Mail', agentDid: agent.did, organisationDid: organisation.did, word: 'certified', validUntil: UNTIL, files: [] })],
  ]);
  listed?.(files);
  const list = await signPublication([...files].map(([path, text]) => ({ path, text })), { agent: agent.did, organisation: organisation.did, certificate: digest, at: NOW }, signer);
  files.set(list.path, list.text);
  files.set('status/1.json', await statusList(signer, status));
  return files;
}

/** The walk of a counterparty who trusts the organisation, over files that lie at {@link ORIGIN}. */
export function walkOver(files: ReadonlyMap<string, string>, changes: Partial<Walk> = {}) {
  return walk({ read: (path) => Promise.resolve(files.get(path)), trust: [organisation.did], now: NOW, allowScripted: false, origin: ORIGIN, ...changes });
}
