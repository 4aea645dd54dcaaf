/** The one way in which agentctl calls somebody for the agent: signed with the agent's key, and on record. */
import { jwkThumbprint, signRequest } from '../identity/http-signature.js';
import { Fault } from '../domain/fault.js';
import type { HttpRequest, HttpResponse } from '../domain/ports.js';
import { record, type Session } from './session.js';

const TIMEOUT = 10_000;

/**
 * Signs, sends and records a request, whether or not an answer comes.
 * @throws {Fault} NETWORK after the attempt is recorded; EVIDENCE_MISSING for an agent without an identity; KEY_MISSING
 */
export async function sendSigned(session: Session, request: HttpRequest, timeout = TIMEOUT): Promise<HttpResponse> {
  const { world, keys, chain, agent, manifest } = session;
  if (agent.did === null) throw new Fault('EVIDENCE_MISSING', 'a signed request needs an agent with a DID', { hint: 'agentctl identity register' });
  const signer = await keys.open({ role: 'agent', name: chain });
  const signed = await signRequest(request, { signer, agent: { version: manifest.metadata.version, build: agent.build }, created: world.clock.now(), nonce: world.random.bytes(16) });
  const note = (status: number | null) => record(session, {
    type: 'request.signed',
    data: { method: signed.method, authority: new URL(signed.url).host, keyId: jwkThumbprint(signer.publicKey), contentDigest: signed.headers['content-digest'] ?? null, status },
  });
  let response: HttpResponse;
  try {
    response = await world.http.send(signed, timeout);
  } catch (cause) {
    await note(null);
    throw cause;
  }
  await note(response.status);
  return response;
}
