/** `trust card`: the organisation signs the agent's A2A card, with what agent.yaml and the newest certificate say. */
import { buildAgentCard, signAgentCard, verifyAgentCard, type CertificationStatus, type CertificationWord } from '../../attestation/agent-card.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import type { Json, JsonObject } from '../../domain/json.js';
import { addDuration, readable } from '../../domain/time.js';
import { PUBLISHED } from '../../registries/publication.js';
import { cardFacts, type TrustSection } from '../../steps/11-trust.js';
import { revocationOf } from '../certify/status-list.js';
import { keyRecords } from '../key-history.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const section = trustSectionOf(session);
  const { issued, word } = await currentCertificate(session);
  const issuer = await session.keys.openByDid('organisation', session.manifest.owner.organisation.did);
  const certification = certificationStatus(session, section, issued, word);
  const signed = await signAgentCard(buildAgentCard({ ...cardFacts(session.manifest, section), certification }), issuer, { kid: issuer.did });
  const card = await withFormerKey(session, signed, issuer.did);
  const verdict = await verifyAgentCard(card, [{ kid: issuer.did, publicKey: issuer.publicKey }]);
  if (!verdict.ok) throw new Fault('REFUSED', `the card would not verify: ${verdict.because}`, { hint: 'agentctl identity verify' });
  const text = `${canonical(card)}\n`;
  const certificate = String(issued.data['certificate']);
  const validUntil = String(issued.data['validUntil']);
  await recordEvidence(session, 'trust', { type: 'trust.carded', validUntil, data: { deliverable: digestBytes(text), certificate } }, { artifacts: [{ file: 'agent-card.json', text }] });
  return outcome({
    step: 'trust', verb: 'card', headline: `the card of ${String(card['name'])} is signed: ${word === 'certified' ? `certified until ${readable(validUntil)}` : word}`,
    facts: [
      { label: 'skills', value: session.manifest.capabilities.map((item) => item.id).join(', ') },
      { label: 'certificate', value: certificate },
      { label: 'written', value: 'artifacts/agent-card.json' },
    ],
    next: 'agentctl trust publish',
    data: { card: card as Json, certificate },
  });
};

/** How long after a rotation the card carries the signature of the former key too, for readers who have not followed yet. */
const OVERLAP = 'P30D';

/** The card, signed by the key that the present one replaced as well; without it when that key was withdrawn, is long gone, or is not here any more. */
async function withFormerKey({ store, manifest, keys, world }: Session, card: JsonObject, current: string): Promise<JsonObject> {
  const history = (await keyRecords(store, manifest)).histories(manifest.owner.organisation.did);
  const former = history.keys.findLast(({ did, ended }) => did !== current && ended?.cause === 'superseded');
  if (!former?.ended || world.clock.now() >= addDuration(former.ended.at, OVERLAP)) return card;
  try {
    return await signAgentCard(card, await keys.openFormer('organisation', former.did), { kid: former.did });
  } catch (error) {
    if (error instanceof Fault && error.code === 'KEY_MISSING') return card;
    throw error;
  }
}

/** @throws {Fault} MANIFEST_INVALID */
export function trustSectionOf({ manifest }: Pick<Session, 'manifest'>): TrustSection {
  const section = manifest['trust'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "trust"', { at: 'agent.yaml', hint: 'agentctl explain trust' });
  // The manifest was validated against the schema of this section.
  return section as unknown as TrustSection;
}

export interface CurrentCertificate {
  readonly issued: Entry;
  /** What the card has to say of it. */
  readonly word: Exclude<CertificationWord, 'uncertified'>;
}

/**
 * The newest certificate, if it still stands: nobody is told "certified" on the strength of a stale one. That it was revoked or has expired is
 * told openly, to whoever still has the address.
 * @throws {Fault} BLOCKED
 */
export async function currentCertificate(session: Session): Promise<CurrentCertificate> {
  const { store, chain, build } = session;
  const issued = await store.latest(chain, 'certificate.issued');
  if (!issued) throw new Fault('BLOCKED', 'there is no certificate to publish', { hint: 'agentctl certify --as <operator>' });
  if (await revocationOf(session, issued.data['certificate'])) return { issued, word: 'revoked' };
  const now = await gateTime(session);
  if (String(issued.data['validUntil']) <= now) return { issued, word: 'expired' };
  const [stale] = await staleness(session, issued, now);
  if (stale !== undefined) throw new Fault('BLOCKED', `the certificate no longer stands: ${stale}`, { hint: 'agentctl certify --as <operator>' });
  if (issued.data['build'] !== build.digest) throw new Fault('BLOCKED', 'the certificate is about another build', { hint: 'agentctl apply' });
  return { issued, word: 'certified' };
}

function certificationStatus({ agent, manifest }: Session, { publish }: TrustSection, issued: Entry, status: CertificationWord): CertificationStatus {
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  return {
    status, did: agent.did, issuer: manifest.owner.organisation.did, build: issued.data['build'] as Digest,
    certificate: String(issued.data['certificate']), validUntil: String(issued.data['validUntil']),
    ...(publish.base === undefined ? {} : { certificateUrl: `${publish.base}/${PUBLISHED.certificate}` }),
  };
}
