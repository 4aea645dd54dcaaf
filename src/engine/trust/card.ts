/** `trust card`: the organisation signs the agent's A2A card, with what agent.yaml and the newest certificate say. */
import { buildAgentCard, signAgentCard, verifyAgentCard, type CertificationStatus } from '../../attestation/agent-card.js';
import { canonical } from '../../domain/canonical.js';
import { digestBytes, type Digest } from '../../domain/digest.js';
import { Fault } from '../../domain/fault.js';
import type { Entry } from '../../domain/entry.js';
import type { Json } from '../../domain/json.js';
import { readable } from '../../domain/time.js';
import { PUBLISHED } from '../../registries/publication.js';
import { cardFacts, type TrustSection } from '../../steps/11-trust.js';
import { staleness } from '../states.js';
import { gateTime } from '../status.js';
import { recordEvidence, type Session } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const section = trustSectionOf(session);
  const issued = await currentCertificate(session);
  const issuer = await session.keys.openByDid('organisation', session.manifest.owner.organisation.did);
  const certification = certificationStatus(session, section, issued);
  const card = await signAgentCard(buildAgentCard({ ...cardFacts(session.manifest, section), certification }), issuer, { kid: issuer.did });
  const verdict = await verifyAgentCard(card, [{ kid: issuer.did, publicKey: issuer.publicKey }]);
  if (!verdict.ok) throw new Fault('REFUSED', `the card would not verify: ${verdict.because}`, { hint: 'agentctl identity verify' });
  const text = `${canonical(card)}\n`;
  const certificate = String(issued.data['certificate']);
  const validUntil = String(issued.data['validUntil']);
  await recordEvidence(session, 'trust', { type: 'trust.carded', validUntil, data: { deliverable: digestBytes(text), certificate } }, { artifacts: [{ file: 'agent-card.json', text }] });
  return outcome({
    step: 'trust', verb: 'card', headline: `the card of ${String(card['name'])} is signed: certified until ${readable(validUntil)}`,
    facts: [
      { label: 'skills', value: session.manifest.capabilities.map((item) => item.id).join(', ') },
      { label: 'certificate', value: certificate },
      { label: 'written', value: 'artifacts/agent-card.json' },
    ],
    next: 'agentctl trust publish',
    data: { card: card as Json, certificate },
  });
};

/** @throws {Fault} MANIFEST_INVALID */
export function trustSectionOf({ manifest }: Pick<Session, 'manifest'>): TrustSection {
  const section = manifest['trust'];
  if (section === undefined) throw new Fault('MANIFEST_INVALID', 'agent.yaml has no section "trust"', { at: 'agent.yaml', hint: 'agentctl explain trust' });
  // The manifest was validated against the schema of this section.
  return section as unknown as TrustSection;
}

/** The newest certificate, if it still stands: nobody is told "certified" on the strength of a stale one. @throws {Fault} BLOCKED */
export async function currentCertificate(session: Session): Promise<Entry> {
  const issued = await session.store.latest(session.chain, 'certificate.issued');
  if (!issued) throw new Fault('BLOCKED', 'there is no certificate to publish', { hint: 'agentctl certify --as <operator>' });
  const [stale] = await staleness(session, issued, await gateTime(session));
  if (stale !== undefined) throw new Fault('BLOCKED', `the certificate no longer stands: ${stale}`, { hint: 'agentctl certify --as <operator>' });
  if (issued.data['build'] !== session.build.digest) throw new Fault('BLOCKED', 'the certificate is about another build', { hint: 'agentctl apply' });
  return issued;
}

function certificationStatus({ agent, manifest }: Session, { publish }: TrustSection, issued: Entry): CertificationStatus {
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  return {
    status: 'certified', did: agent.did, issuer: manifest.owner.organisation.did, build: issued.data['build'] as Digest,
    certificate: String(issued.data['certificate']), validUntil: String(issued.data['validUntil']),
    ...(publish.base === undefined ? {} : { certificateUrl: `${publish.base}/${PUBLISHED.certificate}` }),
  };
}
