/** `identity verify`: walks ownership both ways, and proves that a request leaves signed and is refused once changed. */
import { ownershipOf } from '../../attestation/ownership.js';
import { signRequest, verifyRequest } from '../../identity/http-signature.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { readBlobText, recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import type { Verb } from '../verb.js';

export const run: Verb = async (session) => {
  const { store, chain, manifest, keys, world, agent } = session;
  const registered = await store.latest(chain, 'identity.registered');
  if (!registered || agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  const credential = (await readBlobText(store, registered.data['credential'])) ?? '';
  const acceptance = (await readBlobText(store, registered.data['acceptance'])) ?? '';
  const ownership = await ownershipOf(credential, acceptance, { agent: agent.did, organisation: manifest.owner.organisation.did });
  const signature = await selfTest(session);
  const ok = ownership.ok && signature === 'verified';
  if (ok) await recordEvidence(session, 'identity', { type: 'identity.verified', data: { ownership: 'holds', signature } });
  return outcome({
    step: 'identity', verb: 'verify', headline: ok ? 'identity holds in both directions' : 'identity does not hold',
    facts: [
      { label: 'organisation says', value: ownership.ok ? `${manifest.owner.organisation.did} owns ${agent.did}` : ownership.problem },
      { label: 'agent says', value: ownership.ok ? 'it is owned by that organisation' : 'see above' },
      { label: 'signed request', value: signature === 'verified' ? 'a signed request verifies; the same request with one changed byte is refused' : signature },
    ],
    next: ok ? 'agentctl identity key issue' : 'agentctl identity register',
    data: { ownership: ownership.ok ? 'holds' : ownership.problem, signature, at: world.clock.now() },
  }, ok ? EXIT.yes : EXIT.untrustworthy);

  async function selfTest({ keys: store }: Pick<typeof session, 'keys'>): Promise<string> {
    const signer = await store.open({ role: 'agent', name: chain });
    const created = world.clock.now();
    const request = await signRequest({ method: 'POST', url: 'https://self-test.invalid/', headers: { 'content-type': 'application/json' }, body: '{"self":"test"}' }, { signer, agent: { version: manifest.metadata.version, build: agent.build }, created, nonce: world.random.bytes(16) });
    const honest = await verifyRequest(request, signer.publicKey, created, () => false);
    const altered = await verifyRequest({ ...request, body: '{"self":"tesT"}' }, signer.publicKey, created, () => false);
    if (!honest.ok) return `a signed request does not verify: ${honest.because}`;
    return altered.ok ? 'a changed request still verifies' : 'verified';
  }
};
