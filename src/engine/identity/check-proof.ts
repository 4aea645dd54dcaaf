/** `identity check-proof`: does whoever answered hold the key of the DID? Offline for a did:key, and each answer counts once. */
import { link } from '../../attestation/certificate-links.js';
import { openEnvelope, payloadOf, readEnvelope, type Envelope } from '../../attestation/dsse.js';
import { combineExits, EXIT, Fault } from '../../domain/fault.js';
import type { World } from '../../domain/ports.js';
import type { LinkView } from '../../domain/report.js';
import { readable } from '../../domain/time.js';
import { keyOfDid } from '../../identity/did-key.js';
import { keysFor, speaksAt } from '../../identity/did-resolver.js';
import { challengeBytes, POSSESSION, untimely, type Challenge } from '../../identity/possession.js';
import { outcome } from '../outcome.js';
import { resolveDid } from '../resolve-did.js';
import { absolute } from '../trust-roots.js';
import { requiredOption, textOption, type OutsideVerb } from '../verb.js';
import { readChallenge, readSmall } from './read-challenge.js';

const EXAMPLE = 'agentctl identity check-proof --challenge challenge.json --proof proof.dsse.json';

export const run: OutsideVerb = async ({ world }, input) => {
  const challenge = await readChallenge(world, requiredOption(input, 'challenge', EXAMPLE));
  const proof = requiredOption(input, 'proof', EXAMPLE);
  const envelope = readEnvelope(await readSmall(world, proof), proof);
  const folder = textOption(input, 'nonceStore');
  const links = [answerLink(challenge, envelope), await keyLink(world, challenge, envelope), timeLink(challenge, world)];
  // Only an answer that counts uses its challenge up: otherwise anybody could use it up with a false one.
  if (links.every((one) => one.is === 'yes')) links.push(await onceLink(world, challenge, folder === undefined ? world.surroundings.configFolder : absolute(world, folder)));
  const open = links.find((one) => one.is !== 'yes');
  return outcome({
    step: 'identity', verb: 'check-proof', headline: open === undefined ? `yes: whoever answered holds a key of ${challenge.did}` : `no: ${open.because}`,
    facts: [{ label: 'asked by', value: challenge.domain }],
    tables: [{ title: 'Links', columns: ['link', 'is', 'because'], rows: links.map((one) => [one.link, one.is, one.because]) }],
    next: open === undefined ? null : `agentctl identity challenge --for ${challenge.did} --domain ${challenge.domain}`,
    data: { ok: open === undefined, did: challenge.did, domain: challenge.domain, links: links.map((one) => ({ ...one })) },
  }, combineExits(links.map((one) => one.exit)));
};

/** Is it an answer, and to this challenge: same DID, asker, nonce and times? */
function answerLink(challenge: Challenge, envelope: Envelope): LinkView {
  if (envelope.payloadType !== POSSESSION) return link('answer', 'no', `what was signed is ${JSON.stringify(envelope.payloadType.slice(0, 100))}, no answer to a challenge`, EXIT.untrustworthy);
  if (!Buffer.from(payloadOf(envelope)).equals(challengeBytes(challenge))) return link('answer', 'no', 'the answer is to another challenge', EXIT.no);
  return link('answer', 'yes', 'it answers exactly this challenge', EXIT.yes);
}

/** Did a key sign that the DID lists for authentication? A key for statements only may not log anybody in. */
async function keyLink(world: World, { did }: Challenge, envelope: Envelope): Promise<LinkView> {
  const keys = keysFor(await resolveDid(world, did), 'authentication').filter((key) => speaksAt([key], key.did, world.clock.now()));
  if (envelope.signatures.length !== 1) return link('key', 'no', `the answer carries ${envelope.signatures.length} signatures instead of one`, EXIT.untrustworthy);
  try {
    const { key } = await openEnvelope({ ...envelope }, keys.map((one) => ({ keyid: one.did, publicKey: keyOfDid(one.did) })));
    return link('key', 'yes', `signed by ${key.keyid}, a key of ${did}`, EXIT.yes);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'SIGNATURE_INVALID') throw error;
    return link('key', 'no', `the signature belongs to no key of ${did} for authentication`, EXIT.untrustworthy);
  }
}

function timeLink(challenge: Challenge, { clock }: World): LinkView {
  const late = untimely(challenge, clock.now());
  return late === undefined ? link('time', 'yes', `open until ${readable(challenge.expires)}`, EXIT.yes) : link('time', 'no', late, EXIT.indeterminate);
}

async function onceLink(world: World, { did, domain, nonce, expires }: Challenge, folder: string): Promise<LinkView> {
  const memory = await world.nonces.open(folder);
  try {
    if (await memory.seen(`possession ${domain} ${did}`, nonce, expires)) return link('once', 'no', 'the challenge was answered before', EXIT.no);
    return link('once', 'yes', 'answered for the first time', EXIT.yes);
  } finally {
    await memory.close();
  }
}
