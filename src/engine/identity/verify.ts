/** `identity verify`: walks ownership both ways, with --online over what is published, and proves that a request leaves signed and is refused once changed. */
import { ownershipOf } from '../../attestation/ownership.js';
import { signRequest, verifyRequest } from '../../identity/http-signature.js';
import { combineExits, EXIT, Fault } from '../../domain/fault.js';
import { keyRecords } from '../key-history.js';
import { readBlobText, recordEvidence } from '../session.js';
import { outcome } from '../outcome.js';
import { proposedNext } from '../proposed.js';
import type { Verb } from '../verb.js';
import { onlineLinks, publishedAsRecorded } from './online.js';

export const run: Verb = async (session, input) => {
  const { store, chain, manifest, keys, world, agent } = session;
  const registered = await store.latest(chain, 'identity.registered');
  if (!registered || agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  const credential = (await readBlobText(store, registered.data['credential'])) ?? '';
  const acceptance = (await readBlobText(store, registered.data['acceptance'])) ?? '';
  const { histories } = await keyRecords(store, manifest);
  const ownership = await ownershipOf(credential, acceptance, { agent: agent.did, organisation: manifest.owner.organisation.did }, histories);
  const signature = await selfTest(session);
  const documents = { agent: registered.data['didDocument'], organisation: registered.data['organisationDocument'] };
  const links = input.options['online'] !== true ? [] : await onlineLinks(session, {
    agent: histories(agent.did), organisation: histories(manifest.owner.organisation.did), ownership, credential, acceptance, documents,
  });
  const holds = ownership.ok && signature === 'verified';
  // What nobody answers to is open, and takes nothing away from what was verified here.
  const ok = holds && links.every((one) => one.is !== 'no');
  const exit = combineExits([holds ? EXIT.yes : EXIT.untrustworthy, ...links.map((one) => one.exit)]);
  const published = publishedAsRecorded(links, documents);
  if (ok) await recordEvidence(session, 'identity', { type: 'identity.verified', data: { ownership: 'holds', signature, ...(published.length > 0 ? { published: [...published] } : {}) } });
  return outcome({
    step: 'identity', verb: 'verify', headline: !ok ? 'identity does not hold' : exit === EXIT.yes ? 'identity holds in both directions' : 'identity holds here; what is published does not confirm all of it',
    facts: [
      { label: 'organisation says', value: ownership.ok ? `${manifest.owner.organisation.did} owns ${agent.did}` : ownership.problem },
      { label: 'agent says', value: ownership.ok ? 'it is owned by that organisation' : 'see above' },
      { label: 'signed request', value: signature === 'verified' ? 'a signed request verifies; the same request with one changed byte is refused' : signature },
    ],
    ...(links.length > 0 ? { tables: [{ title: 'Published', columns: ['link', 'is', 'because'], rows: links.map((one) => [one.link, one.is, one.because]) }] } : {}),
    next: !holds ? 'agentctl identity register' : exit === EXIT.yes ? await proposedNext(session) : 'publish what identity register wrote, then agentctl identity verify --online',
    data: { ownership: ownership.ok ? 'holds' : ownership.problem, signature, at: world.clock.now(), ...(links.length > 0 ? { links: links.map((one) => ({ ...one })) } : {}) },
  }, exit);

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
