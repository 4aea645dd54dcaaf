/** Certificates to measure with, and what has to be computed for each at the very least: bundled with the program's own code for the run. */
import { envelopeText, payloadOf, preAuthEncoding, type Envelope } from '../../../src/attestation/dsse.js';
import { canonical } from '../../../src/domain/canonical.js';
import { digestJson } from '../../../src/domain/digest.js';
import { fromBase64 } from '../../../src/identity/base-encoding.js';
import { signerOf } from '../../../src/identity/signer.js';
import { parseNote, parseVerifierKey, signCheckpointNote } from '../../../src/ledger/checkpoint.js';
import { keyOfDid } from '../../../src/identity/did-key.js';
import { certificate, log, LOG, NOW, ORIGIN, organisation, ownership, predicate, AGENT_ID, BUILD, SECTIONS } from '../../attestation/certified.js';

export { verifyCertificate } from '../../../src/attestation/verify-certificate.js';
export const check = { trust: [organisation.did], now: NOW, subject: { agent: AGENT_ID, build: BUILD, sections: SECTIONS }, allowScripted: false };

/** One signature that a certificate contains. */
interface Signed {
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}
export interface Sample {
  readonly text: string;
  readonly signed: readonly Signed[];
  /** What is hashed: the statement, the build, the candidate, the ownership credential. */
  readonly hashed: readonly Uint8Array[];
}

/** Of one organisation, each for an agent with a key of its own, and as long as a real one. */
export async function samples(count: number): Promise<readonly Sample[]> {
  const { pact, ...base } = await predicate();
  const conditions = Array.from({ length: 6 }, (_, index) => ({ ...(pact.conditions[0] ?? fail()), id: `condition-${index}` }));
  const unknown = Array.from({ length: 14 }, (_, index) => ({ row: `9.${index}`, because: `nobody could answer this row here, and this sentence says why at some length (${index})` }));
  const many: Sample[] = [];
  for (let index = 0; index < count; index += 1) {
    const agent = await signerOf(new Uint8Array(32).fill(index & 255).fill(index >> 8, 0, 4).fill(7, 30));
    const owned = await ownership(organisation, agent);
    const checkpoint = await signCheckpointNote({ origin: ORIGIN, size: 1000 + index, root: 'd'.repeat(64) }, log);
    const changes = { agent: { ...base.agent, did: agent.did }, ownership: owned, unknown, pact: { ...pact, conditions }, ledger: { ...base.ledger, size: 1000 + index, checkpoint } };
    const envelope = await certificate(changes);
    many.push({
      text: envelopeText(envelope),
      signed: [...[envelope, owned.credential, owned.acceptance, ...base.signOffs].map(signedOf), noteOf(checkpoint)],
      hashed: [payloadOf(envelope), payloadOf(owned.credential), bytes(canonical(BUILD)), bytes(canonical({ build: digestJson(BUILD), pact: pact.digest, sections: SECTIONS })), bytes(agent.did)],
    });
  }
  return many;
}


function signedOf(envelope: Envelope): Signed {
  const [one = fail()] = envelope.signatures;
  return { message: preAuthEncoding(envelope.payloadType, payloadOf(envelope)), publicKey: keyOfDid(one.keyid), signature: fromBase64(one.sig) };
}

function noteOf(checkpoint: string): Signed {
  const [one = fail()] = parseNote(checkpoint, 'checkpoint').signatures;
  return { message: bytes(parseNote(checkpoint, 'checkpoint').text), publicKey: parseVerifierKey(LOG).publicKey, signature: one.signature };
}

const bytes = (text: string) => new TextEncoder().encode(text);

function fail(): never {
  throw new Error('the fixture lacks something');
}
