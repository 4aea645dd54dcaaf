/** `identity prove`: answers a counterparty's challenge with the agent's key, if it asks this agent and is open. */
import { envelopeText, signEnvelope } from '../../attestation/dsse.js';
import { EXIT, Fault } from '../../domain/fault.js';
import { readable } from '../../domain/time.js';
import { didWebOf } from '../../identity/did-document.js';
import { challengeBytes, POSSESSION, untimely } from '../../identity/possession.js';
import type { IdentitySection } from '../../steps/01-identity.js';
import { outcome } from '../outcome.js';
import { refuseExisting } from '../refuse-existing.js';
import { absolute } from '../trust-roots.js';
import { requiredOption, textOption, type Verb } from '../verb.js';
import { readChallenge } from './read-challenge.js';

export const run: Verb = async ({ world, agent, keys, chain, manifest }, input) => {
  const file = requiredOption(input, 'challenge', 'agentctl identity prove --challenge challenge.json --domain shop.example.com');
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'the agent is not registered', { hint: 'agentctl identity register' });
  const challenge = await readChallenge(world, file);
  const late = untimely(challenge, world.clock.now());
  if (late !== undefined) throw new Fault('REFUSED', late, { at: file, hint: 'ask for another one' });
  const domain = textOption(input, 'domain');
  // A challenge that was passed on: its answer would let the one who passed it on in somewhere else.
  if (domain !== undefined && domain !== challenge.domain) throw new Fault('REFUSED', `${challenge.domain} asks, not ${domain}`, { at: file });
  const web = (manifest['identity'] as IdentitySection | undefined)?.web;
  const signer = await keys.open({ role: 'agent', name: chain });
  if (challenge.did !== signer.did && challenge.did !== (web && didWebOf(web))) throw new Fault('REFUSED', `the challenge asks for ${challenge.did}, whose key is not the agent's`, { at: file, hint: `it has to be made --for ${signer.did}` });
  const proof = envelopeText(await signEnvelope(POSSESSION, challengeBytes(challenge), signer));
  const out = textOption(input, 'out');
  if (out === undefined) return { kind: 'text', exit: EXIT.yes, data: { text: proof } };
  await refuseExisting(world, absolute(world, out));
  await world.files.write(absolute(world, out), proof);
  return outcome({
    step: 'identity', verb: 'prove', headline: `${challenge.did} answers ${challenge.domain}`,
    facts: [
      { label: 'proof', value: out },
      { label: 'counts', value: `once, with ${challenge.domain}, until ${readable(challenge.expires)}` },
    ],
    next: `agentctl identity check-proof --challenge ${file} --proof ${out}`,
    data: { did: challenge.did, domain: challenge.domain, file: out },
  });
};
