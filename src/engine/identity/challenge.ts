/** `identity challenge`: what a counterparty asks of an agent that says it is a DID. Needs no agent.yaml, no store and no key. */
import { canonical } from '../../domain/canonical.js';
import { EXIT } from '../../domain/fault.js';
import { makeChallenge } from '../../identity/possession.js';
import { givenDid } from '../given-did.js';
import { requiredOption, textOption, type OutsideVerb } from '../verb.js';

const EXAMPLE = 'agentctl identity challenge --for did:key:z6Mk… --domain shop.example.com > challenge.json';

export const run: OutsideVerb = async ({ world }, input) => {
  const challenge = makeChallenge({
    did: givenDid(requiredOption(input, 'for', EXAMPLE), '--for'), domain: requiredOption(input, 'domain', EXAMPLE),
    nonce: world.random.bytes(32), now: world.clock.now(), ttl: textOption(input, 'ttl') ?? 'PT5M',
  });
  return { kind: 'text', exit: EXIT.yes, data: { text: `${canonical({ ...challenge })}\n`, value: { ...challenge } } };
};
